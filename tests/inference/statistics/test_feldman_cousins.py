from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from na62dump.errors import ConfigurationError
from na62dump.inference.settings import Priors
from na62dump.inference.statistics.feldman_cousins import intervals
from na62dump.inference.statistics.upper_limits import upper_limits

GAMMA = Priors(background="gaussian", signal="gamma")

# Feldman and Cousins, PRD 57 (1998) 3873, table IV: 90%, as printed.
BACKGROUNDS = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0]
LOWER = [[0] * 10, [0.11] + [0] * 9, [0.53, 0.03] + [0] * 8, [1.10, 0.60, 0.10] + [0] * 7]
UPPER = [
    [2.44, 1.94, 1.61, 1.33, 1.26, 1.18, 1.08, 1.06, 1.01, 0.98],
    [4.36, 3.86, 3.36, 2.91, 2.53, 2.19, 1.88, 1.59, 1.39, 1.22],
    [5.91, 5.41, 4.91, 4.41, 3.91, 3.45, 3.04, 2.67, 2.33, 1.73],
    [7.42, 6.92, 6.42, 5.92, 5.42, 4.92, 4.42, 3.95, 3.53, 2.78],
]


def test_the_published_table() -> None:
    lower, upper = intervals(np.arange(4)[:, None], BACKGROUNDS, confidence=0.9, priors=GAMMA)
    assert lower == pytest.approx(np.array(LOWER), abs=0.006)
    assert upper == pytest.approx(np.array(UPPER), abs=0.025)


def test_the_one_event() -> None:
    assert intervals(1, 0.016, confidence=0.9, priors=GAMMA) == pytest.approx((0.09, 4.34), abs=0.005)


@pytest.mark.parametrize("signal", [0.4, 1.7, 3.1])
def test_the_belt_of_a_plain_loop(signal: float) -> None:
    background, counts = 0.7, np.arange(60)
    probabilities = stats.poisson.pmf(counts, signal + background)
    best = stats.poisson.pmf(counts, np.maximum(counts, background))
    order = np.argsort(-probabilities / best)
    belt = order[: int(np.searchsorted(np.cumsum(probabilities[order]), 0.9)) + 1]
    lower, upper = intervals(counts[:12], background, confidence=0.9, priors=GAMMA)
    assert set(np.flatnonzero((lower <= signal) & (signal <= upper))) == set(belt)


def test_uncertainties_lengthen_and_the_upper_end_is_a_method() -> None:
    numbers = {"uncertainty": 0.1, "confidence": 0.9, "priors": GAMMA}
    _, plain = intervals([0, 1, 2], 0.2, **numbers)  # type: ignore[arg-type]
    _, wide = intervals([0, 1, 2], 0.2, relative=0.3, **numbers)  # type: ignore[arg-type]
    assert (wide > plain).all()
    again = upper_limits([0, 1, 2], 0.2, relative=0.3, method="feldman-cousins", **numbers)  # type: ignore[arg-type]
    assert again.tolist() == wide.tolist()
    _, rounded = intervals([0, 1, 2], 0.2, relative=0.3004, **numbers)  # type: ignore[arg-type]
    assert rounded.tolist() == wide.tolist()


def test_limits_fall_with_the_background_and_rise_with_the_count() -> None:
    _, upper = intervals(np.arange(4)[:, None], np.linspace(0.01, 4, 15), confidence=0.9, priors=GAMMA)
    assert (np.diff(upper, axis=1) < 0.026).all()  # to the step by which larger backgrounds are tried
    assert (np.diff(upper, axis=0) > 0).all()


def test_too_much_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="more than 2000 different counts"):
        intervals(1900, 1800.0, confidence=0.9, priors=GAMMA)
    with pytest.raises(ConfigurationError, match="confidence level 1:"):
        intervals(1, 1.0, confidence=1.0, priors=GAMMA)
    assert intervals(np.zeros(0, dtype=np.int64), 1.0, confidence=0.9, priors=GAMMA)[0].shape == (0,)
