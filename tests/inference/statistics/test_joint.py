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
from na62dump.inference.statistics.compatibility import compare
from na62dump.inference.statistics.joint import TRUNCATED, compare_jointly
from na62dump.inference.statistics.marginal import marginal

RINGS = [1, 1, 2], [0.29, 0.58, 1.70]


def test_three_rings_jointly() -> None:
    assert compare_jointly(*RINGS).p_l == pytest.approx(0.237, abs=5e-4)
    assert compare_jointly(*RINGS, common=0.13).p_l == pytest.approx(0.240, abs=5e-4)
    assert compare(4, 2.57, uncertainty=0.33).p_l > 0.33


def test_the_published_joint_value_counts_a_tie() -> None:
    # 0.58 is twice 0.29, so (0, 2, 2) is as probable as (1, 1, 2): it counts until something tells them apart.
    tie = compare_jointly(*RINGS, common=0.13).p_l
    apart = compare_jointly(*RINGS, common=0.13, separate=[0.0029, 0.0058, 0.017]).p_l
    outcome = math.prod(stats.poisson.pmf(n, b) for n, b in zip(*RINGS, strict=True))
    assert tie - apart == pytest.approx(outcome, abs=5e-4)


def test_nothing_expected() -> None:
    assert compare_jointly([0, 0], [0.0, 0.0], common=0.2).p_l == 1
    assert compare_jointly([0, 1], [0.5, 0.0], common=0.2).p_l == 0


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


def test_order_of_regions_does_not_matter() -> None:
    found = [
        compare_jointly([RINGS[0][i] for i in order], [RINGS[1][i] for i in order], common=0.13).p_l
        for order in itertools.permutations(range(3))
    ]
    assert found == pytest.approx([found[0]] * 6, rel=1e-9)


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
