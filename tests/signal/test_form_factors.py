"""Form factors of B mesons into kaons."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal.b_decays import b_decays
from na62dump.signal.form_factors import Axial, Quadratic
from na62dump.signal.species import B_PLUS
from na62dump.signal.standard import mass as mass_of

if TYPE_CHECKING:
    from na62dump.signal.form_factors import Kaon

GEV = 1e3
B, B_ZERO = mass_of(521), 511
KAONS = {kaon.name: kaon for kaon in b_decays().kaons}
NAMES = ["K", "K*(892)", "K0*(700)", "K0*(1430)", "K*(1410)", "K*(1680)", "K1(1270)", "K1(1400)", "K2*(1430)"]
ALL = [pytest.param(kaon, id=name) for name, kaon in KAONS.items()]


def current(name: str, mass: float) -> float:
    return KAONS[name].current(B, KAONS[name].mass(B_PLUS), mass=mass)


def test_nine_kaons_are_known() -> None:
    assert list(KAONS) == NAMES


@pytest.mark.parametrize("kaon", ALL)
def test_charge_follows_the_parent(kaon: Kaon) -> None:
    assert kaon.mass(B_PLUS) == mass_of(kaon.charged)
    assert kaon.mass(B_ZERO) == mass_of(kaon.neutral)


def test_kaon_is_the_published_form_factor() -> None:
    # hep-ph/0406232: 0.330 / (1 - q^2 / 37.46 GeV^2)
    f0 = current("K", 3 * GEV) * 2 / (B**2 - mass_of(321) ** 2)
    assert f0 == pytest.approx(0.330 / (1 - 9 / 37.46))


def test_excited_kaon_is_the_published_form_factor() -> None:
    # hep-ph/0412079: A0(0) = 0.374
    light = mass_of(323)
    a0 = 2 * current("K*(892)", 0.0) / (B**2 - light**2)
    assert a0 == pytest.approx(0.374, abs=1e-3)


@pytest.mark.parametrize("name", ["K*(892)", "K*(1410)", "K*(1680)", "K1(1270)", "K1(1400)", "K2*(1430)"])
def test_kaon_with_spin_needs_momentum(name: str) -> None:
    assert current(name, B - KAONS[name].mass(B_PLUS)) == 0.0
    assert current(name, B - 1.0) == 0.0


def test_tensor_takes_one_more_power_of_momentum() -> None:
    light = mass_of(325)
    half, a0 = (B**2 - light**2) / 2, KAONS["K2*(1430)"].value  # type: ignore[union-attr]
    assert current("K2*(1430)", 0.0) == pytest.approx(a0 * half * math.sqrt(2 / 3) * half / (B * light))


def test_axial_states_are_orthogonal_mixtures_of_the_same_two() -> None:
    first, second = KAONS["K1(1270)"], KAONS["K1(1400)"]
    assert isinstance(first, Axial)
    assert isinstance(second, Axial)
    assert second.angle - first.angle == pytest.approx(math.pi / 2)
    assert (first.one, first.other) == (second.one, second.other)


def test_scalars_feel_the_sum_of_quark_masses_where_the_axial_current_acts() -> None:
    sums = {name for name, kaon in KAONS.items() if kaon.sign == 1}
    assert sums == {"K*(892)", "K0*(700)", "K0*(1430)", "K*(1410)", "K*(1680)", "K2*(1430)"}


@pytest.mark.parametrize("kaon", ALL)
@given(share=st.floats(0.0, 0.999))
def test_currents_are_finite_and_bounded_by_the_scale(kaon: Kaon, share: float) -> None:
    light = kaon.mass(B_PLUS)
    found = kaon.current(B, light, mass=share * (B - light))
    assert math.isfinite(found)
    assert abs(found) < B**2


@given(value=st.floats(-1, 1), linear=st.floats(0, 2), square=st.floats(0, 2))
def test_quadratic_form_factor_is_its_value_at_zero(value: float, linear: float, square: float) -> None:
    assert Quadratic(value=value, linear=linear, square=square).at(0.0) == value
