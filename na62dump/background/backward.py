"""Muons through material, backwards as well as forwards: straight lines between slabs, energy loss and scattering in them.

The fields that sweep muons away upstream of the decay volume are left out: between the last yoke and the spectrometer there
is none but the residual one of the vacuum tank.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.simulation import threshold

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from na62dump.background.material import Material, Slab, Substance

_MOYAL_MEAN = np.euler_gamma + math.log(2.0)
"""Mean of Moyal's distribution of unit width."""


class Muons(NamedTuple):
    """Muons at a plane.

    Attributes
    ----------
    z : float, mm
        The plane.
    x, y : float64[muon], mm
        Where they cross it.
    dxdz, dydz : float64[muon], rad
        Their slopes there.
    p : float64[muon], MeV/c
        Their momenta there; 0 where a muon has stopped before.
    charge : float64[muon], e
        Their charges.
    weight : float64[muon]
        Muons that each stands for; 0 where it has stopped.
    """

    z: float
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    dxdz: NDArray[np.float64]
    dydz: NDArray[np.float64]
    p: NDArray[np.float64]
    charge: NDArray[np.float64]
    weight: NDArray[np.float64]

    def where(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> Muons:
        """Some of them: kept bool[muon], or int64[muon] their indices, without unit."""
        return Muons(self.z, *(column[kept] for column in self[1:]))

    def in_order(self) -> Muons:
        """The same in an order of their own, so that none of what is drawn depends on the order of files."""
        return self.where(np.lexsort(self[1:]))


@cache
def mass() -> float:
    """Mass of the muon, MeV."""
    return threshold("mumu") / 2.0


def backward(muons: Muons, z: float, *, material: Material, rng: Generator | None = None, spread: float = 1.0) -> Muons:
    """Where muons come from: what they lost is given back.

    Parameters
    ----------
    muons : Muons
        At their plane.
    z : float, mm
        A plane upstream of it; in the middle of a slab, only what is behind counts.
    material : Material
        What they have crossed.
    rng : Generator, optional
        Of what is drawn: scattering, and the spread of the energy loss. Without it there is neither.
    spread : float
        What the widths of all that is drawn are multiplied by.

    Returns
    -------
    Muons
        At that plane, in the same order.
    """
    return _travel(muons, z, material, (-1.0, spread, rng))


def forward(muons: Muons, z: float, *, material: Material, rng: Generator | None = None, spread: float = 1.0) -> Muons:
    """Where muons go: the way of `backward` the other way round, with the same parameters."""
    return _travel(muons, z, material, (1.0, spread, rng))


_How = tuple[float, float, "Generator | None"]
"""Sign of the direction along z, factor of what is drawn, and what it is drawn from."""


def _travel(muons: Muons, z: float, material: Material, how: _How) -> Muons:
    low, high = sorted((muons.z, z))
    ahead = how[0] > 0
    for slab in material.slab if ahead else reversed(material.slab):
        begin, end = max(low, slab.z), min(high, slab.z + slab.thickness)
        if begin < end:
            arrived = _straight(muons, begin if ahead else end)
            muons = _cross(arrived, slab, material.substance[slab.substance], end - begin, how)
    return _straight(muons, z)


def _straight(muons: Muons, z: float) -> Muons:
    dz = z - muons.z
    return muons._replace(z=z, x=muons.x + muons.dxdz * dz, y=muons.y + muons.dydz * dz)


def _cross(muons: Muons, slab: Slab, substance: Substance, length: float, how: _How) -> Muons:
    """Muons at a face of a slab, or at a plane in it, after so much of it (mm along z)."""
    direction, spread, rng = how
    middle = _straight(muons, slab.middle)
    at = np.flatnonzero(slab.hit(middle.x, middle.y) & (muons.p > 0))
    path = length * np.sqrt(1.0 + muons.dxdz[at] ** 2 + muons.dydz[at] ** 2)
    energy = substance.loses(np.hypot(muons.p[at], mass()), direction * path)
    if rng is not None:
        energy -= direction * spread * substance.straggling(path) * _moyal(rng, len(at))
    p = np.sqrt(np.maximum(energy, mass()) ** 2 - mass() ** 2)
    after = _straight(muons, muons.z + direction * length)
    columns = {name: getattr(after, name).copy() for name in Muons._fields[1:]}
    columns["p"][at] = p
    columns["weight"][at[p == 0]] = 0.0
    if rng is not None:
        angle = spread * substance.angle(np.sqrt(muons.p[at] * np.where(p > 0, p, muons.p[at])), path)
        for axis in "xy":
            shift, turn = _scatter(rng, angle)
            columns[axis][at] += shift * path
            columns[f"d{axis}dz"][at] += direction * turn
    return Muons(after.z, **columns)


def _moyal(rng: Generator, n: int) -> NDArray[np.float64]:
    """Numbers float64[n] of Moyal's distribution of unit width (Phil. Mag. 46 (1955) 263), about their mean.

    It is near Landau's but for the tail of rare hard losses, which is left out: they are in the mean.
    """
    return np.asarray(-np.log(rng.standard_normal(n) ** 2) - _MOYAL_MEAN)


def _scatter(rng: Generator, angle: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Displacement over path, and change of slope, of muons whose scattering has a width angle float64[muon] in rad.

    Particle Data Group, "Passage of particles through matter", eqs. 34.20 and 34.21.
    """
    one, two = rng.standard_normal((2, len(angle)))
    return angle * (one / math.sqrt(12.0) + two / 2.0), angle * two
