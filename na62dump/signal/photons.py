"""Photons in the dump: from decays of mesons, and those that protons carry in their own field."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump.signal.decays import in_flight, points
from na62dump.signal.species import PROTON
from na62dump.signal.standard import mass as mass_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.parents import Parent, Source

BINS = 400
"""Photons are binned in the logarithm of their energy to count particles quickly."""


class Proton(conf.Settings):
    """Form factors of the proton (MeV^2, a pure number) and the range of its photons (a pure number, MeV^2)."""

    dipole: conf.EnergySquared
    magnetic: float
    fraction_min: float
    transverse_max: conf.EnergySquared


class PhotonSettings(conf.Settings):
    """Photons in the dump: mm^2 and pure numbers."""

    absorption: conf.Area
    proton_exponent: float
    points: int
    proton: Proton


@dataclass(frozen=True)
class Photons:
    """Photons in the dump.

    Attributes
    ----------
    energy : float64[n], MeV
        Increasing or not.
    transverse : float64[n], MeV
        Momentum across the proton axis.
    weight : float64[n], 1/mm^2
        Photons per proton on target over the cross section that takes them away: times a cross section it is a number.
    """

    energy: NDArray[np.float64]
    transverse: NDArray[np.float64]
    weight: NDArray[np.float64]

    @cached_property
    def spectrum(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean energy and weight of the photons in bins of the logarithm of the energy, float64[bin], MeV and 1/mm^2."""
        log = np.log(self.energy)
        weight, edges = np.histogram(log, bins=BINS, weights=self.weight)
        energy = np.histogram(log, bins=edges, weights=self.weight * self.energy)[0]
        full = weight > 0
        return energy[full] / weight[full], weight[full]


def meson_photons(parent: Parent, *, branching: float, settings: PhotonSettings) -> Photons:
    """Photons of mesons that decay into two, over the cross section that absorbs photons.

    Parameters
    ----------
    parent : Parent
        What decays.
    branching : float
        Share of the decays into two photons, a pure number.
    settings : Primakoff
        Absorption, points.

    Returns
    -------
    Photons
        Those of mesons within their table; the others have little energy.
    """
    cube = points(settings.points)
    p, pt = parent.spectrum.draw(cube[:, :3])
    pz, sideways = in_flight(p, pt, parent_mass=parent.mass, star=parent.mass / 2, mass=0.0, direction=cube[:, 3:5])
    each = 2 * branching * parent.number * parent.spectrum.inside / len(cube) / settings.absorption
    return Photons(np.hypot(pz, sideways), sideways, np.full(len(cube), each))


def carried(x: NDArray[np.float64], qt2: NDArray[np.float64], *, proton: Proton, alpha: float) -> NDArray[np.float64]:
    """Photons in a fast proton per share of its momentum and squared transverse momentum.

    alpha/(pi x (qT^2 + x^2 mp^2)) [ qT^2 (1-x) D/(qT^2 + x^2 mp^2) + x^2 C/2 ], Q^2 = (qT^2 + x^2 mp^2)/(1-x),
    C = G_M^2, D = (4 mp^2 G_E^2 + Q^2 G_M^2)/(4 mp^2 + Q^2) [V. M. Budnev et al.; arXiv:1512.03069, section 3].

    Parameters
    ----------
    x : float64[n]
        Share of the momentum, a pure number.
    qt2 : float64[n], MeV^2
        Squared transverse momentum.
    proton : Proton
        Form factors.
    alpha : float
        Fine-structure constant.

    Returns
    -------
    float64[n]
        1/MeV^2.
    """
    m2 = mass_of(PROTON) ** 2
    virtual = qt2 + x**2 * m2
    q2 = virtual / (1 - x)
    electric = (1 + q2 / proton.dipole) ** -4
    magnetic = proton.magnetic * electric
    d = (4 * m2 * electric + q2 * magnetic) / (4 * m2 + q2)
    return np.asarray(alpha / (np.pi * x * virtual) * (qt2 * (1 - x) * d / virtual + x**2 * magnetic / 2))


def proton_photons(source: Source, *, settings: PhotonSettings, alpha: float) -> Photons:
    """Photons that the protons carry, over the cross section of protons on the nucleus.

    Parameters
    ----------
    source : Source
        Beam, nucleus, and the cross section on a nucleon.
    settings : Primakoff
        Form factors, range, points, power of A.
    alpha : float
        Fine-structure constant.

    Returns
    -------
    Photons
        From the smallest share of the momentum on.
    """
    cube, proton, beam = points(settings.points), settings.proton, source.settings
    length = -math.log(proton.fraction_min)
    x = proton.fraction_min * np.exp(length * cube[:, 0])
    soft = x**2 * mass_of(PROTON) ** 2
    depth = np.log1p(proton.transverse_max / soft)
    qt2 = soft * np.expm1(depth * cube[:, 1])
    volume = length * x * depth * (soft + qt2) / len(cube)  # dx dqT^2 of one point
    area = beam.heavy.total_nucleon * beam.target_nucleons**settings.proton_exponent
    weight = carried(x, qt2, proton=proton, alpha=alpha) * volume / area
    energy = x * math.hypot(beam.beam_momentum, mass_of(PROTON))
    return Photons(energy, np.sqrt(qt2), np.asarray(weight))
