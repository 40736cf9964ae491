from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import tables
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.reach import ENOUGH
from na62dump.signal.flux import Flux, Grid
from na62dump.signal.model import Channel, Coupling, Mode, Model
from na62dump.signal.residuals import WIDTHS
from na62dump.signal.standard import HBARC
from na62dump.signal.yields import Expected, Part
from tests.plotting.signal_samples import BREMSSTRAHLUNG, ETA, acceptance, expected

if TYPE_CHECKING:
    from collections.abc import Callable

    from na62dump.tables import Table

    Rows = tuple[tuple[Any, ...], ...]


def rows_of(table: Table) -> Rows:
    return table.rows


def by(table: Table, column: str) -> list[Any]:
    return [row[table.columns.index(column)] for row in table.rows]


def small(events: list[list[list[float]]], *, unit: str = "1") -> Expected:
    """Two channels of one search, with errors of a tenth by statistics and of one source by theory."""
    values = np.array(events)
    return Expected(
        model="toy",
        label="X",
        coupling={"name": "g", "label": "$g$", "unit": unit},
        digests={},
        protons=1e17,
        protons_uncertainty=0.2,
        masses=np.linspace(100.0, 200.0, values.shape[1]),
        couplings=np.geomspace(1e-3, 1e-1, values.shape[2]),
        parts=tuple(Part("mumu", channel, "mumu", "SR") for channel in (ETA, BREMSSTRAHLUNG)),
        events=values,
        statistical=values / 10,
        residuals=np.full((1, values.shape[1], len(WIDTHS)), np.nan),
        uncertainties={ETA: {"one": 0.5}, BREMSSTRAHLUNG: {"one": 0.25}},
        uncovered=(),
    )


HAND = small([[[1.0, 3.0, 2.0], [0.0, 0.0, 0.0]], [[0.0, 4.0, 1.0], [0.0, 1.0, 0.0]]])


def test_reach_is_what_a_hand_makes_of_it() -> None:
    table = tables.yields(HAND)
    assert table.columns[:4] == ("search", "region", "mass [MeV]", "best g")
    assert table.columns[-2:] == ("more than 2.3 events from g", "to g")
    first, second = rows_of(table)
    # statistical errors add in quadrature, those of one source by theory linearly
    errors = (pytest.approx(0.5), pytest.approx(0.5 * 3 + 0.25 * 4))
    assert first == ("mumu", "SR", 100.0, pytest.approx(1e-2), 7.0, *errors, pytest.approx(1e-2), pytest.approx(1e-1))
    assert second == ("mumu", "SR", 200.0, pytest.approx(1e-2), 1.0, 0.1, 0.25, None, None)


def test_where_nothing_is_expected_no_coupling_is_the_best() -> None:
    (row, _) = rows_of(tables.yields(small(np.zeros((2, 2, 3)).tolist())))
    assert row == ("mumu", "SR", 100.0, None, 0.0, 0.0, 0.0, None, None)
    assert tables.channels(small(np.zeros((2, 2, 3)).tolist())).rows == ()


def test_couplings_have_their_unit() -> None:
    table = tables.yields(small(HAND.events.tolist(), unit="1/GeV"))
    assert table.columns[3] == "best g [1/GeV]"


def test_several_searches_are_also_together() -> None:
    every = expected()
    table = tables.yields(every, most=5)
    assert list(dict.fromkeys(by(table, "search"))) == ["mumu", "pipi", "all"]
    assert len(table.rows) == 3 * 5
    largest = every.total(region="SR").max(axis=1)
    assert by(table, "events")[-5:] == pytest.approx(largest[[0, 10, 20, 30, 40]])
    assert len(tables.yields(every, most=None).rows) == 3 * len(every.masses)
    assert "not simulated: 1 of its parts" in table.title


def test_each_region_is_counted_on_its_own() -> None:
    table = tables.yields(expected(), regions=("SR", "CR"), most=1)
    found = {row[:2]: row[4] for row in rows_of(table)}
    assert found["mumu", "CR"] == pytest.approx(0.05 * found["mumu", "SR"])


@given(st.lists(st.floats(0, 100), min_size=24, max_size=24))
def test_within_the_reach_there_is_enough(numbers: list[float]) -> None:
    one = small(np.reshape(numbers, (2, 3, 4)).tolist())
    for mass, row in enumerate(rows_of(tables.yields(one))):
        total = one.total()[mass]
        assert (row[-1] is None) == bool(np.all(total <= ENOUGH))
        if row[-1] is not None:
            assert row[-2] <= row[3] <= row[-1]
            inside = (one.couplings >= row[-2]) & (one.couplings <= row[-1])
            assert np.all(total[~inside] <= ENOUGH)


@given(st.lists(st.floats(0.01, 100), min_size=24, max_size=24))
def test_shares_add_up_to_one(numbers: list[float]) -> None:
    table = tables.channels(small(np.reshape(numbers, (2, 3, 4)).tolist()), least=0)
    for mass in set(by(table, "mass [MeV]")):
        shares = [row[4] for row in rows_of(table) if row[0] == mass]
        assert sum(shares) == pytest.approx(1)
        assert shares == sorted(shares, reverse=True)


def test_channels_are_those_of_the_coupling_with_most_events() -> None:
    first, second, third = rows_of(tables.channels(HAND))
    at = (100.0, pytest.approx(1e-2))
    assert first == (*at, BREMSSTRAHLUNG, "mumu", pytest.approx(4 / 7), 4.0, pytest.approx(0.4), 1.0)
    assert second == (*at, ETA, "mumu", pytest.approx(3 / 7), 3.0, pytest.approx(0.3), 1.5)
    assert third[2:5] == (BREMSSTRAHLUNG, "mumu", 1.0)


def test_small_shares_are_left_out_if_asked() -> None:
    table = tables.channels(HAND, least=0.5)
    assert by(table, "share") == [pytest.approx(4 / 7), 1.0]
    assert "shares of at least 0.5" in table.title


@pytest.mark.parametrize("table", [tables.yields, tables.channels])
def test_an_unknown_region_is_refused(table: Callable[..., Table]) -> None:
    with pytest.raises(UnknownNameError, match="no expected numbers of 'toy' in a region 'VR'; did you mean 'SR'"):
        table(expected(), regions=["VR"])


def test_what_is_not_covered_is_listed() -> None:
    assert tables.uncovered(expected()).rows == (("D decay -> pipi (pipi)", "220 to 300 MeV"),)
    assert tables.uncovered(HAND).rows == ()


def test_samples_have_their_efficiencies_with_errors() -> None:
    table = tables.acceptance(acceptance())
    assert len(table.rows) == 8
    row = dict(zip(table.columns, rows_of(table)[1], strict=True))
    assert (row["mass [MeV]"], row["channel"], row["final state"]) == (300.0, ETA, "mumu")
    assert (row["decays"], row["selected"], row["share"]) == (10_000, 2_000, 0.25)
    assert row["Control trigger"] == pytest.approx(70 / 75)
    assert row["Q1 trigger"] == pytest.approx(221 / 225)
    assert row["Q1 -"] > row["Q1 +"] > 0
    assert (row["offset [MeV]"], row["resolution [MeV]"]) == (pytest.approx(-0.2), pytest.approx(1.5))


def test_what_is_not_measured_is_not_shown() -> None:
    table = tables.acceptance(acceptance(measured=False))
    assert table.columns[6:] == ("offset [MeV]", "resolution [MeV]")
    assert by(table, "resolution [MeV]") == [None] * 8


def test_a_line_that_no_event_had_has_no_efficiency() -> None:
    whole = acceptance()
    first = replace(whole.samples[0], trigger={"Q1": (0, 0)})
    table = tables.acceptance(replace(whole, samples=(first, *whole.samples[1:])))
    assert (by(table, "Q1 trigger")[0], by(table, "Control trigger")[0]) == (None, None)


def flux(_mass: float) -> Flux:
    return Flux(Grid(np.array([1e3, 2e3]), np.array([0.0, 0.1])), np.ones((1, 1)))


MODEL = Model(
    name="toy",
    label="X",
    pdg=1,
    coupling=Coupling("g", "$g$", "1/GeV", 1e-8, 1e-3, production_power=1, width_power=2),
    channels=(
        Channel(ETA, "meson decay", 0.0, 300.0, lambda mass: 1e-3 * mass, flux),
        Channel("never", "meson decay", 0.0, 1.0, lambda mass: mass, flux),
    ),
    modes=(
        Mode("mu mu", lambda mass: 3e-3 if mass > 200 else 0.0, "mumu"),
        Mode("e e", lambda mass: 1e-3 if mass > 50 else 0.0, "ee"),
        Mode("K K", lambda _mass: 0.0, "kk"),
    ),
    mass_min=10.0,
    mass_max=400.0,
)


def test_theory_is_told_without_a_detector() -> None:
    table = tables.model(MODEL, [20.0, 100.0, 250.0, 350.0], coupling=1e-2)
    assert table.columns == ("what", "20 MeV", "100 MeV", "250 MeV", "350 MeV")
    rows = {row[0]: row[1:] for row in rows_of(table)}
    assert rows["total width at g = 1 1/GeV [MeV]"] == (0.0, 1e-3, 4e-3, 4e-3)
    length = pytest.approx(HBARC / (4e-3 * 1e-4))
    assert rows["c tau [mm]"] == (None, pytest.approx(HBARC / (1e-3 * 1e-4)), length, length)
    assert rows["into mu mu"] == (None, 0.0, 0.75, 0.75)
    assert rows["into e e"] == (None, 1.0, 0.25, 0.25)
    # the power of production, not that of the widths
    assert rows[f"per proton by {ETA}"] == pytest.approx((2e-4, 1e-3, 2.5e-3, 0.0))
    assert rows["per proton, all"] == pytest.approx((2e-4, 1e-3, 2.5e-3, 0.0))


def test_rows_of_nothing_are_left_out_but_not_the_width() -> None:
    names = [row[0] for row in tables.model(MODEL, [20.0], coupling=1e-2).rows]
    assert names == ["total width at g = 1 1/GeV [MeV]", "c tau [mm]", f"per proton by {ETA}", "per proton, all"]


@pytest.mark.parametrize(
    ("mass", "coupling", "message"),
    [
        (500.0, 1e-2, "toy is known from 10 to 400 MeV, and not at 500 MeV"),
        (100.0, 0.0, "g = 0: a coupling has to be above 0"),
        (100.0, float("inf"), "g = inf: a coupling has to be above 0"),
    ],
)
def test_what_the_model_does_not_know_is_refused(mass: float, coupling: float, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        tables.model(MODEL, [mass], coupling=coupling)


def test_all_are_json() -> None:
    every = [tables.yields(HAND), tables.channels(HAND), tables.uncovered(expected()), tables.acceptance(acceptance())]
    for table in [*every, tables.model(MODEL, [100.0], coupling=1e-2)]:
        assert json.loads(json.dumps(table.to_json(), allow_nan=False))["title"] == table.title


def test_alternatives_are_not_added_up() -> None:
    parts = (Part("mumu", ETA, "mumu", "SR"), Part("pipi", ETA, "pipi", "SR"))
    product = {"product": "BR x BR", "product_label": "$BR$", "product_value": "1e-10"}
    both = replace(HAND, parts=parts, residuals=np.concatenate([HAND.residuals, HAND.residuals]))
    free = replace(both, coupling={**HAND.coupling, **product})
    assert set(by(tables.yields(both), "search")) == {"mumu", "pipi", "all"}
    assert set(by(tables.yields(free), "search")) == {"mumu", "pipi"}
    assert max(by(tables.channels(both), "share")[:2]) < 1
    assert by(tables.channels(free), "share")[:2] == [1.0, 1.0]
