"""Particles made in place of mesons that they mix with: where the meson would have gone, they go."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.signal.decays import of_parents, points
from na62dump.signal.species import PROTON
from na62dump.signal.standard import mass as mass_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.flux import Flux, Grid
    from na62dump.signal.parents import Parent


def replaced(
    p: NDArray[np.float64], pt: NDArray[np.float64], *, old: float, new: float, beam: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Particles of another mass with the same momentum in the centre of mass of proton and nucleon.

    The choice of arXiv:2201.05170, section 3; the energy there differs by the difference of the masses.

    Parameters
    ----------
    p, pt : float64[n], MeV
        Momenta and transverse momenta in the laboratory.
    old, new : float, MeV
        Masses.
    beam : float, MeV
        Momentum of the proton on the nucleon at rest.

    Returns
    -------
    momentum, theta : float64[n]
        MeV, rad.
    """
    nucleon = mass_of(PROTON)
    energy = math.hypot(beam, nucleon) + nucleon
    gamma = energy / math.sqrt(energy**2 - beam**2)
    speed = beam / energy
    star = gamma * (np.sqrt(p**2 - pt**2) - speed * np.hypot(p, old))
    pz = gamma * (star + speed * np.sqrt(star**2 + pt**2 + new**2))
    return np.hypot(pz, pt), np.arctan2(pt, pz)


def in_place_of(parent: Parent, mass: float, *, beam: float, grid: Grid, power: int) -> Flux:
    """Momenta and angles of particles made in place of a meson.

    Parameters
    ----------
    parent : Parent
        The meson.
    mass : float, MeV
        Of the particle.
    beam : float, MeV
        Momentum of the protons.
    grid : Grid
        Cells to count in.
    power : int
        2 to this power points are used.

    Returns
    -------
    Flux
        Shares of the particles, of which the sum is the share of the mesons in their table; the rest is outside.
    """
    drawn = parent.spectrum.draw(points(power)[:, :3])
    momentum, theta = replaced(*drawn, old=parent.mass, new=mass, beam=beam)
    return of_parents(parent.spectrum, momentum, theta=theta, grid=grid)
