"""Limits in closed form against pseudo-experiments of pyhf, and pyhf's asymptotic limits as they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from na62dump.inference.export.extra import library
from na62dump.inference.settings import Priors
from na62dump.inference.statistics.upper_limits import upper_limits

pyhf, calculators, scans = map(library, ("pyhf", "pyhf.infer.calculators", "pyhf.infer.intervals.upper_limits"))

PRIORS = Priors(background="gamma", signal="gamma")
TOYS = 50_000
WIDE = 4.0
"""Standard deviations that toys may be off."""

CLOSE = 0.1
"""What they are at most, of CLs."""

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")


def counting(background: float) -> Any:  # noqa: ANN401 - a model of pyhf, which has no types
    """One number of counts: a signal of unit size, and a known background."""
    strength = {"name": "mu", "type": "normfactor", "data": None}
    samples = [
        {"name": "signal", "data": [1.0], "modifiers": [strength]},
        {"name": "background", "data": [background], "modifiers": []},
    ]
    return pyhf.Model({"channels": [{"name": "SR", "samples": samples}]}, poi_name="mu")


@pytest.fixture
def _once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test statistics of pyhf, each fitted once: toys of one bin have few different counts."""
    known: dict[tuple[float, float], Any] = {}
    statistic = calculators.utils.get_test_stat("qtilde")

    def lookup(strength: float, data: Any, *rest: object) -> Any:  # noqa: ANN401 - of pyhf, which has no types
        at = (strength, float(np.asarray(data)[0]))
        if at not in known:
            known[at] = statistic(strength, data, *rest)
        return known[at]

    monkeypatch.setattr(calculators.utils, "get_test_stat", lambda _: lookup)


@pytest.mark.usefixtures("_once")
@pytest.mark.parametrize("confidence", [0.8, 0.9])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_toys_of_pyhf_exclude_the_limit(count: int, confidence: float) -> None:
    np.random.seed(1)  # noqa: NPY002 - what pyhf draws from
    background = 0.5
    limit = float(upper_limits(count, background, method="cls", confidence=confidence, priors=PRIORS))
    calculator = calculators.ToyCalculator([float(count)], counting(background), ntoys=TOYS, track_progress=False)
    with_signal, alone = calculator.distributions(limit)
    seen = calculator.teststatistic(limit)
    p, q = float(with_signal.pvalue(seen)), float(alone.pvalue(seen))
    exact = stats.poisson.cdf(count, background)
    assert q == pytest.approx(exact, abs=WIDE * math.sqrt(exact * (1 - exact) / TOYS))
    error = p / q * math.sqrt((1 - p) / (p * TOYS) + (1 - q) / (q * TOYS))
    assert WIDE * error < CLOSE * (1 - confidence)
    assert p / q == pytest.approx(1 - confidence, abs=WIDE * error)


@pytest.mark.parametrize(("count", "exact", "asymptotic"), [(0, 2.303, 1.37), (1, 3.874, 3.04)])
def test_the_asymptotic_limits_of_pyhf_are_too_low_for_few_counts(count: int, exact: float, asymptotic: float) -> None:
    found, _ = scans.toms748_scan([float(count)], counting(0.016), 0.1, 9.9, level=0.1)
    assert float(found) == pytest.approx(asymptotic, abs=0.02)
    own = upper_limits(count, 0.016, method="cls", confidence=0.9, priors=PRIORS)
    assert own == pytest.approx(exact, abs=1e-3)
    assert own > 1.2 * float(found)
