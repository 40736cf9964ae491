from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump.background.mechanisms import together
from na62dump.background.suppression import SUPPRESSION, VetoSettings, left, suppressions, vetoed
from na62dump.configuration import find, load_text, read_toml
from na62dump.errors import ConfigurationError, EstimateError, UnknownNameError
from tests.background.handmade import LAV, TIME, Some, estimate_of, result_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.results import Result

ANTI0 = "ANTI0 veto"
HALF, END, RESOLUTION = 5.0, 8.0, 0.85
ONE = VetoSettings.model_validate(
    {
        "vetoes": [LAV],
        "time": TIME,
        "window": "tracks.dt_pair_max",
        "end": "8 ns",
        "resolution": "0.85 ns",
        "least": 3.0,
    }
)
TWO = ONE.model_copy(update={"vetoes": (LAV, ANTI0)})
COUNTS = {(): (30, 40), (LAV,): (300, 80), (ANTI0,): (200, 60), (LAV, ANTI0): (2000, 100)}
"""Mean numbers of prompt and of accidental pairs by the vetoes that they fail."""


def toy(
    rng: np.random.Generator, counts: Mapping[tuple[str, ...], tuple[float, float]], *, region: str = "VR"
) -> list[Some]:
    rows = []
    for failing, (prompt, accidental) in counts.items():
        times = np.concatenate(
            [rng.normal(0, RESOLUTION, rng.poisson(prompt)), rng.uniform(-END - 1, END + 1, rng.poisson(accidental))]
        )
        rows += [Some(1, region, failing if abs(t) < HALF else (*failing, TIME), dt=float(t)) for t in times]
    return rows


def result_with(rows: list[Some]) -> Result:
    return result_of(rows, loosened=(TIME, LAV, ANTI0))


def test_a_veto_alone_and_all_together_leave_what_was_put_in() -> None:
    found = suppressions(result_with(toy(np.random.default_rng(62), COUNTS)), TWO, half_window=HALF)
    assert [each.vetoes for each in found] == [(LAV,), (ANTI0,), (LAV, ANTI0)]
    for each, share in zip(found, (30 / 330, 30 / 230, 30 / 2530), strict=True):
        assert each.factor is not None
        assert each.uncertainty is not None
        assert each.factor == pytest.approx(share, abs=3 * each.uncertainty)
        assert (each.limit, each.reason, each.regions) == (None, None, ("VR", "outside"))
    rows = [each.before.rows for each in found]
    assert rows[2] > max(rows[:2]) > found[0].after.rows == found[2].after.rows


def test_pulls_have_unit_width() -> None:
    rng = np.random.default_rng(62)
    few: Mapping[tuple[str, ...], tuple[float, float]] = {(): (60, 40), (LAV,): (300, 80)}
    pulls = []
    for _ in range(100):
        (found,) = suppressions(result_with(toy(rng, few)), ONE, half_window=HALF)
        assert found.factor is not None
        assert found.uncertainty is not None
        pulls.append((found.factor - 60 / 360) / found.uncertainty)
    assert np.mean(pulls) == pytest.approx(0, abs=0.35)
    assert np.std(pulls) == pytest.approx(1, abs=0.25)


def test_nothing_left_gives_a_limit() -> None:
    rows = toy(np.random.default_rng(62), {(LAV,): (300, 80)})
    (found,) = suppressions(result_with(rows), ONE, half_window=HALF)
    assert found.after[:5] == (0, 0.0, 0.0, 0.0, 0.0)
    assert found.factor == 0
    assert found.limit == pytest.approx(2.3026 / found.before.prompt, rel=1e-3)


@pytest.mark.parametrize("rows", [[], toy(np.random.default_rng(62), {(): (0, 50), (LAV,): (0, 500)})])
def test_without_prompt_pairs_data_are_not_enough(rows: list[Some]) -> None:
    (found,) = suppressions(result_with(rows), ONE, half_window=HALF)
    assert (found.factor, found.uncertainty, found.limit) == (None, None, None)
    assert found.reason is not None
    assert "without the veto: below 3 standard deviations" in found.reason


def test_hidden_regions_say_nothing() -> None:
    rows = toy(np.random.default_rng(62), COUNTS)
    hidden = toy(np.random.default_rng(63), COUNTS, region="CR")
    one, other = (suppressions(result_with(each), TWO, half_window=HALF) for each in (rows, [*rows, *hidden]))
    assert one == other


def test_rows_that_fail_a_veto_follow_from_the_share_that_meets_it() -> None:
    (found,) = suppressions(result_with(toy(np.random.default_rng(62), COUNTS)), ONE, half_window=HALF)
    assert found.factor is not None
    assert found.uncertainty is not None
    selected = estimate_of({"VR": 30.0}, mechanism="prompt", error=3.0, systematic={"prompt normalisation": 1.0})
    failing = vetoed(selected, found)
    assert failing.of(["VR"])[0] == pytest.approx(300, rel=0.25)
    assert failing.of(["VR"])[0] == pytest.approx(30 * (1 / found.factor - 1))
    assert failing.inputs["inverted"] == [LAV]
    assert failing.statistical[2] / failing.expected[2] == pytest.approx(0.1)
    before = 30 / found.factor
    assert failing.systematic[SUPPRESSION][2] == pytest.approx(-before * found.uncertainty)


def test_an_error_of_the_share_leaves_the_sum_of_what_meets_and_fails_a_veto() -> None:
    (found,) = suppressions(result_with(toy(np.random.default_rng(62), COUNTS)), ONE, half_window=HALF)
    share = left(found)
    assert share is not None
    moved = {SUPPRESSION: 30 * share.uncertainty / share.value}
    meeting = estimate_of({"VR": 30.0}, mechanism="prompt", error=0.0, systematic={SUPPRESSION: 0.0})
    meeting = replace(meeting, systematic={SUPPRESSION: np.where(meeting.expected > 0, moved[SUPPRESSION], 0.0)})
    total, error = together([meeting, vetoed(meeting, found)], ["VR"])
    assert total == pytest.approx(30 / share.value)
    assert error == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("factor", "limit", "says"), [(1.05, None, (1.0, 0.06)), (0.004, 0.035, (0.0152, 0.0152))])
def test_a_share_to_multiply_with_is_one(factor: float, limit: float | None, says: tuple[float, float]) -> None:
    (found,) = suppressions(result_with(toy(np.random.default_rng(62), COUNTS)), ONE, half_window=HALF)
    assert left(replace(found, factor=factor, uncertainty=0.06, limit=limit)) == pytest.approx(says, rel=1e-3)


def test_rows_that_fail_a_veto_need_a_measured_share_of_one() -> None:
    selected = estimate_of({"VR": 30.0}, mechanism="prompt")
    (unknown,) = suppressions(result_with([]), ONE, half_window=HALF)
    with pytest.raises(EstimateError, match=r"what LAV veto leave does not tell .*\(0 \+- 0 prompt pairs of 0"):
        vetoed(selected, unknown)
    *_, both = suppressions(result_with(toy(np.random.default_rng(62), COUNTS)), TWO, half_window=HALF)
    with pytest.raises(EstimateError, match="does not tell how many pairs fail one veto"):
        vetoed(selected, both)


def test_what_cannot_be_measured_is_refused() -> None:
    result = result_with([])
    with pytest.raises(ConfigurationError, match=r"end \(8 ns\) must be above 8 ns"):
        suppressions(result, ONE, half_window=8.0)
    with pytest.raises(UnknownNameError, match="keeps no rows that fail 'CHANTI veto'"):
        suppressions(result, ONE.model_copy(update={"vetoes": ("CHANTI veto",)}), half_window=HALF)
    with pytest.raises(UnknownNameError, match="keeps no rows that fail 'in time with each other'"):
        suppressions(replace(result, loose=None), ONE, half_window=HALF)


@pytest.mark.parametrize("search", ["mumu", "ee", "pipi"])
def test_the_shipped_vetoes_are_those_of_their_searches(search: str) -> None:
    table = read_toml(find("background"))["hh" if search == "pipi" else search]["vetoes"]
    settings = load_text(table, VetoSettings, where=search)
    analysis = searches.load(search)
    assert {settings.time, *settings.vetoes} <= set(analysis.file.keep.loosened)
    assert {name for name in analysis.file.keep.loosened if name.endswith("veto")} == set(settings.vetoes)
    assert (settings.end, settings.resolution) == (6.5, 0.85)
