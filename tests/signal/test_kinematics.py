"""Momenta of two-body decays."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal.kinematics import momenta, momentum
from na62dump.signal.standard import mass

MASSES = st.floats(min_value=0.0, max_value=5e3)


@given(parent=st.floats(min_value=1.0, max_value=1e4), one=MASSES, other=MASSES)
def test_daughters_have_the_energy_of_their_parent(parent: float, one: float, other: float) -> None:
    p = momentum(parent, (one, other))
    assert p == pytest.approx(momentum(parent, (other, one)), rel=1e-9)
    if one + other < parent:
        assert math.hypot(p, one) + math.hypot(p, other) == pytest.approx(parent, rel=1e-9)
    else:
        assert p == 0.0


def test_the_muon_of_a_pion_has_30_mev() -> None:
    assert momentum(mass(211), (mass(13), 0.0)) == pytest.approx(29.79, abs=0.01)


def test_arrays_are_as_single_decays() -> None:
    parents = np.array([100.0, 300.0, 1e3])
    assert momenta(parents, (100.0, 50.0)).tolist() == [momentum(float(m), (100.0, 50.0)) for m in parents]
