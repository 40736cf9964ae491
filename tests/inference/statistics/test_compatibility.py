from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from na62dump.inference.statistics.compatibility import compare, significance
from na62dump.inference.statistics.marginal import marginal


def brute(observed: int, expected: float, uncertainty: float) -> float:
    """p_L by looking at every count."""
    every = marginal(expected, uncertainty).probabilities(np.arange(2000))
    return float(every[every <= every[observed] * (1 + 1e-7)].sum())


@pytest.mark.parametrize(
    ("observed", "expected", "uncertainty"),
    [
        *[(28, 26.3, 3.4), (20, 26.3, 3.4), (2, 1.7, 0.22), (0, 0.17, 0.02), (0, 12.0, 1.0), (3, 4.0, 0.0)],
        *[(4, 4.0, 0.0), (11, 0.0, 3.0), (120, 100.0, 50.0), (0, 5.0, 0.0), (400, 5.0, 0.0)],
    ],
)
def test_p_l_is_the_sum_over_every_count(observed: int, expected: float, uncertainty: float) -> None:
    found = compare(observed, expected, uncertainty=uncertainty).p_l
    assert found == pytest.approx(brute(observed, expected, uncertainty), abs=1e-10)


def test_equally_probable_counts_are_both_counted() -> None:
    assert compare(3, 4.0).p_l == pytest.approx(1)  # 3 and 4 are the most probable of Poisson(4)
    assert compare(4, 4.0).p_l == pytest.approx(1)


def test_the_event_of_the_signal_region() -> None:
    found = compare(1, 0.016, uncertainty=0.002)
    assert found.p_n == pytest.approx(0.01587, abs=5e-6)
    assert found.p_l == pytest.approx(found.p_n)
    assert found.significance == pytest.approx(2.41, abs=0.005)
    assert found.one_sided == pytest.approx(2.15, abs=0.005)
    assert compare(1, 0.01603).p_n == pytest.approx(0.0159, abs=5e-5)


def test_the_counts_outside_of_the_control_region() -> None:
    found = compare(28, 26.3, uncertainty=3.4)
    plain = compare(28, 26.3)
    assert (found.p_n, plain.p_n) == pytest.approx((0.406, 0.396), abs=5e-4)
    assert (found.p_l, plain.p_l) == pytest.approx((0.744, 0.696), abs=5e-4)


numbers = st.floats(0, 1e4) | st.floats(1e-6, 30)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 12_000) | st.integers(0, 30), numbers, numbers)
def test_p_values_are_probabilities_and_fall(observed: int, expected: float, uncertainty: float) -> None:
    found, more = (compare(n, expected, uncertainty=uncertainty) for n in (observed, observed + 1))
    for p in (found.p_n, found.p_l, more.p_n):
        assert 0 <= p <= 1
    assert more.p_n <= found.p_n
    assert found.p_l + 1e-12 >= math.exp(marginal(expected, uncertainty).log_probability(observed))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.floats(1e-3, 30))
def test_a_vanishing_uncertainty_changes_nothing(observed: int, expected: float) -> None:
    narrow, plain = compare(observed, expected, uncertainty=expected * 1e-7), compare(observed, expected)
    assert narrow.p_n == pytest.approx(plain.p_n, abs=1e-9)
    assert plain.p_n == pytest.approx(stats.poisson.sf(observed - 1, expected), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(("expected", "uncertainty"), [(0.3, 0.05), (6.0, 2.0), (40.0, 5.0)])
def test_p_n_is_below_each_of_its_values_as_often_as_that_value_says(expected: float, uncertainty: float) -> None:
    rng, size = np.random.default_rng(11), 40_000
    rates = rng.normal(expected, uncertainty, size)
    counts = rng.poisson(rates[rates >= 0])
    values = {int(n): compare(int(n), expected, uncertainty=uncertainty).p_n for n in np.unique(counts)}
    found = np.array([values[int(n)] for n in counts])
    for p in values.values():
        if len(found) * p > 20:
            assert abs((found <= p).mean() - p) <= 5 * math.sqrt(p * (1 - p) / len(found))


def test_nothing_expected() -> None:
    none, two = compare(0, 0.0), compare(2, 0.0)
    assert (none.p_n, none.p_l, none.significance) == (1, 1, 0)
    assert (two.p_n, two.p_l) == (0, 0)
    assert math.isfinite(two.significance)


def test_significances() -> None:
    assert [significance(p) for p in (1.0, 2 * stats.norm.sf(5.0))] == pytest.approx([0, 5])
    assert significance(stats.norm.sf(3.0), sides=1) == pytest.approx(3)
    assert significance(0.7, sides=1) == 0
