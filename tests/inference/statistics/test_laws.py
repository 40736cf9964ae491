from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import integrate, stats

from na62dump.inference.statistics.laws import CODES, probabilities
from na62dump.inference.statistics.marginal import marginal

if TYPE_CHECKING:
    from na62dump.inference.settings import Prior


def logarithms(prior: Prior, mean: float, width: float, top: int) -> np.ndarray:
    out = np.empty(top + 1)
    shift = probabilities(CODES[prior], mean, width, out)
    with np.errstate(divide="ignore"):
        return np.asarray(shift + np.log(out))


# Recurrence upwards, continued fraction downwards, and either side of where they change.
@pytest.mark.parametrize(
    ("mean", "width"),
    [(0, 2), (1e-6, 1), (0.016, 0.002), (0.016, 0.3), (3, 1.74), (3, 1.8), (5, 5), (1e3, 30), (1e3, 400), (1e4, 1)],
)
@pytest.mark.parametrize("top", [0, 1, 6, 1000])
def test_a_gaussian_is_that_of_the_integral(mean: float, width: float, top: int) -> None:
    law, counts = marginal(mean, width), np.unique([0, top // 2, top])
    exact = np.array([law.log_probability(int(n)) for n in counts])
    likely = exact > -30  # the integral leaves out what is 9 standard deviations away
    assert logarithms("gaussian", mean, width, top)[counts][likely] == pytest.approx(exact[likely], abs=1e-9)


@pytest.mark.parametrize(
    ("mean", "width"), [(1e-3, 1e-3), (0.016, 0.1), (5.0, 5.0), (26.3, 3.4), (600.0, 60.0), (2e3, 900.0)]
)
@pytest.mark.parametrize("top", [0, 3, 700])
def test_a_lognormal_is_that_of_the_integral(mean: float, width: float, top: int) -> None:
    spread = math.log1p((width / mean) ** 2)
    found = logarithms("lognormal", mean, width, top)

    def integrand(z: float, n: int) -> float:
        return float(stats.norm.pdf(z) * stats.poisson.pmf(n, mean * math.exp(math.sqrt(spread) * z - spread / 2)))

    for n in (0, top // 2, top):
        centre = (math.log(max(n, 0.5) / mean) + spread / 2) / math.sqrt(spread)
        if -8 < centre < 8:
            points = sorted({centre, max(centre - 1, -9), min(centre + 1, 9)})
            value, _ = integrate.quad(integrand, -9, 9, args=(n,), points=points, limit=500, epsabs=0, epsrel=1e-11)
            assert value < 1e-15 or found[n] == pytest.approx(math.log(value), abs=1e-7)


@pytest.mark.parametrize(("mean", "width"), [(0.3, 0.2), (5.0, 10.0), (2e3, 200.0), (9e3, 1.0)])
def test_a_gamma_is_a_negative_binomial(mean: float, width: float) -> None:
    shape, counts = (mean / width) ** 2, np.arange(2500)
    exact = stats.nbinom.logpmf(counts, shape, shape / (shape + mean))
    likely = exact > -600
    assert logarithms("gamma", mean, width, 2499)[likely] == pytest.approx(exact[likely], abs=1e-6)


@pytest.mark.parametrize("prior", CODES)
def test_a_narrow_density_is_a_known_mean(prior: Prior) -> None:
    for mean in (0.0, 0.7, 900.0):
        exact = stats.poisson.pmf(np.arange(1500), mean)
        assert np.exp(logarithms(prior, mean, 0.0, 1499)) == pytest.approx(exact, abs=1e-13)
        if mean > 0:
            assert np.exp(logarithms(prior, mean, 1e-6 * mean, 1499)) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("prior", CODES)
def test_probabilities_add_up_to_1(prior: Prior) -> None:
    for mean, width in ((0.02, 0.01), (1.0, 0.5), (40.0, 12.0)):
        assert np.exp(logarithms(prior, mean, width, 4000)).sum() == pytest.approx(1, abs=1e-10)
