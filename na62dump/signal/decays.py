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

DIMENSIONS = 7
"""What a point takes: three numbers for the parent, two for the direction, two for the energy and what becomes of the daughter."""


@cache
def points(power: int) -> NDArray[np.float64]:
    """Points that fill the unit cube evenly, always the same: a Sobol sequence.

    Parameters
    ----------
    power : int
        Their number is 2 to this power.

    Returns
    -------
    float64[point, 7]
        Pure numbers between 0 and 1.
    """
    n = 2**power
    found: NDArray[np.float64] = qmc.Sobol(DIMENSIONS, scramble=False).random_base2(power) + 0.5 / n
    found.setflags(write=False)
    return found


def in_flight(
    p: NDArray[np.float64],
    pt: NDArray[np.float64],
    *,
    parent_mass: float,
    star: NDArray[np.float64] | float,
    mass: float,
    direction: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Momenta of daughters of moving parents: boosted along the parent, then turned with it to the proton axis.

    Parameters
    ----------
    p, pt : float64[n], MeV
        Momenta of the parents, and their parts across the proton axis.
    parent_mass, mass : float, MeV
        Of the parents and of the daughters.
    star : float or float64[n], MeV
        Momenta of the daughters in the rest frame of the parent.
    direction : float64[n, 2]
        Where they go there: pure numbers between 0 and 1, even in the cosine and in the azimuth.

    Returns
    -------
    along, across : float64[n], MeV
        Parts of the momenta along the proton axis and across it.
    """
    cosine, phi = 2 * direction[:, 0] - 1, 2 * np.pi * direction[:, 1]
    aside = star * np.sqrt(1 - cosine**2)
    ahead = (np.hypot(p, parent_mass) * star * cosine + p * np.hypot(star, mass)) / parent_mass
    sine = pt / p
    cos_parent = np.sqrt(1 - sine**2)
    along = ahead * cos_parent - aside * np.cos(phi) * sine
    across = np.hypot(ahead * sine + aside * np.cos(phi) * cos_parent, aside * np.sin(phi))
    return along, across


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
    pz, sideways = in_flight(p, pt, parent_mass=parent_mass, star=star, mass=mass, direction=cube[:, 3:5])
    return of_parents(spectrum, np.hypot(pz, sideways), theta=np.arctan2(sideways, pz), grid=grid)


def of_parents(spectrum: Spectrum, momentum: NDArray[np.float64], *, theta: NDArray[np.float64], grid: Grid) -> Flux:
    """Particles that come one from each parent drawn from a table.

    Parameters
    ----------
    spectrum : Spectrum
        The table.
    momentum : float64[n], MeV
        Of each particle.
    theta : float64[n], rad
        Angle of each to the proton axis.
    grid : Grid
        Cells to count in.

    Returns
    -------
    Flux
        Shares of the particles; those whose parents are in no cell of the table are outside.
    """
    share = spectrum.inside
    flux = counted(momentum, theta, weight=np.full(len(momentum), share / len(momentum)), grid=grid)
    return Flux(grid, flux.weight, flux.outside + 1 - share)
