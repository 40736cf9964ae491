"""Shares of a mass distribution: they add up, and none is certain."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.inference.counts.shapes import Shape, shape_of
from tests.inference.counting_world import estimate

EDGES = np.linspace(0.0, 1000.0, 11)
SHAPE = Shape(EDGES, np.array([3.0, *range(1, 11), 7.0]), entries=100.0)


@given(ends=st.lists(st.floats(0, 1000), min_size=1, max_size=6))
def test_shares_of_neighbouring_windows_add_up(ends: list[float]) -> None:
    windows = np.array(list(pairwise([-1.0, *sorted(ends), 1001.0])))
    share, error = SHAPE.shares(windows)
    assert share.sum() == pytest.approx(1.0)
    assert np.all((share >= 0) & (error > 0))


def test_content_is_flat_inside_of_a_bin() -> None:
    share, _ = SHAPE.shares(np.array([[100.0, 200.0], [100.0, 125.0], [150.0, 250.0]]))
    np.testing.assert_allclose(share * 65, [2.0, 0.5, 1.0 + 1.5])


def test_what_is_outside_counts_whole_in_a_window_that_reaches_beyond() -> None:
    share, _ = SHAPE.shares(np.array([[-20.0, -10.0], [0.0, 100.0], [-1.0, 100.0], [950.0, 1000.0], [950.0, 1000.1]]))
    np.testing.assert_allclose(share * 65, [3.0, 1.0, 4.0, 5.0, 12.0])


def test_the_error_is_that_of_a_binomial_share() -> None:
    many = Shape(EDGES, SHAPE.weights, entries=1e6)
    share, error = many.shares(np.array([[200.0, 500.0]]))
    assert error == pytest.approx(np.sqrt(share * (1 - share) / 1e6), rel=1e-3)
    few = Shape(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.0, 5.0, 0.0]), entries=10.0)
    share, error = few.shares(np.array([[0.0, 1.0], [-np.inf, np.inf]]))
    np.testing.assert_array_equal(share, [0.0, 1.0])
    np.testing.assert_allclose(error, [np.sqrt(11 / 13) / 12, 0.0])
    assert not Shape(few.edges, few.weights).shares(np.array([[0.0, 1.0]]))[1].any()


def test_few_entries_in_the_region_take_those_of_all() -> None:
    here, there = np.linspace(400, 420, 60), np.linspace(0, 1000, 500)
    made = estimate("halo", {"SR": 1.0}, masses={"SR": here, "VR": there})
    alone, remark = shape_of(made, ["SR"], entries=60)
    assert alone is not None
    assert (alone.entries, remark) == (60.0, "")
    every, remark = shape_of(made, ["SR", "CR"], entries=61)
    assert every is not None
    assert every.entries == 560
    assert remark == "mass as in all regions together, because SR + CR has 60 effective entries"


def test_without_a_histogram_there_is_no_shape() -> None:
    assert shape_of(estimate("halo", {"SR": 1.0}), ["SR"], entries=1.0)[0] is None
    empty, remark = shape_of(estimate("halo", {"SR": 1.0}, masses={}), ["SR"], entries=1.0)
    assert empty is None
    assert remark == "nothing in the histogram of the mass: all of it counts at every mass"
