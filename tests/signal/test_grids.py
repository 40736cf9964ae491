"""Masses at which yields are asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal import grids, library
from tests.signal.toys import TOY

MODEL = library.load("dark_photon")


@given(st.floats(20.0, 500.0), st.floats(1.2, 3.0), st.integers(4, 60))
def test_a_search_begins_and_ends_at_points_of_the_grid(low: float, ratio: float, number: int) -> None:
    whole = TOY.acceptance(TOY.sample("first", "mumu", 10.0), TOY.sample("first", "mumu", 1600.0))
    inner = TOY.acceptance(TOY.sample("first", "mumu", low), TOY.sample("first", "mumu", low * ratio))
    grid = grids.masses_between([whole, inner], number, model=MODEL, asked=None)
    assert len(grid) == number
    assert (grid[0], grid[-1]) == (10.0, 1600.0)
    assert (np.diff(grid) > 0).all()
    even = np.geomspace(10.0, 1600.0, number)
    moved = np.abs(np.log(grid / even))
    assert moved.max() <= np.log(160.0) / (number - 1)
    assert low * ratio in grid or int(np.abs(even - low * ratio).argmin()) in {0, number - 1}
