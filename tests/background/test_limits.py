from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from na62dump.background.limits import upper_limit
from na62dump.errors import EstimateError


@pytest.mark.parametrize(
    ("observed", "background", "limit"), [(0, 0.0, 2.303), (0, 7.0, 2.303), (1, 0.016, 3.874), (1, 0.0, 3.890)]
)
def test_published_limits_come_back(observed: int, background: float, limit: float) -> None:
    assert upper_limit(observed, background) == pytest.approx(limit, abs=6e-4)


@given(st.integers(0, 60), st.floats(0, 60))
def test_it_is_the_limit_of_cls(observed: int, background: float) -> None:
    limit = upper_limit(observed, background)
    ratio = stats.poisson.cdf(observed, background + limit) / stats.poisson.cdf(observed, background)
    assert limit > 0
    assert ratio == pytest.approx(0.1, rel=1e-6)


@pytest.mark.parametrize(("observed", "background"), [(3, 1.2), (0, 2.0), (5, 9.0)])
def test_it_is_the_bayesian_limit_with_a_flat_prior(observed: int, background: float) -> None:
    def posterior(mean: float) -> float:
        return float(stats.poisson.pmf(observed, background + mean))

    below, _ = integrate.quad(posterior, 0, upper_limit(observed, background))
    total, _ = integrate.quad(posterior, 0, math.inf)
    assert below / total == pytest.approx(0.9, rel=1e-6)


@pytest.mark.parametrize(("observed", "background"), [(0, 1e4), (-1, 0.0), (1, -0.1), (1, math.nan)])
def test_numbers_without_a_limit_are_refused(observed: int, background: float) -> None:
    with pytest.raises(EstimateError, match=rf"no upper limit follows from {observed} rows seen and "):
        upper_limit(observed, background)
