from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from na62dump import tables
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
    assert rows[0][:2] == ("visible pairs", rows[0][1])
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
        "generated weight": None,
    }
    assert signal["kind"] == "simulation"
    assert signal["generated weight"] == result.counts["signal"].generated_weight > 0


def test_tables_are_json(result: Result) -> None:
    table = tables.cutflow(result, "signal").to_json()
    assert table["rows"][0]["requirement"] == "visible pairs"
