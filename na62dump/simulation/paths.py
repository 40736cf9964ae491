"""The simulation's own propagation: straight pieces of a path, with a bend wherever something happens to the particle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation.particles import MUON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import LavData
    from na62dump.simulation.particles import Particle

PIECES = 4
"""Most pieces of a path: a beginning, the first chamber, the magnet, and a decay."""

PATH = np.dtype(
    [
        ("key", "u8"),
        *((name, "i8") for name in ("pdg", "pdg_end", "pieces")),
        *((name, "f8") for name in ("charge", "time", "p", "p_end", "z_decay", "z_end")),
        *((name, "f8", (PIECES,)) for name in ("z", "x", "y", "sx", "sy")),
    ]
)
"""Record of a `Path`."""


class Path(Protocol):
    """The true path of a particle, and of the charged one that it decays into.

    Attributes
    ----------
    key : uint64
        Of the particle's random numbers.
    pdg, pdg_end, charge, time : int, int, float (e), float (ns, same origin as all detector times)
        What it is, and what it is behind z_decay.
    p, p_end : float, MeV/c
        Momentum in the magnet, and in the calorimeter.
    z_decay, z_end : float, mm
        Where it decays, and where it is absorbed or lost; infinite if it is not.
    pieces : int
        Number of straight pieces.
    z, x, y, sx, sy : float64[piece], mm and rad
        Where a piece begins, and its slopes; in order of z.
    """

    key: np.uint64
    pdg: int
    pdg_end: int
    pieces: int
    charge: float
    time: float
    p: float
    p_end: float
    z_decay: float
    z_end: float
    z: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    sx: NDArray[np.float64]
    sy: NDArray[np.float64]


@kernel
def piece(path: Path, z: float) -> int:
    """Piece of a path that is at a plane z in mm; the first one if the plane is upstream of all."""
    k = 0
    while k + 1 < path.pieces and z >= path.z[k + 1]:
        k += 1
    return k


@kernel
def position(path: Path, z: float) -> tuple[float, float]:
    """Point (x, y) in mm of a path at a plane z in mm."""
    k = piece(path, z)
    dz = z - path.z[k]
    return path.x[k] + path.sx[k] * dz, path.y[k] + path.sy[k] * dz


@kernel
def reaches(path: Path, z: float) -> bool:
    """Whether a particle exists at a plane z in mm."""
    return bool(path.z[0] < z < path.z_end)


@kernel
def species(path: Path, z: float) -> int:
    """PDG number, without sign, of what there is of a path at a plane z in mm."""
    return abs(path.pdg_end if z > path.z_decay else path.pdg)


@kernel
def begin(path: Path, particle: Particle, key: np.uint64, centre: float) -> None:
    """Begin the path of a particle with one straight piece; its own key, the window's centre in ns."""
    px, py, pz = particle.px, particle.py, particle.pz
    path.key, path.pdg, path.pdg_end, path.charge = key, particle.pdg, particle.pdg, particle.charge
    path.time = centre + particle.time
    path.p = math.sqrt(px * px + py * py + pz * pz)
    path.p_end = path.p
    path.pieces = 1
    path.z[0], path.x[0], path.y[0] = particle.z, particle.x, particle.y
    # A particle that flies backwards is nowhere: its path ends where it begins.
    forward = pz > 0.0
    path.sx[0], path.sy[0] = (px / pz, py / pz) if forward else (0.0, 0.0)
    path.z_decay = np.inf
    path.z_end = np.inf if forward else particle.z


@kernel
def turn(path: Path, z: float, sx: float, sy: float) -> None:
    """Give a path other slopes (rad) from a plane z in mm on, behind all that happened to it before."""
    k = path.pieces
    dz = z - path.z[k - 1]
    path.z[k] = z
    path.x[k], path.y[k] = path.x[k - 1] + path.sx[k - 1] * dz, path.y[k - 1] + path.sy[k - 1] * dz
    path.sx[k], path.sy[k] = sx, sy
    path.pieces = k + 1


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
    """End the path of all but a muon in the middle of the first LAV ring that it crosses."""
    for station in range(len(lav.stations)):
        ring = lav.stations[station]
        if species(path, ring.front) != MUON and crosses(path, lav, station):
            path.z_end = min(path.z_end, (ring.front + ring.back) / 2.0)
            return
