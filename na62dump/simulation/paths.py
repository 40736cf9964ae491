"""The simulation's own propagation: straight lines, scattering in the first chamber, a kick in the magnet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import BendData, LavData
    from na62dump.simulation.particles import Particle

PATH = np.dtype(
    [
        ("key", "u8"),
        ("pdg", "i8"),
        *((name, "f8") for name in ("charge", "time", "p", "x", "y", "z", "sx", "sy", "z_end")),
        *((name, "f8") for name in ("x1", "y1", "z1", "sx1", "sy1", "x2", "y2", "z2", "sx2", "sy2")),
    ]
)
"""Record of a `Path`."""


class Path(Protocol):
    """The true path of a particle: three straight pieces.

    Attributes
    ----------
    key : uint64
        Of the particle's random numbers.
    pdg, charge, time, p : int, float (e), float (ns, same origin as all detector times), float (MeV/c)
        What it is, and its momentum.
    x, y, z, sx, sy : float, mm and rad
        Where it begins, and slopes up to the first chamber.
    z_end : float, mm
        Where it is absorbed or lost.
    x1, y1, z1, sx1, sy1 : float, mm and rad
        Point at the first chamber, or the beginning if that is behind it, and slopes up to the magnet.
    x2, y2, z2, sx2, sy2 : float, mm and rad
        Point at the magnet's centre, or the point before if that is behind it, and slopes from there on.
    """

    key: np.uint64
    pdg: int
    charge: float
    time: float
    p: float
    x: float
    y: float
    z: float
    sx: float
    sy: float
    z_end: float
    x1: float
    y1: float
    z1: float
    sx1: float
    sy1: float
    x2: float
    y2: float
    z2: float
    sx2: float
    sy2: float


@kernel
def position(path: Path, z: float) -> tuple[float, float]:
    """Point (x, y) in mm of a path at a plane z in mm."""
    if z < path.z1:
        dz = z - path.z
        return path.x + path.sx * dz, path.y + path.sy * dz
    if z < path.z2:
        dz = z - path.z1
        return path.x1 + path.sx1 * dz, path.y1 + path.sy1 * dz
    dz = z - path.z2
    return path.x2 + path.sx2 * dz, path.y2 + path.sy2 * dz


@kernel
def reaches(path: Path, z: float) -> bool:
    """Whether a particle exists at a plane z in mm."""
    return path.z < z < path.z_end


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
    path: Path, particle: Particle, key: np.uint64, centre: float, bend: BendData, state: NDArray[np.uint64]
) -> None:
    """Fill the path of a particle; its own key, the window's centre (ns), state uint64[1] of the draws."""
    px, py, pz = particle.px, particle.py, particle.pz
    path.key, path.pdg, path.charge = key, particle.pdg, particle.charge
    path.time = centre + particle.time
    path.p = math.sqrt(px * px + py * py + pz * pz)
    path.x, path.y, path.z = particle.x, particle.y, particle.z
    # A particle that flies backwards is nowhere: its path ends where it begins.
    forward = pz > 0.0
    path.sx, path.sy = (px / pz, py / pz) if forward else (0.0, 0.0)
    path.z_end = np.inf if forward else particle.z
    path.z1 = max(bend.scatter_z, path.z)
    path.x1, path.y1 = path.x + path.sx * (path.z1 - path.z), path.y + path.sy * (path.z1 - path.z)
    path.sx1, path.sy1 = path.sx, path.sy
    if path.z < bend.scatter_z and path.charge != 0.0:
        draws.start(state, key, draws.PATH)
        in_x, in_y = draws.normals(state)
        path.sx1 += bend.highland / path.p * in_x
        path.sy1 += bend.highland / path.p * in_y
    path.z2 = max(bend.magnet_z, path.z1)
    path.x2, path.y2 = path.x1 + path.sx1 * (path.z2 - path.z1), path.y1 + path.sy1 * (path.z2 - path.z1)
    path.sx2, path.sy2 = path.sx1, path.sy1
    if path.z < bend.magnet_z and path.charge != 0.0:
        path.sx2, path.sy2, passes = kicked(path.p, path.sx1, path.sy1, path.charge * bend.kick)
        if not passes:
            path.z_end = min(path.z_end, bend.magnet_z)


@kernel
def crosses(path: Path, lav: LavData, station: int) -> bool:
    """Whether a particle crosses the ring of a LAV station (index from 0)."""
    ring = lav.stations[station]
    if not reaches(path, ring.front):
        return False
    inner, outer = ring.r_inner * ring.r_inner, ring.r_outer * ring.r_outer
    x, y = position(path, ring.front)
    if inner < x * x + y * y < outer:
        return True
    x, y = position(path, ring.back)
    return bool(inner < x * x + y * y < outer)


@kernel
def absorb(path: Path, lav: LavData) -> None:
    """End the path of an electron or photon in the middle of the first LAV ring that it crosses."""
    for station in range(len(lav.stations)):
        if crosses(path, lav, station):
            ring = lav.stations[station]
            path.z_end = min(path.z_end, (ring.front + ring.back) / 2.0)
            return
