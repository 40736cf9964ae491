from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.reach import ENOUGH, place_of, reach, spread, widest, within
from tests.plotting.signal_samples import COUPLINGS, expected

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW = arrays(np.float64, st.tuples(st.integers(1, 6), st.just(8)), elements=st.floats(0, 10))


def test_enough_is_where_one_of_ten_experiments_sees_nothing() -> None:
    assert math.exp(-ENOUGH) == pytest.approx(0.1, rel=0.01)


@given(FEW)
def test_all_that_is_enough_is_within_reach(numbers: NDArray[np.float64]) -> None:
    grid = np.geomspace(1e-8, 1e-1, 8)
    for row in numbers:
        found = reach(row, grid)
        enough = grid[row > ENOUGH]
        assert (found is None) == (not enough.size)
        if found:
            assert found == (enough.min(), enough.max())


@given(FEW)
def test_no_coupling_reaches_more_masses_than_the_widest(numbers: NDArray[np.float64]) -> None:
    masses = (numbers > ENOUGH).sum(axis=0)
    best = widest(numbers)
    assert masses[best] == masses.max()
    assert numbers[:, best].max() == numbers[:, masses == masses.max()].max()


def test_regions_are_kept_apart() -> None:
    every = expected()
    alone = within(every, ["SR"])
    assert {part.region for part in alone.parts} == {"SR"}
    np.testing.assert_array_equal(alone.total(), every.total(region="SR"))
    np.testing.assert_array_equal(alone.statistical_error(), every.statistical_error(region="SR"))
    np.testing.assert_allclose(within(every, ["CR", "SR"]).total(), every.total())


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"no expected numbers of 'toy' in a region 'SRR'; did you mean 'SR'"):
        within(expected(), ["SRR"])


@pytest.mark.parametrize("index", [0, 7, 59])
def test_a_coupling_has_the_nearest_place(index: int) -> None:
    assert place_of(expected(), float(COUPLINGS[index])) == index
    inside = float(COUPLINGS[index]) * (0.97 if index else 1.03)
    assert place_of(expected(), inside) == index


@pytest.mark.parametrize("coupling", [9e-9, 1.1e-4, 0.0, math.nan])
def test_a_coupling_outside_is_refused(coupling: float) -> None:
    with pytest.raises(ConfigurationError, match=r"epsilon = .+ is outside .+ between 1e-08 and 0.0001"):
        place_of(expected(), coupling)


@given(st.integers(0, 500), st.integers(1, 30))
def test_the_first_and_the_last_are_shown(number: int, most: int) -> None:
    found = spread(number, most)
    assert len(found) == min(number, most)
    assert found == sorted(set(found))
    if number and most > 1:
        assert (found[0], found[-1]) == (0, number - 1)
