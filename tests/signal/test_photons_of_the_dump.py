"""Photons of mesons and of the proton."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import dblquad

from na62dump.signal.decays import points
from na62dump.signal.parents import source
from na62dump.signal.photons import carried, meson_photons, proton_photons
from na62dump.signal.primakoff import primakoff
from na62dump.signal.standard import mass, standard

SETTINGS = primakoff().photons
SOURCE = source()
ALPHA = standard().alpha


def test_two_photons_share_the_energy_of_the_meson() -> None:
    parent = SOURCE.parent("pi0")
    found = meson_photons(parent, branching=0.5, settings=SETTINGS)
    momentum, transverse = parent.spectrum.draw(points(SETTINGS.points)[:, :3])
    assert found.energy.mean() == pytest.approx(np.hypot(momentum, parent.mass).mean() / 2, rel=5e-3)
    assert np.all(found.transverse <= found.energy)
    assert found.transverse.mean() > transverse.mean() / 2  # the decay adds some
    expected = 2 * 0.5 * parent.number * parent.spectrum.inside / SETTINGS.absorption
    assert found.weight.sum() == pytest.approx(expected)


def test_the_binned_spectrum_keeps_number_and_energy() -> None:
    found = meson_photons(SOURCE.parent("eta"), branching=0.39, settings=SETTINGS)
    energy, weight = found.spectrum
    assert weight.sum() == pytest.approx(found.weight.sum())
    assert (energy * weight).sum() == pytest.approx((found.energy * found.weight).sum())


def test_the_proton_carries_the_photons_of_the_formula() -> None:
    found = proton_photons(SOURCE, settings=SETTINGS, alpha=ALPHA)
    beam = math.hypot(SOURCE.settings.beam_momentum, mass(2212))
    area = SOURCE.settings.heavy.total_nucleon * SOURCE.settings.target_nucleons**0.77

    def density(log_qt2: float, x: float) -> float:
        qt2 = math.exp(log_qt2)
        one = carried(np.array([x]), np.array([qt2]), proton=SETTINGS.proton, alpha=ALPHA)
        return float(one[0]) * qt2

    among = (found.energy > 0.1 * beam) & (found.energy < 0.3 * beam)
    direct = dblquad(density, 0.1, 0.3, math.log(1e-2), math.log(SETTINGS.proton.transverse_max), epsrel=1e-3)[0]
    assert found.weight[among].sum() * area == pytest.approx(direct, rel=0.01)


def test_soft_photons_are_those_of_a_point_charge() -> None:
    """At small x and qT: alpha/(pi x) qT^2/(qT^2 + x^2 mp^2)^2, the field of a charge."""
    x, qt2 = np.array([2e-3]), np.array([30.0])
    soft = x**2 * mass(2212) ** 2
    point = ALPHA / (math.pi * x) * qt2 / (qt2 + soft) ** 2
    assert carried(x, qt2, proton=SETTINGS.proton, alpha=ALPHA) == pytest.approx(point, rel=0.01)
