"""Between two masses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal.interpolation import mixed, place

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO = np.zeros(1)


@given(power=st.floats(-3, 6), mass=st.floats(220.0, 480.0))
def test_a_power_of_the_momentum_is_found_again(power: float, mass: float) -> None:
    def share(m: float) -> NDArray[np.float64]:
        return np.array([1e-3 * (m**2 - 200.0**2) ** (power / 2)])

    part = place(mass, (210.0, 500.0), threshold=200.0)
    assert mixed((share(210.0), share(500.0)), (NO, NO), part=part)[0] == pytest.approx(share(mass), rel=1e-9)


def test_the_ends_are_those_of_the_samples() -> None:
    assert place(210.0, (210.0, 500.0), threshold=200.0) == 0
    assert place(500.0, (210.0, 500.0), threshold=200.0) == 1


def test_what_one_sample_has_not_is_mixed_linearly() -> None:
    share, variance = mixed((np.array([0.0]), np.array([4.0])), (np.array([0.0]), np.array([1.0])), part=0.25)
    assert (float(share[0]), float(variance[0])) == (1.0, 0.0625)


@given(part=st.floats(0, 1), low=st.floats(1e-9, 1.0), high=st.floats(1e-9, 1.0))
def test_relative_errors_are_added_in_quadrature(part: float, low: float, high: float) -> None:
    shares = np.array([low]), np.array([high])
    share, variance = mixed(shares, (0.01 * shares[0] ** 2, 0.04 * shares[1] ** 2), part=part)
    assert np.sqrt(variance) / share == pytest.approx(np.hypot(0.1 * (1 - part), 0.2 * part), rel=1e-9)
    assert min(low, high) * (1 - 1e-12) <= share <= max(low, high) * (1 + 1e-12)
