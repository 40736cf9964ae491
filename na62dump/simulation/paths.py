"""The simulation's own propagation: straight lines, scattering in the first chamber, a kick in the magnet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import MUON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import Apparatus, LavData
    from na62dump.simulation.particles import Particles


class Paths(NamedTuple):
    """True paths of the particles of one event: three straight pieces each, float64[particle].

    Attributes
    ----------
    x, y, z : float64[particle], mm
        Beginning.
    sx, sy : float64[particle], rad
        Slopes up to the first chamber.
    x1, y1, z1, sx1, sy1 : float64[particle], mm and rad
        Point at the first chamber, or the beginning if that is behind it, and slopes up to the magnet.
    x2, y2, z2, sx2, sy2 : float64[particle], mm and rad
        Point at the magnet's centre, or the beginning if that is behind it, and slopes from there on.
    z_end : float64[particle], mm
        Where the particle is absorbed or lost.
    p : float64[particle], MeV/c
        Momentum.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    sx: NDArray[np.float64]
    sy: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]
    z1: NDArray[np.float64]
    sx1: NDArray[np.float64]
    sy1: NDArray[np.float64]
    x2: NDArray[np.float64]
    y2: NDArray[np.float64]
    z2: NDArray[np.float64]
    sx2: NDArray[np.float64]
    sy2: NDArray[np.float64]
    z_end: NDArray[np.float64]
    p: NDArray[np.float64]


def work_paths(particles: int) -> Paths:
    """Room for the paths of one event.

    Parameters
    ----------
    particles : int
        Most particles in it.

    Returns
    -------
    Paths
        Undefined values.
    """
    return Paths(*(np.empty(particles, dtype=np.float64) for _ in Paths._fields))


@kernel
def position(paths: Paths, k: int, z: float) -> tuple[float, float]:
    """Point (x, y) in mm of particle k of an event at a plane z in mm."""
    if z < paths.z1[k]:
        dz = z - paths.z[k]
        return paths.x[k] + paths.sx[k] * dz, paths.y[k] + paths.sy[k] * dz
    if z < paths.z2[k]:
        dz = z - paths.z1[k]
        return paths.x1[k] + paths.sx1[k] * dz, paths.y1[k] + paths.sy1[k] * dz
    dz = z - paths.z2[k]
    return paths.x2[k] + paths.sx2[k] * dz, paths.y2[k] + paths.sy2[k] * dz


@kernel
def reaches(paths: Paths, k: int, z: float) -> bool:
    """Whether particle k of an event exists at a plane z in mm."""
    return paths.z[k] < z < paths.z_end[k]


@kernel
def kicked(p: float, sx: float, sy: float, kick: float) -> tuple[float, float, bool]:
    """Slopes (rad) behind the magnet, and whether there is any way: p and kick in MeV/c, slopes before it in rad.

    The kick changes p_x and leaves p as it is.
    """
    scale = p / math.sqrt(1.0 + sx * sx + sy * sy)
    px = scale * sx + kick
    py = scale * sy
    pz2 = p * p - px * px - py * py
    if pz2 <= 0.0:
        return sx, sy, False
    pz = math.sqrt(pz2)
    return px / pz, py / pz, True


@kernel
def follow(
    paths: Paths, k: int, particles: Particles, row: int, it: Apparatus, key: np.uint64, state: NDArray[np.uint64]
) -> None:
    """Fill path k of an event from a row of the particles; key of the event, state uint64[1] of the draws."""
    px, py, pz = particles.px[row], particles.py[row], particles.pz[row]
    charge = particles.charge[row]
    p = math.sqrt(px * px + py * py + pz * pz)
    paths.p[k] = p
    paths.x[k], paths.y[k], paths.z[k] = particles.x[row], particles.y[row], particles.z[row]
    # A particle that flies backwards is nowhere: its path ends where it begins.
    forward = pz > 0.0
    paths.sx[k], paths.sy[k] = (px / pz, py / pz) if forward else (0.0, 0.0)
    paths.z_end[k] = np.inf if forward else particles.z[row]
    _scatter(paths, k, charge, it.straw.z[0], it.straw.highland, key, state)
    paths.z2[k] = max(it.magnet_z, paths.z1[k])
    dz = paths.z2[k] - paths.z1[k]
    paths.x2[k] = paths.x1[k] + paths.sx1[k] * dz
    paths.y2[k] = paths.y1[k] + paths.sy1[k] * dz
    paths.sx2[k], paths.sy2[k] = paths.sx1[k], paths.sy1[k]
    if paths.z[k] < it.magnet_z and charge != 0.0:
        kick = charge * it.magnet_kick
        paths.sx2[k], paths.sy2[k], passes = kicked(p, paths.sx1[k], paths.sy1[k], kick)
        if not passes:
            paths.z_end[k] = min(paths.z_end[k], it.magnet_z)
    if abs(particles.pdg[row]) != MUON:
        paths.z_end[k] = min(paths.z_end[k], _absorbed(paths, k, it.lav))


@kernel
def _scatter(
    paths: Paths, k: int, charge: float, z: float, highland: float, key: np.uint64, state: NDArray[np.uint64]
) -> None:
    """Multiple scattering in the chamber at z (mm): theta0 = highland (MeV/c) / p in each projection."""
    paths.z1[k] = max(z, paths.z[k])
    dz = paths.z1[k] - paths.z[k]
    paths.x1[k] = paths.x[k] + paths.sx[k] * dz
    paths.y1[k] = paths.y[k] + paths.sy[k] * dz
    paths.sx1[k], paths.sy1[k] = paths.sx[k], paths.sy[k]
    if paths.z[k] < z and charge != 0.0:
        draws.start(state, key, k * draws.STREAMS + draws.PATH)
        in_x, in_y = draws.normals(state)
        theta = highland / paths.p[k]
        paths.sx1[k] += theta * in_x
        paths.sy1[k] += theta * in_y


@kernel
def crosses(paths: Paths, k: int, lav: LavData, station: int) -> bool:
    """Whether particle k of an event crosses the ring of a LAV station (index from 0)."""
    front = lav.front[station]
    if not reaches(paths, k, front):
        return False
    r_min, r_max = lav.r_inner[station], lav.r_outer[station]
    x, y = position(paths, k, front)
    if r_min * r_min < x * x + y * y < r_max * r_max:
        return True
    x, y = position(paths, k, lav.back[station])
    return r_min * r_min < x * x + y * y < r_max * r_max


@kernel
def _absorbed(paths: Paths, k: int, lav: LavData) -> float:
    """Where (z, mm) an electron or photon is absorbed: behind the front of the first ring that it crosses."""
    for station in range(len(lav.front)):
        if crosses(paths, k, lav, station):
            return (lav.front[station] + lav.back[station]) / 2.0
    return np.inf
