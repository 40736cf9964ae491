"""From the momenta of parents to those of the exotic particles that they decay into."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import qmc

from na62dump.signal.flux import Flux, Grid, counted
from na62dump.signal.kinematics import momentum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.parents import Parent
    from na62dump.signal.spectra import Spectrum

DIMENSIONS = 6
"""What a decay takes: three numbers for the parent, two for the direction, one for the energy."""


@cache
def points(power: int) -> NDArray[np.float64]:
    """Points that fill the unit cube evenly, always the same: a Sobol sequence.

    Parameters
    ----------
    power : int
        Their number is 2 to this power.

    Returns
    -------
    float64[point, 6]
        Pure numbers between 0 and 1.
    """
    n = 2**power
    found: NDArray[np.float64] = qmc.Sobol(DIMENSIONS, scramble=False).random_base2(power) + 0.5 / n
    found.setflags(write=False)
    return found


def two_body_decay(parent: Parent, mass: float, *, other: float, grid: Grid, power: int) -> Flux:
    """Exotic particles from parent -> X + another.

    Parameters
    ----------
    parent : Parent
        What decays.
    mass, other : float, MeV
        Masses of the exotic particle and of what comes with it.
    grid : Grid
        Cells to count in.
    power : int
        2 to this power points are used.

    Returns
    -------
    Flux
        Shares of the particles; their sum is 1.
    """
    energy = np.hypot(momentum(parent.mass, (mass, other)), mass)
    return decay(parent.spectrum, mass, parent_mass=parent.mass, energies=np.array([energy]), grid=grid, power=power)


def decay(
    spectrum: Spectrum,
    mass: float,
    *,
    parent_mass: float,
    energies: NDArray[np.float64],
    grid: Grid,
    power: int,
) -> Flux:
    """Exotic particles from decays of unpolarised parents.

    Parameters
    ----------
    spectrum : Spectrum
        Momenta of the parents.
    mass : float, MeV
        Of the exotic particle.
    parent_mass : float, MeV
        Of the parent.
    energies : float64[k], MeV
        Energies of the exotic particle in the rest frame of the parent, all equally likely: quantiles of the distribution.
    grid : Grid
        Cells to count in.
    power : int
        2 to this power points are used.

    Returns
    -------
    Flux
        Shares of the particles, of which the sum is the share of the parents in their table; the rest is outside.
    """
    cube = points(power)
    p, pt = spectrum.draw(cube[:, :3])
    energy = energies[(cube[:, 5] * len(energies)).astype(np.int64)]
    star = np.sqrt(np.maximum(energy**2 - mass**2, 0.0))
    cosine, phi = 2 * cube[:, 3] - 1, 2 * np.pi * cube[:, 4]
    across = star * np.sqrt(1 - cosine**2)
    along = (np.hypot(p, parent_mass) * star * cosine + p * energy) / parent_mass
    sine = pt / p
    cos_parent = np.sqrt(1 - sine**2)
    pz = along * cos_parent - across * np.cos(phi) * sine
    sideways = np.hypot(along * sine + across * np.cos(phi) * cos_parent, across * np.sin(phi))
    share = spectrum.inside
    flux = counted(
        np.hypot(pz, sideways), np.arctan2(sideways, pz), weight=np.full(len(cube), share / len(cube)), grid=grid
    )
    return Flux(grid, flux.weight, flux.outside + 1 - share)
