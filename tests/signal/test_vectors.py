from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal import vectors
from na62dump.signal.kinematics import momentum

ALPHA = 1 / 137
ELECTRON, MUON = 0.51099895, 105.6583755
OMEGA, PION = 782.66, 134.9768


@pytest.mark.parametrize(("mass", "width"), [(50, 0.1217), (100, 0.2433)])
def test_widths_into_electrons_are_those_of_the_reference(mass: float, width: float) -> None:
    assert vectors.leptonic_width(mass, ELECTRON, alpha=ALPHA) == pytest.approx(width, rel=5e-4)


def test_widths_vanish_at_the_threshold_and_tend_to_a_third_of_alpha_m() -> None:
    assert vectors.leptonic_width(2 * MUON, MUON, alpha=ALPHA) == 0
    assert vectors.leptonic_width(200, MUON, alpha=ALPHA) == 0
    assert vectors.leptonic_width(1e6, MUON, alpha=ALPHA) == pytest.approx(ALPHA * 1e6 / 3, rel=1e-6)


@pytest.mark.parametrize(
    ("mass", "parent", "gammas", "expected"),
    [
        (100, PION, 0.98823, 0.181),
        (100, 547.862, 0.394, 0.711),
        (100, 957.78, 0.02307, 0.0446),
        (300, 547.862, 0.394, 0.270),
        (300, 957.78, 0.02307, 0.0338),
        (500, 547.862, 0.394, 0.0037),
        (500, 957.78, 0.02307, 0.0178),
    ],
)
def test_decays_of_pseudoscalars_are_those_of_the_reference(
    mass: float, parent: float, gammas: float, expected: float
) -> None:
    assert gammas * vectors.from_pseudoscalar(mass, parent=parent) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("mass", "expected"), [(100, 0.0791), (300, 0.0491), (500, 0.0126)])
def test_decays_of_the_omega_are_those_of_the_reference(mass: float, expected: float) -> None:
    assert 0.0835 * vectors.from_vector(mass, parent=OMEGA, partner=PION) == pytest.approx(expected, rel=0.01)


def test_a_massless_particle_is_either_photon_of_a_pseudoscalar() -> None:
    assert vectors.from_pseudoscalar(1e-3, parent=PION) == pytest.approx(2, rel=1e-9)


@pytest.mark.parametrize(("parent", "partner"), [(OMEGA, PION), (1019.46, 547.862), (775.26, 547.862)])
def test_the_denominator_of_vector_decays_has_the_mass_of_the_partner(parent: float, partner: float) -> None:
    found = vectors.from_vector(1e-3, parent=parent, partner=partner)
    assert found == pytest.approx(1, rel=1e-9)  # a massless particle is a photon

    def mistaken(m: float) -> float:  # with the mass of the particle in its place
        k = (2 * parent * momentum(parent, (partner, m))) ** 2
        return (parent**2 - m**2 - partner**2) ** 2 * math.sqrt(k) / (parent**2 - m**2) ** 3

    assert mistaken(1e-3) < 0.95


@given(
    mass=st.floats(0.1, 1100),
    parent=st.sampled_from([OMEGA, 775.26, 1019.46]),
    partner=st.sampled_from([PION, 547.862]),
)
def test_vector_decays_go_with_the_third_power_of_the_momentum(mass: float, parent: float, partner: float) -> None:
    expected = (momentum(parent, (partner, mass)) / momentum(parent, (partner, 0.0))) ** 3
    assert vectors.from_vector(mass, parent=parent, partner=partner) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(mass=st.floats(0.1, 900), step=st.floats(0.1, 200))
def test_decays_into_heavier_particles_are_rarer(mass: float, step: float) -> None:
    for one, other in (
        [vectors.from_pseudoscalar(m, parent=957.78) for m in (mass, mass + step)],
        [vectors.from_vector(m, parent=1019.46, partner=PION) for m in (mass, mass + step)],
    ):
        assert 0 <= other <= one
        assert other < one or one == 0


def test_decays_stop_at_the_threshold() -> None:
    assert vectors.from_pseudoscalar(PION, parent=PION) == 0
    assert vectors.from_vector(OMEGA - PION, parent=OMEGA, partner=PION) == 0
    assert vectors.from_vector(2 * OMEGA, parent=OMEGA, partner=PION) == 0


def test_a_meson_of_the_same_mass_mixes_as_its_pairs_of_leptons_tell() -> None:
    """dN(A')/dN(l+ l-)/dm = 3 pi m eps^2/(2 alpha) for one kind of lepton [arXiv:0906.0580, equation 19] at the peak."""
    meson, width, branching = 1019.461, 4.249, 2.979e-4
    pairs_per_mev = branching * 2 / (math.pi * width)  # a narrow resonance at its maximum
    found = vectors.mixing(meson, meson=meson, width=width, electrons=branching * width, alpha=ALPHA)
    assert found == pytest.approx(3 * math.pi * meson / (2 * ALPHA) * pairs_per_mev, rel=1e-9)


def test_far_below_its_mass_a_meson_mixes_as_its_coupling() -> None:
    found = vectors.mixing(1e-3, meson=775.26, width=147.4, electrons=4.72e-5 * 147.4, alpha=ALPHA)
    g = math.sqrt(4 * math.pi * ALPHA / found) * abs(1 / complex(1, -147.4 / 775.26))
    assert 4.5 < g < 5.5  # of the rho
