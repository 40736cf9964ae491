from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import tables
from na62dump.cutflow import Cutflow
from na62dump.errors import UnknownNameError
from na62dump.regions import Box, Ellipse
from na62dump.results import Varied
from tests.worlds import declared, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.results import Result

    Rows = tuple[tuple[Any, ...], ...]  # text and numbers, which the tests tell apart


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder: Path = tmp_path_factory.mktemp("tables")
    events = simulated("halo", 2_000)
    write(folder / "h.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    write(folder / "s.root", simulated("demo_signal", 3_000), bursts=[], truth=True)
    samples = {"halo": declared("data", "h.root"), "signal": declared("simulation", "s.root")}
    return merged(folder / "run", planned(folder, samples))


def test_hidden_regions_have_no_number_in_data(result: Result) -> None:
    table = tables.regions(result)
    rows: Rows = table.rows
    by_region = {row[0]: row[1:] for row in rows}
    assert table.columns == ("region", "halo", "signal")
    assert by_region["SR"][0] == by_region["CR"][0] == by_region["undefined"][0] == "hidden"
    assert isinstance(by_region["outside"][0], int)
    assert by_region["SR"][1] > 0
    assert "hidden in data: CR, SR" in table.title


def test_efficiencies_are_those_of_the_step_before_and_of_all(result: Result) -> None:
    rows: Rows = tables.cutflow(result, "signal").rows
    assert rows[0][:2] == ("visible candidates", rows[0][1])
    for before, row in itertools.pairwise(rows):
        assert row[3] == pytest.approx(row[1] / before[1])
        assert row[4] == pytest.approx(row[1] / rows[0][1])


def test_what_requirements_remove_adds_up(result: Result) -> None:
    flow = result.cutflow["halo"]
    rows: Rows = tables.removed(flow, title="x").rows
    assert sum(int(row[3]) for row in rows) == flow.cumulative[0, 0, 0] - flow.cumulative[0, -1, 0]


def test_exposure_is_of_data(result: Result) -> None:
    rows: Rows = tables.exposure(result).rows
    assert rows == (("halo", 1, 2e12, pytest.approx(4.8)),)


def test_what_was_read_and_left_out_is_told(result: Result) -> None:
    table = tables.read(result)
    halo, signal = table.to_json()["rows"]
    assert halo == {
        "sample": "halo",
        "kind": "data",
        "entries read": result.counts["halo"].entries,
        "left out: burst not good or not listed": 0,
        "left out: too many photons": 0,
        "generated weight": None,
    }
    assert signal["kind"] == "simulation"
    assert signal["generated weight"] == result.counts["signal"].generated_weight > 0


def test_tables_are_json(result: Result) -> None:
    table = tables.cutflow(result, "signal").to_json()
    assert table["rows"][0]["requirement"] == "visible candidates"


@pytest.fixture(scope="module")
def varied(result: Result) -> Result:
    """The result with a variation of both samples in which twice as much is left everywhere, and one of the signal."""
    twice = {
        sample: {"twice": Varied(flow + flow, 2 * result.of(sample).regions)} for sample, flow in result.cutflow.items()
    }
    flow = result.cutflow["signal"]
    twice["signal"]["nothing"] = Varied(Cutflow.zero(flow.names), 0 * result.of("signal").regions)
    state = result.state.model_copy(update={"variations": ("twice", "nothing"), "also_hidden": ("CR of kk",)})
    return replace(result, state=state, varied=twice)


def test_variations_are_compared_with_the_nominal_one(varied: Result) -> None:
    table = tables.variations(varied)
    rows: Rows = table.rows
    lines = {row[:2]: dict(zip(table.columns, row, strict=True)) for row in rows}
    assert list(lines) == [
        ("halo", "nominal"), ("halo", "twice"), ("signal", "nominal"), ("signal", "twice"), ("signal", "nothing")
    ]  # fmt: skip
    selected = varied.of("signal").regions.sum(axis=0)
    assert lines["signal", "twice"]["rows"] == 2 * selected[0]
    assert lines["signal", "twice"]["sum of weights"] == 2 * selected[1]
    assert lines["signal", "nominal"]["change"] == 0
    assert lines["signal", "twice"]["change"] == lines["signal", "twice"]["in SR"] == 1
    assert lines["signal", "nothing"]["change"] == lines["signal", "nothing"]["in SR"] == -1
    assert lines["signal", "nothing"]["in undefined"] is None
    for region in ("SR", "CR", "undefined"):
        assert lines["halo", "twice"][f"in {region}"] == "hidden"
    json.dumps(table.to_json(), allow_nan=False)


def test_cutflow_and_regions_of_a_variation(varied: Result) -> None:
    nominal, twice = (tables.cutflow(varied, "signal", variation=name) for name in ("nominal", "twice"))
    assert [row[1] for row in twice.rows] == [2 * row[1] for row in nominal.rows if isinstance(row[1], int)]
    assert "[signal, varied: twice]" in twice.title
    rows: Rows = tables.regions(varied, variation="nothing").rows
    by_region = {row[0]: row[1:] for row in rows}
    assert by_region["SR"] == ("hidden", 0)
    assert by_region["outside"] == (None, 0)
    with pytest.raises(UnknownNameError, match=r"sample 'halo' has no variation 'nothing'; .*known: nominal, twice"):
        tables.cutflow(varied, "halo", variation="nothing")


def test_what_other_analyses_hide_is_said(varied: Result) -> None:
    assert tables.opened(varied) == "hidden in data: CR, SR; CR of kk"


def test_correlations_come_by_falling_size_and_undefined_ones_last(result: Result) -> None:
    flow = result.cutflow["signal"]
    every, some = tables.correlations(flow, title="x"), tables.correlations(flow, title="x", most=3)
    n = len(flow.names)
    rows: Rows = every.rows
    assert len(rows) == n * (n - 1) // 2
    sizes = [-1 if row[-1] is None else abs(row[-1]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert some.rows == every.rows[:3]
    assert some.title == f"x; the strongest 3 of {len(rows)} pairs"
    json.dumps(every.to_json(), allow_nan=False)
    phi = flow.correlation()
    for one, other, both, expected, correlation in rows:
        i, j = flow.names.index(one), flow.names.index(other)
        assert both == flow.both[i, j]
        assert expected == pytest.approx(flow.both[i, i] * flow.both[j, j] / flow.cumulative[0, 0, 0])
        assert correlation is None if np.isnan(phi[i, j]) else correlation == phi[i, j]


def test_correlations_of_nothing() -> None:
    table = tables.correlations(Cutflow.zero(("a", "b")), title="x")
    assert table.rows == (("a", "b", 0, None, None),)


def test_a_region_that_is_opened_here_and_hidden_elsewhere_shows_no_number(result: Result) -> None:
    changes = {"opened": ("CR", "SR"), "hidden": (), "also_hidden": ("SR of kk",)}
    state = result.state.model_copy(update=changes)
    rows = {row[0]: row[1] for row in tables.regions(replace(result, state=state)).rows}
    assert rows["SR"] == tables.HIDDEN
    assert rows["CR"] != tables.HIDDEN


def test_edges_of_regions_have_units_that_a_person_reads() -> None:
    search = searches.load("mumu")
    shapes = (
        Ellipse(name="SR", hidden=True, opens_after=(), shape="ellipse", centre=(23e3, 0.0), semi_axes=(23e3, 40.5)),
        Box(name="CR", hidden=False, opens_after=(), shape="box", x=(-7e3, 7.25e4), y=(0.0, 150.0)),
        Box(name="m", hidden=False, opens_after=(), shape="box", x=(2.0, 3.0), y=(100.0, 1500.0)),
    )
    plane = search.plane.model_copy(update={"region": shapes, "columns": ("z_tax", "cda_tax")})
    table = tables.region_shapes(plane, name="x")
    assert table.columns == ("region", "shape", "z_tax", "cda_tax", "data")
    assert table.rows[0] == ("SR", "ellipse", "23 m, semi-axis 23 m", "0 mm, semi-axis 40.5 mm", "hidden")
    assert table.rows[1][2:4] == ("-7 m to 72.5 m", "0 mm to 150 mm")
    assert tables.region_shapes(plane, name="x", opened={"SR"}).rows[0][4] == "opened"
    other = tables.region_shapes(plane.model_copy(update={"columns": ("n_lav", "mass")}), name="x")
    assert other.rows[2][2:4] == ("2 to 3", "100 MeV to 1500 MeV")
