from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from na62dump.errors import ConfigurationError
from na62dump.inference.statistics.marginal import LARGEST, first, marginal


def by_quad(expected: float, uncertainty: float, count: int) -> float:
    """m(count) by adaptive quadrature around the peak of the integrand."""
    b, s2 = expected, uncertainty**2
    peak = ((b - s2) + math.sqrt((b - s2) ** 2 + 4 * count * s2)) / 2
    edges = max(0.0, peak - 12 * uncertainty), peak + 12 * uncertainty
    value, _ = integrate.quad(
        lambda rate: stats.poisson.pmf(count, rate) * stats.norm.pdf(rate, expected, uncertainty),
        *edges,
        points=[peak] if edges[0] < peak else None,
        epsabs=0,
        epsrel=1e-10,
        limit=500,
    )
    return float(value / stats.norm.cdf(expected / uncertainty))


@pytest.mark.parametrize(
    ("expected", "uncertainty", "counts"),
    [
        (1e-6, 1e-6, [0, 1, 2]),
        (1e-6, 1.0, [0, 1, 5]),
        (0.016, 0.002, [0, 1, 3]),
        (26.3, 3.4, [0, 10, 28, 60]),
        (5.0, 5.0, [0, 3, 20]),
        (1e3, 400.0, [10, 1000]),
        (1e4, 1300.0, [9000]),
        (1e4, 1.0, [9700, 10000, 10400]),
    ],
)
def test_probabilities_are_those_of_adaptive_quadrature(expected: float, uncertainty: float, counts: list[int]) -> None:
    law = marginal(expected, uncertainty)
    exact = [by_quad(expected, uncertainty, count) for count in counts]
    assert [math.exp(law.log_probability(count)) for count in counts] == pytest.approx(exact, rel=1e-8, abs=1e-15)
    assert law.probabilities(np.array(counts)) == pytest.approx(exact, rel=1e-8, abs=1e-15)


@pytest.mark.parametrize(("expected", "uncertainty"), [(0.0, 0.0), (0.0, 2.0), (0.3, 0.04), (17.0, 9.0), (300.0, 40.0)])
def test_the_two_tails_and_the_sum_of_probabilities_agree(expected: float, uncertainty: float) -> None:
    law = marginal(expected, uncertainty)
    counts = np.arange(1200)
    probabilities = law.probabilities(counts)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    for count in (0, 1, 2, 17, 300):
        assert law.at_most(count) == pytest.approx(probabilities[: count + 1].sum(), abs=1e-12)
        assert law.at_least(count) == pytest.approx(probabilities[count:].sum(), abs=1e-12)
    assert law.at_most(-1) == 0
    assert probabilities[law.mode()] == pytest.approx(probabilities.max())


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 60), st.floats(0, 60))
def test_there_is_one_maximum(expected: float, uncertainty: float) -> None:
    law = marginal(expected, uncertainty)
    with np.errstate(divide="ignore"):
        steps = np.diff(law.probabilities(np.arange(700)))
    mode = law.mode()
    assert (steps[:mode] >= -1e-13).all()
    assert (steps[mode:] <= 1e-13).all()


def test_without_uncertainty_it_is_poisson() -> None:
    law = marginal(7.5)
    assert law.probabilities(np.arange(30)) == pytest.approx(stats.poisson.pmf(np.arange(30), 7.5), rel=1e-12)
    assert marginal(7.5, 1e-7).at_least(9) == pytest.approx(stats.poisson.sf(8, 7.5), rel=1e-9)


def test_first_finds_the_step() -> None:
    steps = (0, 3, 4, 5, 1000)
    assert [first(step.__le__, start=3) for step in steps] == [3, 3, 4, 5, 1000]


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf, 2 * LARGEST])
def test_what_is_no_expectation_is_refused(bad: float) -> None:
    with pytest.raises(ConfigurationError, match=r"expected number .*from 0 to 1e\+07"):
        marginal(bad)
    with pytest.raises(ConfigurationError, match="uncertainty"):
        marginal(1.0, bad)
