from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.background import observed
from na62dump.errors import UnknownNameError
from tests.background.handmade import CHARGE, DATA, LAV, MORE_DATA, SIMULATED, TIME, Some, result_of
from tests.worlds import declared, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    Some(3, "VR"),
    Some(4, "VR", sample=MORE_DATA),
    Some(5, "outside", dt=-2.0),
    Some(6, "VR", (LAV,)),
    Some(7, "VR", (LAV, TIME), dt=6.0),
    Some(8, "VR", (LAV, TIME), dt=-8.0),
    Some(9, "VR", (TIME,), dt=7.0),
    Some(50, "CR", (LAV,)),  # data that must not be there are not said either
    Some(60, "SR"),
    Some(70, "undefined"),
    Some(2, "SR", weight=0.5, sample=SIMULATED),
    Some(1, "SR", (LAV,), weight=2.0, sample=SIMULATED),
]


def test_selected_rows_of_all_data_are_counted_where_they_are_visible() -> None:
    found = observed.numbers(result_of(ROWS))
    assert found == {"SR": None, "CR": None, "VR": 7, "outside": 5, "undefined": None}


def test_rows_fail_exactly_what_is_asked() -> None:
    result = result_of(ROWS)
    counts = {failing: observed.numbers(result, failing=failing)["VR"] for failing in [(LAV,), (TIME, LAV), (TIME,)]}
    assert counts == {(LAV,): 6, (TIME, LAV): 15, (TIME,): 9}
    assert observed.numbers(result, failing=(CHARGE,))["VR"] == 0


def test_a_range_of_the_time_difference_holds_its_lower_edge_only() -> None:
    result = result_of(ROWS)
    assert observed.numbers(result, failing=(LAV, TIME), dt=(6.0, 8.0))["VR"] == 7
    assert observed.numbers(result, failing=(LAV, TIME), dt=(7.0, 9.0))["VR"] == 8


def test_an_opened_region_has_a_number_unless_another_search_hides_it() -> None:
    assert observed.numbers(result_of(ROWS, opened=("CR",)), failing=(LAV,))["CR"] == 50
    elsewhere = result_of(ROWS, opened=("CR",), also_hidden=("CR of kk",))
    assert observed.numbers(elsewhere, failing=(LAV,))["CR"] is None


def test_an_open_control_sample_has_a_number_in_a_hidden_region() -> None:
    rows = [*ROWS, Some(11, "CR", (CHARGE,)), Some(12, "SR", (CHARGE,))]
    assert observed.numbers(result_of(rows), failing=(CHARGE,))["CR"] is None
    opened = result_of(rows, opened=("alike",))
    found = observed.numbers(opened, failing=(CHARGE,))
    assert (found["CR"], found["SR"]) == (11, None)
    assert observed.numbers(opened, failing=(LAV,))["CR"] is None
    assert observed.numbers(opened)["CR"] is None
    elsewhere = result_of(rows, opened=("alike",), also_hidden=("alike of kk",))
    assert observed.numbers(elsewhere, failing=(CHARGE,))["CR"] is None


def test_a_simulated_sample_has_weights_in_hidden_regions_too() -> None:
    result = result_of(ROWS)
    np.testing.assert_array_equal(observed.weights(result, SIMULATED)[0], [2, 1.0, 0.5])
    np.testing.assert_array_equal(observed.weights(result, SIMULATED, failing=(LAV,))[0], [1, 2.0, 4.0])
    assert not observed.weights(result, SIMULATED)[1:].any()
    assert observed.largest_weight(result, SIMULATED) == 2.0
    assert observed.largest_weight(result_of([]), SIMULATED) == 0.0


def test_time_differences_come_from_visible_regions_only() -> None:
    result = result_of(ROWS)
    found = observed.time_differences(result, patterns=[(), (TIME,)], regions=("SR", "VR"))
    np.testing.assert_array_equal(found, [0.0] * 7 + [7.0] * 9)
    assert observed.time_differences(result, patterns=[], regions=("VR",)).shape == (0,)
    with pytest.raises(UnknownNameError, match="no region 'XR' in this result"):
        observed.time_differences(result, patterns=[()], regions=("XR",))


@pytest.mark.parametrize("sample", ["nothing", DATA])
def test_weights_are_of_simulated_samples(sample: str) -> None:
    with pytest.raises(UnknownNameError, match=f"no simulated sample '{sample}' in this result; .*sim"):
        observed.weights(result_of(ROWS), sample)


def test_a_requirement_that_was_not_loosened_is_named() -> None:
    with pytest.raises(
        UnknownNameError, match=r"of 'mumu' keeps no rows that fail 'LAV vetoo': .*did you mean 'LAV veto'"
    ):
        observed.numbers(result_of(ROWS), failing=("LAV vetoo",))
    with pytest.raises(UnknownNameError, match=r"keeps no rows that fail 'LAV veto': name it under \[keep\] loosened"):
        observed.numbers(replace(result_of(ROWS), loose=None), failing=(LAV,))


def test_a_run_has_the_same_numbers_in_its_rows_and_its_counts(tmp_path: Path) -> None:
    data, signal = simulated("halo", 4_000), simulated("demo_signal", 2_000)
    write(tmp_path / "h.root", data, bursts=[good_burst(int(data["run"][0]), 1)])
    write(tmp_path / "s.root", signal, bursts=[], truth=True)
    samples = {"halo": declared("data", "h.root"), "signal": declared("simulation", "s.root")}
    result = merged(tmp_path / "run", planned(tmp_path, samples))
    np.testing.assert_array_equal(observed.weights(result, "signal"), result.counts["signal"].regions)
    assert observed.weights(result, "signal", failing=(LAV,))[:, 0].sum() > 0
    counted = dict(zip(result.state.regions, result.counts["halo"].regions[:, 0], strict=True))
    assert {name: counted[name] for name in observed.visible(result.state)} == {
        name: n for name, n in observed.numbers(result).items() if n is not None
    }
