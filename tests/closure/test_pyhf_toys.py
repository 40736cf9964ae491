"""Limits in closed form against pseudo-experiments of pyhf, and pyhf's asymptotic limits as they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from na62dump.inference.settings import Priors
from na62dump.inference.upper_limits import upper_limits

pyhf = pytest.importorskip("pyhf")
calculators = pytest.importorskip("pyhf.infer.calculators")
scans = pytest.importorskip("pyhf.infer.intervals.upper_limits")

PRIORS = Priors(background="gamma", signal="gamma")
TOYS = 800

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")


def counting(background: float) -> Any:  # noqa: ANN401 - a model of pyhf, which has no types
    """One number of counts: a signal of unit size, and a known background."""
    strength = {"name": "mu", "type": "normfactor", "data": None}
    samples = [
        {"name": "signal", "data": [1.0], "modifiers": [strength]},
        {"name": "background", "data": [background], "modifiers": []},
    ]
    return pyhf.Model({"channels": [{"name": "SR", "samples": samples}]}, poi_name="mu")


@pytest.mark.slow
@pytest.mark.parametrize("confidence", [0.8, 0.9])
def test_toys_of_pyhf_exclude_the_limit(confidence: float) -> None:
    np.random.seed(1)  # noqa: NPY002 - what pyhf draws from
    background = 0.5
    model = counting(background)
    for count in (0, 1, 2):
        limit = float(upper_limits(count, background, method="cls", confidence=confidence, priors=PRIORS))
        calculator = calculators.ToyCalculator([float(count)], model, ntoys=TOYS, track_progress=False)
        with_signal, alone = calculator.distributions(limit)
        seen = calculator.teststatistic(limit)
        p, q = float(with_signal.pvalue(seen)), float(alone.pvalue(seen))
        assert q == pytest.approx(stats.poisson.cdf(count, background), abs=4 / math.sqrt(TOYS))
        error = p / q * math.sqrt((1 - p) / (p * TOYS) + (1 - q) / (q * TOYS))
        assert p / q == pytest.approx(1 - confidence, abs=4 * error)


@pytest.mark.parametrize(("count", "exact", "asymptotic"), [(0, 2.303, 1.37), (1, 3.874, 3.04)])
def test_the_asymptotic_limits_of_pyhf_are_too_low_for_few_counts(count: int, exact: float, asymptotic: float) -> None:
    found, _ = scans.toms748_scan([float(count)], counting(0.016), 0.1, 9.9, level=0.1)
    assert float(found) == pytest.approx(asymptotic, abs=0.02)
    own = upper_limits(count, 0.016, method="cls", confidence=0.9, priors=PRIORS)
    assert own == pytest.approx(exact, abs=1e-3)
    assert own > 1.2 * float(found)
