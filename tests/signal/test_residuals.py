"""Residuals as quantiles: a Gaussian is exact, and shares of neighbouring windows add up."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from na62dump.signal.residuals import WIDTHS, quantiles, resolution, share, window

Z = np.array(WIDTHS)
SKEW = np.where(Z < 0, 3 * Z, Z)[None, :]
"""A long tail to one side, as of electrons that radiate."""


@given(low=st.floats(-30, 30), width=st.floats(0.1, 50), median=st.floats(-5, 5), sigma=st.floats(0.1, 10))
def test_a_gaussian_has_the_share_of_a_gaussian(low: float, width: float, median: float, sigma: float) -> None:
    found = share((median + sigma * Z)[None, :], np.array([[low, low + width]]))
    wanted = ndtr((low + width - median) / sigma) - ndtr((low - median) / sigma)
    assert found == pytest.approx(wanted, abs=1e-9)


def test_a_window_lies_around_the_median() -> None:
    np.testing.assert_array_equal(resolution(SKEW[0]), (0.0, 2.0))
    np.testing.assert_allclose(window(1.0 + SKEW, 3.0), [[-5.0, 7.0]])


@given(ends=st.lists(st.floats(-20, 20), min_size=1, max_size=5))
def test_shares_of_neighbouring_windows_add_up(ends: list[float]) -> None:
    edges = [-np.inf, *sorted(ends), np.inf]
    windows = np.array(list(pairwise(edges)))
    found = share(np.repeat(SKEW, len(windows), axis=0), windows)
    assert np.all(found >= 0)
    assert found.sum() == pytest.approx(1.0)


def test_a_tail_is_not_taken_for_a_gaussian() -> None:
    assert share(SKEW, window(SKEW, 2.0)) == pytest.approx(ndtr(4.0) - ndtr(-4 / 3))


def test_quantiles_are_those_of_the_rows() -> None:
    rows = np.random.default_rng(62).normal(0.5, 2.0, 200_000)
    np.testing.assert_allclose(quantiles(rows), 0.5 + 2.0 * Z, atol=0.15)
    median, half = resolution(np.array(quantiles(rows)))
    assert (median, half) == pytest.approx((0.5, 2.0), abs=0.03)


def test_equal_residuals_lie_on_one_side() -> None:
    known = np.zeros((3, len(WIDTHS)))
    np.testing.assert_array_equal(share(known, np.array([[-1.0, 1.0], [1.0, 2.0], [-2.0, -1.0]])), [1.0, 0.0, 0.0])
