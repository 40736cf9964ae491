from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import InputFileError
from na62dump.sums import GRID, LIMIT, SMALLEST, check_size, on_grid

WEIGHTS = st.lists(st.floats(min_value=-1e4, max_value=1e4), min_size=1, max_size=200)


@given(weights=WEIGHTS, seed=st.integers(0, 2**32 - 1))
def test_the_sum_is_the_same_bit_for_bit_in_any_order(weights: list[float], seed: int) -> None:
    terms = on_grid(np.array(weights))
    shuffled = np.random.default_rng(seed).permutation(terms)
    assert math.fsum(terms) == float(np.sum(terms)) == float(np.sum(shuffled)) == sum(shuffled.tolist())


@given(weights=WEIGHTS, cut=st.integers(0, 200))
def test_the_sum_is_the_same_bit_for_bit_for_any_split(weights: list[float], cut: int) -> None:
    terms = on_grid(np.array(weights))
    assert float(np.sum(terms[:cut])) + float(np.sum(terms[cut:])) == float(np.sum(terms))


@given(weights=WEIGHTS)
def test_rounding_moves_a_weight_by_half_a_step_at_most(weights: list[float]) -> None:
    given_weights = np.array(weights)
    assert np.all(np.abs(on_grid(given_weights) - given_weights) <= GRID / 2)


def test_whole_numbers_and_steps_of_the_grid_stay_as_they_are() -> None:
    exact = np.array([0.0, 1.0, -3.0, 1e6, GRID, 0.5])
    np.testing.assert_array_equal(on_grid(exact), exact)


def test_single_precision_is_widened_first() -> None:
    terms = on_grid(np.array([0.1], dtype=np.float32))
    assert terms.dtype == np.float64
    assert terms[0] == pytest.approx(0.1, abs=GRID)


def test_no_weights_have_no_terms() -> None:
    assert len(on_grid(np.empty(0))) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, LIMIT, -2 * LIMIT])
def test_a_weight_that_cannot_be_summed_exactly_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="cannot be summed exactly: weights must be finite and below"):
        on_grid(np.array([1.0, bad]))


def test_the_square_of_the_smallest_weight_is_still_resolved() -> None:
    weight = np.array([SMALLEST, -SMALLEST, 0.0, 1.0, np.nextafter(SMALLEST, 1.0) * 1.37])
    np.testing.assert_allclose(on_grid(weight * weight), weight * weight, rtol=2.0**-11)


def test_a_sample_of_small_weights_is_refused_and_a_tail_is_not() -> None:
    check_size(1.0, 1000, sample="a few large ones")
    check_size(0.0, 0, sample="none")
    for total2 in (0.0, 1000 * (SMALLEST / 2) ** 2):
        with pytest.raises(InputFileError, match=r"sample 's': its weights are too small .* scale them to about 1"):
            check_size(total2, 1000, sample="s")
