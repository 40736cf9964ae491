"""Particles in place of mesons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal.flux import Grid
from na62dump.signal.mixing import in_place_of, replaced
from na62dump.signal.parents import Parent, source

GRID = Grid(np.geomspace(1e3, 400e3, 41), np.linspace(0, 0.015, 16))


@pytest.fixture(scope="module")
def rho() -> Parent:
    return source().parent("rho0")


@given(st.floats(1.0, 300.0), st.floats(0.0, 0.99), st.floats(20.0, 2000.0))
def test_momenta_are_kept_in_the_centre_of_mass(gev: float, share: float, new: float) -> None:
    p = np.array([gev * 1e3])
    pt = np.minimum(share * p, 2e3)
    momentum, theta = replaced(p, pt, old=135.0, new=new, beam=400e3)
    assert momentum * np.sin(theta) == pytest.approx(pt, rel=1e-9, abs=1e-6)
    again, back = replaced(momentum, pt, old=new, new=135.0, beam=400e3)
    assert np.abs(again - p) < 1e-6 * p + 1e-3
    assert again * np.sin(back) == pytest.approx(pt, rel=1e-9, abs=1e-6)


def test_a_heavier_particle_is_faster_in_the_laboratory() -> None:
    """The centre of mass carries it along."""
    p, pt = np.array([20e3]), np.array([200.0])
    assert replaced(p, pt, old=135.0, new=1000.0, beam=400e3)[0] > replaced(p, pt, old=135.0, new=135.0, beam=400e3)[0]
    assert replaced(p, pt, old=135.0, new=135.0, beam=400e3)[0] == pytest.approx(p)


def test_particles_of_the_mass_of_the_meson_have_its_momenta(rho: Parent) -> None:
    flux = in_place_of(rho, rho.mass, beam=400e3, grid=GRID, power=14)
    p, pt = rho.spectrum.draw(np.random.default_rng(1).random((2**16, 3)))
    cells = np.histogram2d(p, np.arcsin(pt / p), bins=(GRID.momentum, GRID.theta))[0] / len(p) * rho.spectrum.inside
    assert flux.inside == pytest.approx(cells.sum(), rel=0.01)
    assert flux.weight.sum(axis=1) @ GRID.momentum[1:] == pytest.approx(cells.sum(axis=1) @ GRID.momentum[1:], rel=0.02)


@pytest.mark.parametrize("mass", [300, 1500])
def test_particles_in_place_of_mesons_are_all_counted(rho: Parent, mass: float) -> None:
    one, other = (in_place_of(rho, mass, beam=400e3, grid=GRID, power=12) for _ in range(2))
    assert one.inside + one.outside == pytest.approx(1, abs=1e-12)
    assert np.array_equal(one.weight, other.weight)


def test_heavier_particles_in_place_of_mesons_are_faster(rho: Parent) -> None:
    grid, means = Grid(np.geomspace(1, 400e3, 201), np.array([0.0, np.pi])), []
    for mass in (300, 775, 1500):
        weight = in_place_of(rho, mass, beam=400e3, grid=grid, power=14).weight.sum(axis=1)
        means.append(float(weight @ grid.momentum[1:] / weight.sum()))
    assert means == sorted(means)
