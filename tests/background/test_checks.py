from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump.background import checks, closures
from na62dump.background.abcd import Square
from na62dump.background.checks import CheckSettings
from na62dump.configuration import Settings, find, load_text, read_toml
from na62dump.errors import ConfigurationError, UnknownNameError
from tests.background.handmade import CHARGE, LAV, MORE_DATA, SIMULATED, TIME, Some, estimate_of, result_of

if TYPE_CHECKING:
    from na62dump.results import Result


class Cuts(Settings):
    half: float = 5.0
    tiles: int = 1


SETTINGS = CheckSettings.model_validate(
    {
        "time": TIME,
        "lav": LAV,
        "window": "half",
        "band_end": "7 ns",
        "inversions": {"same charge": [CHARGE], "LAV inverted": [LAV], "both": [LAV, CHARGE]},
    }
)
HIDDEN = [
    Some(90, region, failing, dt=6.0) for region in ("SR", "CR") for failing in ((), (LAV,), (TIME,), (TIME, LAV))
]


def test_side_bands_are_scaled_by_the_widths() -> None:
    rows = [Some(11, "VR"), Some(4, "VR", (TIME,), dt=-6.0), Some(9, "VR", (TIME,), dt=7.0), *HIDDEN]
    vr, outside = checks.time_side_bands(result_of(rows), SETTINGS, cuts=Cuts())
    assert (vr.region, vr.observed, vr.expected, vr.uncertainty) == ("VR", 11, 2.5 * 4, 2.5 * 2)
    # nothing in the side bands is not known to be nothing
    assert (outside.region, outside.observed, outside.expected, outside.uncertainty) == ("outside", 0, 0.0, 2.5)


def test_side_bands_check_estimates_too() -> None:
    rows = [Some(4, "VR", (TIME,), dt=6.0), *HIDDEN]
    accidental = [estimate_of({"VR": 10.0}, error=2.5)]
    found = checks.time_side_bands(result_of(rows), SETTINGS, cuts=Cuts(), estimates=accidental)
    vr = next(check for check in found if check.name == "accidental in side bands" and check.region == "VR")
    assert (vr.observed, vr.expected, vr.uncertainty) == (4, 4.0, 1.0)


def test_inverted_rows_are_compared_with_their_estimates() -> None:
    rows = [Some(7, "VR", (CHARGE,)), Some(5, "VR", (LAV,)), Some(2, "VR", (LAV,), sample=MORE_DATA), *HIDDEN]
    estimates = {
        frozenset({CHARGE}): [estimate_of({"VR": 6.0}, error=1.0)],
        frozenset({LAV}): [
            estimate_of({"VR": 3.0}, error=3.0, systematic={"rate": 0.5}),
            estimate_of({"VR": 5.0}, mechanism="prompt", error=4.0, systematic={"rate": 0.5}),
        ],
    }
    found = {
        (c.name, c.region): c for c in checks.inversions(result_of(rows), SETTINGS, cuts=Cuts(), estimates=estimates)
    }
    assert {region for _, region in found} == {"VR", "outside"}
    third, *_ = {name for name, _ in found} - {"same charge", "LAV inverted"}
    assert "side bands" in found[third, "VR"].what  # it has no estimate: data are compared with themselves
    charge, lav = found["same charge", "VR"], found["LAV inverted", "VR"]
    assert (charge.observed, charge.expected, charge.uncertainty) == (7, 6.0, 1.0)
    assert (lav.observed, lav.expected) == (7, 8.0)
    assert lav.uncertainty == pytest.approx((9 + 16 + 4.0**2) ** 0.5)
    assert "'combinatorial', 'prompt'" in lav.what


def toy(rng: np.random.Generator, *, tied: float, mean: float = 400.0, prompt: float = 0.0) -> Result:
    """Accidental rows in two regions; ``tied``: by how much LAV activity is more probable in time than out of time."""
    rows = []
    for region in ("VR", "outside"):
        for inside, width in ((True, 5.0), (False, 2.0)):
            active = 0.5 * (1 + tied * inside)
            silent = () if inside else (TIME,)
            dt = 0.0 if inside else 6.0
            rows.append(Some(int(rng.poisson(mean * width * (1 - active))), region, silent, dt=dt))
            rows.append(Some(int(rng.poisson(mean * width * active)), region, (*silent, LAV), dt=dt))
        rows.append(Some(int(rng.poisson(prompt * 0.1)), region))
        rows.append(Some(int(rng.poisson(prompt * 0.9)), region, (LAV,)))
    return result_of([*rows, *HIDDEN, Some(50, "VR", (LAV, TIME), dt=6.0, sample=SIMULATED)])


def closes(result: Result) -> closures.Closure:
    found = closures.closure(checks.abcd_checks(checks.abcd(result, SETTINGS, cuts=Cuts())))
    assert found is not None
    return found


def test_abcd_counts_its_corners_in_visible_regions() -> None:
    rows = [
        Some(1, "VR"),
        Some(2, "VR", (LAV,)),
        Some(3, "VR", (TIME,), dt=-5.0),
        Some(4, "VR", (TIME, LAV), dt=6.5),
        Some(8, "VR", (TIME,), dt=7.0),
        Some(8, "VR", (TIME, LAV, CHARGE), dt=6.0),
        *HIDDEN,
    ]
    squares = checks.abcd(result_of(rows), SETTINGS, cuts=Cuts())
    assert squares == {"VR": Square(1, 2, 3, 4), "outside": Square(0, 0, 0, 0)}
    (only,) = checks.abcd_checks(squares)  # nothing fails both in the other one
    assert (only.region, only.observed, only.expected) == ("VR", 1, 1.5)


def test_abcd_closes_if_lav_and_time_are_independent() -> None:
    rng = np.random.default_rng(62)
    pulls = []
    for _ in range(150):
        found = closes(toy(rng, tied=0.0, mean=100.0))
        pulls.append((found.ratio - 1) / found.error)
    assert np.mean(pulls) == pytest.approx(0, abs=0.3)
    assert np.std(pulls) == pytest.approx(1, abs=0.2)


def test_abcd_does_not_close_if_lav_and_time_are_tied() -> None:
    found = closes(toy(np.random.default_rng(62), tied=0.5))
    assert found.regions == ("VR", "outside")
    assert found.ratio == pytest.approx(0.25 / 0.75, abs=4 * found.error)
    assert found.ratio < 1 - 8 * found.error


def test_prompt_pairs_make_the_expectation_of_abcd_too_large() -> None:
    found = closes(toy(np.random.default_rng(62), tied=0.0, prompt=2000.0))
    assert found.ratio < 1 - 8 * found.error


def test_without_rows_nothing_closes() -> None:
    empty = result_of([])
    assert checks.abcd_checks(checks.abcd(empty, SETTINGS, cuts=Cuts())) == ()
    assert closures.closure([]) is None
    assert [check.observed for check in checks.time_side_bands(empty, SETTINGS, cuts=Cuts())] == [0, 0]


@pytest.mark.parametrize("key", ["halff", "tiles", "half.inner"])
def test_the_window_is_a_number_of_the_analysis(key: str) -> None:
    with pytest.raises(UnknownNameError, match=f"there is no number '{key}'|'{key}' is no time"):
        checks.bands(SETTINGS.model_copy(update={"window": key}), Cuts())


def test_side_bands_lie_beyond_the_window() -> None:
    with pytest.raises(ConfigurationError, match=r"band_end \(5 ns\) must be above half \(5 ns\)"):
        checks.bands(SETTINGS.model_copy(update={"band_end": 5.0}), Cuts())


@pytest.mark.parametrize("search", ["mumu", "ee", "hh"])
def test_the_shipped_checks_are_those_of_their_searches(search: str) -> None:
    settings = load_text(read_toml(find("background"))[search]["checks"], CheckSettings, where=search)
    members = ["pipi", "kk"] if search == "hh" else [search]
    for member in members:
        analysis = searches.load(member)
        named = {settings.time, settings.lav, *(name for failing in settings.inversions.values() for name in failing)}
        assert named == set(analysis.file.keep.loosened)
        assert checks.bands(settings, analysis.cuts) == (5.0, 6.5)
