"""How often limits are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from na62dump.inference.settings import Priors
from na62dump.inference.statistics.coverage import coverage
from na62dump.inference.statistics.feldman_cousins import intervals
from na62dump.inference.statistics.upper_limits import upper_limits

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.inference.settings import Method

METHODS: tuple[Method, ...] = ("cls", "bayesian", "feldman-cousins")
BACKGROUNDS = [0.01, 0.1, 0.5, 1.0, 2.0, 5.0]
SIGNALS = np.arange(1, 81) * 0.125
PRIORS = Priors(background="gaussian", signal="gamma")
TOYS = 20_000

ROUNDING = 6e-4
"""Numbers in docs/limits.md have three digits."""


def documented(repository: Path, words: str, background: float) -> list[tuple[float, float]]:
    """Lowest and mean coverage of each method, as docs/limits.md has them."""
    text = (repository / "docs" / "limits.md").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith(f"| {background} | {words} |"))
    cells = [cell.split(",") for cell in line.strip("| ").split("|")[2:]]
    return [(float(low), float(mean)) for low, mean in cells]


@pytest.mark.parametrize(
    ("share", "relative", "words"), [(0.0, 0.0, "none"), (0.3, 0.2, "30% of b, 20% of s")], ids=["none", "some"]
)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_no_method_covers_less_than_its_level_nor_more_than_is_documented(
    background: float, share: float, relative: float, words: str, repository: Path
) -> None:
    for method, numbers in zip(METHODS, documented(repository, words, background), strict=True):
        found = coverage(
            SIGNALS,
            background,
            uncertainty=share * background,
            relative=relative,
            method=method,
            confidence=0.9,
            priors=PRIORS,
        )
        assert found.min() >= 0.9 - 1e-6
        assert (found.min(), found.mean()) == pytest.approx(numbers, abs=ROUNDING)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("background", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("signal", [1.5, 3.9])
def test_pseudo_experiments_with_fluctuating_efficiency_and_background(
    background: float, signal: float, method: Method
) -> None:
    rng = np.random.default_rng(62)
    width, relative = 0.3 * background, 0.2
    rates = stats.truncnorm(-background / width, np.inf, background, width).rvs(TOYS, random_state=rng)
    counts = rng.poisson(signal * rng.gamma(relative**-2, relative**2, TOYS) + rates)
    table = np.arange(counts.max() + 1)
    numbers = {"uncertainty": width, "relative": relative, "confidence": 0.9, "priors": PRIORS}
    upper = upper_limits(table, background, method=method, **numbers)  # type: ignore[arg-type]
    lower = intervals(table, background, **numbers)[0] if method == "feldman-cousins" else 0 * upper  # type: ignore[arg-type]
    right = float(np.mean((lower[counts] <= signal) & (signal <= upper[counts])))
    exact = float(coverage(signal, background, method=method, **numbers))  # type: ignore[arg-type]
    assert right == pytest.approx(exact, abs=4.5 * np.sqrt(exact * (1 - exact) / TOYS) + 1e-4)
    assert exact >= 0.9 - 1e-6
