from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from na62dump.errors import ConfigurationError
from na62dump.inference.compatibility import TRUNCATED, compare, compare_jointly, significance
from na62dump.inference.marginal import marginal

RINGS = [1, 1, 2], [0.29, 0.58, 1.70]


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


def test_three_rings_jointly() -> None:
    assert compare_jointly(*RINGS).p_l == pytest.approx(0.237, abs=5e-4)
    assert compare_jointly(*RINGS, common=0.13).p_l == pytest.approx(0.240, abs=5e-4)
    assert compare(4, 2.57, uncertainty=0.33).p_l > 0.33


def test_nothing_expected() -> None:
    assert (compare(0, 0.0).p_n, compare(0, 0.0).p_l, compare(0, 0.0).significance) == (1, 1, 0)
    seen = compare(2, 0.0)
    assert (seen.p_n, seen.p_l) == (0, 0)
    assert math.isfinite(seen.significance)
    assert compare_jointly([0, 0], [0.0, 0.0], common=0.2).p_l == 1
    assert compare_jointly([0, 1], [0.5, 0.0], common=0.2).p_l == 0


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


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 15), st.floats(1e-3, 10), st.floats(0, 0.5))
def test_one_region_jointly_is_that_region(observed: int, expected: float, common: float) -> None:
    joint = compare_jointly([observed], [expected], common=common)
    alone = compare(observed, expected, uncertainty=common * expected)
    assert joint.p_n == pytest.approx(alone.p_n)
    assert joint.p_l == pytest.approx(alone.p_l, abs=2 * TRUNCATED)
    split = compare_jointly([observed], [expected], separate=[common * expected])
    assert split.p_l == pytest.approx(alone.p_l, abs=2 * TRUNCATED)


def test_a_joint_sum_is_that_over_every_outcome() -> None:
    expected, common, seen = (0.4, 2.0), 0.3, (2, 1)
    law = marginal(1.0, common)
    factors = law.rates
    every: dict[tuple[int, ...], float] = {}
    for cell in itertools.product(range(15), range(30)):
        terms = [stats.poisson.pmf(n, b * factors) for n, b in zip(cell, expected, strict=True)]
        every[cell] = float(law.weights @ (terms[0] * terms[1]))
    summed = math.fsum(p for p in every.values() if p <= every[seen] * (1 + 1e-7))
    found = compare_jointly(seen, expected, common=common)
    assert found.p_l == pytest.approx(summed, abs=TRUNCATED)
    assert 0 <= found.error < TRUNCATED


def test_separate_uncertainties_against_random_experiments() -> None:
    rng, size = np.random.default_rng(5), 200_000
    expected, separate, common = np.array([3.0, 5.0]), np.array([1.0, 0.5]), 0.2
    factor = rng.normal(1, common, size)[:, None]
    rates = rng.normal(expected * factor, separate)
    counts = rng.poisson(rates[(rates > 0).all(axis=1) & (factor[:, 0] > 0)])
    cells, number = np.unique(counts, axis=0, return_counts=True)
    seen = (8, 4)
    at = int(np.flatnonzero((cells == seen).all(axis=1))[0])
    p_l = number[number <= number[at]].sum() / number.sum()
    found = compare_jointly(seen, expected.tolist(), common=common, separate=separate.tolist())
    assert found.p_l == pytest.approx(p_l, abs=0.01)  # outcomes of nearly the same probability swap places by chance
    assert found.p_l > compare_jointly(seen, expected.tolist(), common=common).p_l + 0.02


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


def test_order_of_regions_does_not_matter() -> None:
    found = [
        compare_jointly([RINGS[0][i] for i in order], [RINGS[1][i] for i in order], common=0.13).p_l
        for order in itertools.permutations(range(3))
    ]
    assert found == pytest.approx([found[0]] * 6, rel=1e-9)


def test_significances() -> None:
    assert [significance(p) for p in (1.0, 2 * stats.norm.sf(5.0))] == pytest.approx([0, 5])
    assert significance(stats.norm.sf(3.0), sides=1) == pytest.approx(3)
    assert significance(0.7, sides=1) == 0


BAD: list[tuple[Any, Any, dict[str, Any], str]] = [
    ([1], [0.5, 0.5], {}, "1 observed, 2 expected"),
    ([], [], {}, "0 observed"),
    ([1, 1], [0.5, 0.5], {"separate": [0.1]}, "1 uncertainties"),
    ([1.5], [0.5], {}, "whole number"),
    ([-1], [0.5], {}, "observed number -1"),
    ([1], [math.nan], {}, "expected number nan"),
    ([1], [1.0], {"common": -0.1}, "uncertainty"),
    ([10_000, 1.5, 1], [1e4] * 3, {}, "observed number 1.5"),
    ([10_000] * 3, [1e4] * 3, {}, "fewer regions"),
    ([30] * 4, [30.0] * 4, {"common": 0.9}, "outcomes at"),
    ([1000] * 2, [1000.0] * 2, {"common": 0.2, "separate": [100.0, 100.0]}, "leave out separate"),
]


@pytest.mark.parametrize(("observed", "expected", "options", "message"), BAD)
def test_what_cannot_be_compared_is_refused(
    observed: list[int], expected: list[float], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        compare_jointly(observed, expected, **options)
