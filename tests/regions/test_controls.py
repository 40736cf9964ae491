from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import analysis as searches
from na62dump import planning, provenance
from na62dump.configuration import load_text
from na62dump.errors import BlindingError, ConfigurationError
from na62dump.reconstruction import OF_TRACKS, Candidates, Rows, build, lines
from na62dump.regions import BlindingRecord, Plane, Policy, Record, Veil, blind, curtain, hidden_events
from tests.making import events_of, pointing_pair

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.regions import Opened

BOX = {"hidden": True, "opens_after": [], "shape": "box"}
SAME = {"name": "same charge", "inside": ["CR"], "column": "charge", "beyond": [-1, 1], "opens_after": []}
LATE = {"name": "late", "inside": ["CR", "SR"], "column": "dt", "beyond": ["-5 ns", "5 ns"], "opens_after": ["CR"]}
TABLES: dict[str, Any] = {
    "columns": ["cda_tax", "z_tax"],
    "region": [
        BOX | {"name": "SR", "x": ["0 mm", "20 mm"], "y": ["6 m", "40 m"], "opens_after": ["same charge"]},
        BOX | {"name": "CR", "x": ["0 mm", "150 mm"], "y": ["-4 m", "50 m"]},
        BOX | {"name": "V", "x": ["0 mm", "500 mm"], "y": ["-90 m", "90 m"], "hidden": False},
    ],
    "control": [SAME, LATE],
}
PLANE = load_text(TABLES, Plane, where="test")
X = st.one_of(st.floats(0, 300), st.just(float("nan")), st.sampled_from([0.0, 20.0, 150.0]))
Y = st.one_of(st.floats(-2e4, 8e4), st.just(float("nan")), st.sampled_from([6e3, 40e3, -4e3, 50e3]))
DT = st.one_of(st.floats(-9, 9), st.just(float("nan")), st.sampled_from([-5.0, 5.0]))
CHARGES = st.sampled_from([-2, -1, 0, 1, 2])
ROWS = st.lists(st.tuples(st.integers(0, 9), X, Y, CHARGES, DT), max_size=20)
VALUES = {"cuts": {"cda_max": 20.0}}


def candidates(made: list[tuple[int, float, float, int, float]]) -> Candidates:
    ordered = sorted(made, key=lambda row: row[0])
    names = ("cda_tax", "z_tax", "charge", "dt")
    values = {name: np.array([row[n] for row in ordered], dtype=np.float64) for n, name in enumerate(names, 1)}
    charge = values.pop("charge").astype(np.int8)
    n = len(ordered)
    legs = {"plus": np.arange(n), "minus": np.arange(n) + n}
    tracks = {"charge": np.concatenate([charge, np.zeros(n, dtype=np.int8)])}
    index = np.array([row[0] for row in ordered], dtype=np.int64)
    return Candidates(
        Rows(index, 10, {"event": np.arange(10)}, tracks, {}, values, legs, (), np.zeros(10, dtype=np.bool_))
    )


def record(name: str, values: dict[str, Any] | None = None) -> Record:
    made_of = values or VALUES
    digest = provenance.digest(made_of)
    return Record(analysis="mumu", region=name, date="2026-01-01", reason="agreed", digest=digest, values=made_of)


def opened(*names: str) -> Opened:
    records = tuple(record(name) for name in names)
    return BlindingRecord(record=records).opened("mumu", PLANE, digest=provenance.digest(VALUES))


# What is hidden


@given(ROWS, st.sampled_from([(), ("same charge",), ("CR",), ("CR", "late"), ("same charge", "CR", "late", "SR")]))
def test_an_open_control_sample_shows_its_rows_of_its_regions_and_no_others(
    made: list[tuple[int, float, float, int, float]], names: tuple[str, ...]
) -> None:
    bad = set()
    for event, x, y, charge, dt in made:
        in_sr, in_cr = x <= 20 and 6e3 <= y <= 40e3, x <= 150 and -4e3 <= y <= 50e3
        same, late = "same charge" in names and abs(charge) > 1, "late" in names and abs(dt) > 5
        of_sr = in_sr and "SR" not in names and not late
        of_cr = in_cr and "CR" not in names and not (same or late)
        if np.isnan(x) or np.isnan(y) or of_sr or of_cr:
            bad.add(event)
    hidden = hidden_events(candidates(made), [PLANE], policy=Policy("data", opened(*names))).events
    assert set(np.flatnonzero(hidden).tolist()) == bad


@given(ROWS)
def test_opening_a_control_sample_never_hides_more(made: list[tuple[int, float, float, int, float]]) -> None:
    rows = candidates(made)
    closed = hidden_events(rows, [PLANE], policy=Policy("data")).events
    assert not (hidden_events(rows, [PLANE], policy=Policy("data", opened("same charge"))).events & ~closed).any()


def test_a_same_charge_pair_does_not_show_the_opposite_charge_pair_of_its_event() -> None:
    made = [(1, 100.0, 20e3, 2, 0.0), (2, 100.0, 20e3, -2, 0.0), (2, 100.0, 20e3, 0, 0.0), (3, 100.0, 20e3, 0, 0.0)]
    seen = blind(candidates(made), [PLANE], policy=Policy("data", opened("same charge"))).rows
    assert seen.event.tolist() == [1]
    assert not len(blind(candidates(made), [PLANE], policy=Policy("data")).rows)


def test_an_undefined_column_belongs_to_no_control_sample() -> None:
    (control,) = (control for control in PLANE.control if control.name == "late")
    nan = float("nan")
    assert control.holds(np.array([nan, -5.1, -5.0, 0.0, 5.0, 5.1])).tolist() == [
        False, True, False, False, False, True,
    ]  # fmt: skip


def test_a_control_sample_of_one_analysis_shows_nothing_in_the_regions_of_another() -> None:
    rows = candidates([(1, 100.0, 20e3, 2, 0.0)])
    behind = curtain([Veil(rows, PLANE)], n_events=10)
    policy = Policy("data", opened("same charge"))
    assert len(blind(rows, [PLANE], policy=policy).rows) == 1
    assert not len(blind(rows, [PLANE], policy=policy, behind=behind).rows)
    assert len(
        blind(rows, [PLANE], policy=policy, behind=curtain([Veil(rows, PLANE, policy.opened)], n_events=10)).rows
    )


def test_rows_that_do_not_know_the_column_stay_closed_by_an_error() -> None:
    rows = candidates([(1, 100.0, 20e3, 2, 0.0)]).rows
    without = Candidates(replace(rows, tracks={}))
    assert hidden_events(without, [PLANE], policy=Policy("data")).events[1]
    with pytest.raises(LookupError, match="no quantity 'charge'"):
        hidden_events(without, [PLANE], policy=Policy("data", opened("same charge")))


# How it is opened


def test_control_samples_and_regions_wait_for_each_other() -> None:
    assert opened("same charge", "SR").regions == {"same charge", "SR"}
    with pytest.raises(BlindingError, match="late of mumu opens only after CR: open that first"):
        opened("late")
    with pytest.raises(BlindingError, match="SR of mumu opens only after same charge"):
        opened("CR", "SR")
    with pytest.raises(BlindingError, match="'same' is no hidden region of mumu; did you mean 'same charge'"):
        opened("same")


def test_a_record_of_another_digest_opens_no_control_sample() -> None:
    records = BlindingRecord(record=(record("same charge", {"cuts": {}}),))
    assert not records.opened("mumu", PLANE, digest=provenance.digest(VALUES)).regions
    (line,) = records.remarks("mumu", PLANE, values=VALUES)
    assert line.startswith("same charge of mumu was opened on 2026-01-01 for other values")


# What may be declared


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"column": "chrage"}, "'chrage' is no quantity of two tracks .*; did you mean 'charge'"),
        ({"column": "n_lav"}, "'n_lav' is no quantity of two tracks that every view of them knows"),
        ({"column": "photon_dt"}, "'photon_dt' is no quantity of two tracks"),
        ({"column": "mass"}, "'mass' depends on what tracks and photons are taken for"),
        ({"column": "swapped"}, "'swapped' depends on what tracks and photons are taken for"),
        ({"inside": []}, "at least 1 item"),
        ({"inside": ["CR2"]}, "control sample 'C' is inside 'CR2', no hidden region; did you mean 'CR'"),
        ({"inside": ["CR", "V"]}, "control sample 'C' is inside 'V', no hidden region"),
        ({"name": "CR"}, "must differ from each other and from 'outside' and 'undefined'"),
        ({"name": "outside"}, "must differ"),
        ({"name": "undefined"}, "must differ"),
        ({"name": "same charge"}, "must differ"),
        ({"opens_after": ["nowhere"]}, "opens_after names no region 'nowhere'"),
        ({"opens_after": ["V"]}, "opens_after names 'V', which is not hidden"),
        ({"beyond": ["-5", "5 ns"]}, "'-5' is no time"),
        ({"beyond": ["-5 mm", "5 mm"]}, "has the unit 'mm', which is no time"),
        ({"beyond": ["5 ns", "-5 ns"]}, r"the low edge 5\.0 must not be above the high edge -5\.0"),
        ({"column": "charge", "beyond": ["-1 e", "1 e"]}, "valid number"),
    ],
)
def test_a_mistake_in_a_control_sample_is_one_clear_line(change: dict[str, Any], told: str) -> None:
    tables = TABLES | {"control": [SAME, LATE | {"name": "C"} | change]}
    with pytest.raises(ConfigurationError, match=told) as caught:
        load_text(tables, Plane, where="regions.toml")
    assert "regions.toml" in str(caught.value)
    assert len(str(caught.value).splitlines()) == (2 if "valid number" in told else 1)


def test_control_samples_come_back_from_json() -> None:
    back = Plane.model_validate_json(PLANE.model_dump_json())
    assert back == PLANE
    assert [control.beyond for control in back.control] == [(-1.0, 1.0), (-5.0, 5.0)]


def test_a_control_sample_is_part_of_the_digest() -> None:
    search = searches.load("mumu")
    without = replace(search, plane=search.plane.model_copy(update={"control": ()}))
    assert without.digest != search.digest


def test_a_control_sample_of_tracks_that_are_not_there_is_refused() -> None:
    search = searches.load("gg")
    control = searches.load("mumu").plane.control[0].model_copy(update={"fails": ""})
    wrong = replace(search, plane=search.plane.model_copy(update={"control": (control,)}))
    with pytest.raises(ConfigurationError, match="control sample 'same charge' of gg is told by 'charge'"):
        planning.check(wrong)


def test_the_documentation_names_every_column_that_may_tell_a_control_sample(repository: Path) -> None:
    (told,) = re.findall(
        r"whichever photons are beside them:\n(.*?)\.\n", (repository / "docs" / "blinding.md").read_text(), re.DOTALL
    )
    assert set(re.findall(r"`(\w+)`", told)) == OF_TRACKS


# What is shipped

POINTING = [name for name in searches.beside(searches.load("mumu").path) if name != "gg"] + ["mumu"]


@pytest.mark.parametrize("name", sorted(POINTING))
def test_shipped_control_samples_are_what_no_candidate_is(name: str) -> None:
    search = searches.load(name)
    if search.plane.columns != ("cda_tax", "z_tax"):
        assert not search.plane.control
        return
    same, late = search.plane.control
    assert (same.name, same.column, same.beyond) == ("same charge", "charge", (-1.0, 1.0))
    cuts: Any = search.cuts
    assert (late.name, late.column) == ("out of time", "dt")
    assert late.beyond == (-cuts.tracks.dt_pair_max, cuts.tracks.dt_pair_max)
    assert set(same.inside) == set(late.inside) == search.plane.hidden == {"CR", "SR"}
    needed = planning.needs(search, "data")
    assert "control sample 'same charge'" in needed["Track_charge"]
    assert "control sample 'out of time'" in needed["Track_time"]


@pytest.mark.parametrize("name", ["mumu", "pimu", "pipig"])
def test_what_tells_a_control_sample_is_known_by_every_view(name: str) -> None:
    search = searches.load(name)
    event = pointing_pair(23e3, 5.0)
    event.elements["Track"][0] |= {"time": 6.0, "charge": -1}
    event.elements["LKr"] = [{"x": 500.0, "y": -200.0, "energy": 30e3, "time": 3.0}]
    events = events_of([event])
    whole = build(events, search.geometry, matching=search.matching, final_state=search.file.final_state).rows
    for view in search.views:
        state = view.final_state
        rows = lines(events, search.geometry, matching=search.matching, final_state=state).rows
        for column in sorted(OF_TRACKS):
            assert set(rows.quantity(column).tolist()) <= set(whole.quantity(column).tolist())
        if len(rows):
            assert rows.charge.tolist() == [-2] * len(rows)
