"""LAV and ANTI0: hits of what crosses them, and accidental ones.

Everywhere below, state uint64[1] is the event's generator of random numbers, and out records[row] are the rows of the
collection, in the units of the table of columns (mm, ns, MeV).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from na62dump.geometry import in_annulus
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import SHOWERING
from na62dump.simulation.paths import crosses, position, reaches, species

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import Anti0Data, LavData
    from na62dump.simulation.paths import Path


@kernel
def measure_lav(
    path: Path,
    lav: LavData,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """Write the LAV hits of a particle from row n on; gives the number of rows then."""
    draws.start(state, path.key, draws.LAV)
    for station in range(len(lav.stations)):
        if not crosses(path, lav, station):
            continue
        energy = path.p
        if species(path, lav.stations[station].front) not in SHOWERING:
            energy = lav.muon_energy + lav.muon_spread * draws.normal(state)
        if draws.uniform(state) < lav.efficiency and energy > lav.threshold:
            hit = out[n]
            hit.station = station + 1
            hit.energy = energy
            hit.time = path.time + lav.time * draws.normal(state)
            n += 1
    return n


@kernel
def add_lav(time: float, lav: LavData, state: NDArray[np.uint64], out: NDArray[np.void], n: int) -> int:
    """Write a hit of no particle of the event to row n, in any station, at a time (ns); the number of rows then."""
    hit = out[n]
    hit.station = 1 + int(len(lav.stations) * draws.uniform(state))
    hit.energy = lav.threshold + lav.noise_mean * draws.exponential(state)
    hit.time = time
    return n + 1


@kernel
def activity_lav(centre: float, lav: LavData, state: NDArray[np.uint64], out: NDArray[np.void], n: int) -> int:
    """Write a hit in time with the event, whose particles are at the window's centre (ns); the number of rows then."""
    return add_lav(centre + lav.time * draws.normal(state), lav, state, out, n)


@kernel
def accidental_lav(
    count: int, centre: float, lav: LavData, state: NDArray[np.uint64], out: NDArray[np.void], n: int
) -> int:
    """Write so many accidental LAV hits of an event, the same in all stations; centre of the window in ns."""
    for _ in range(count):
        n = add_lav(0.0, lav, state, out, n)
        out[n - 1].time = centre + lav.noise.window * (draws.uniform(state) - 1.0 / 2.0)
    return n


@kernel
def measure_anti0(
    path: Path,
    anti0: Anti0Data,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """Write the ANTI0 hit of a particle, if there is one, to row n; gives the number of rows then."""
    if path.charge == 0.0 or not reaches(path, anti0.z):
        return n
    x, y = position(path, anti0.z)
    draws.start(state, path.key, draws.ANTI0)
    if not in_annulus(x, y, anti0.r_min, anti0.r_max) or draws.uniform(state) >= anti0.efficiency:
        return n
    dx, dy = draws.normals(state)
    hit = out[n]
    hit.x = x + anti0.position * dx
    hit.y = y + anti0.position * dy
    hit.time = path.time + anti0.time * draws.normal(state)
    return n + 1


@kernel
def add_anti0(time: float, anti0: Anti0Data, state: NDArray[np.uint64], out: NDArray[np.void], n: int) -> int:
    """Write a hit of no particle of the event to row n, anywhere on the area, at a time (ns); the number of rows then."""
    inner, outer = anti0.r_min * anti0.r_min, anti0.r_max * anti0.r_max
    radius = math.sqrt(inner + (outer - inner) * draws.uniform(state))
    angle = 2.0 * math.pi * draws.uniform(state)
    hit = out[n]
    hit.x = radius * math.cos(angle)
    hit.y = radius * math.sin(angle)
    hit.time = time
    return n + 1


@kernel
def activity_anti0(centre: float, anti0: Anti0Data, state: NDArray[np.uint64], out: NDArray[np.void], n: int) -> int:
    """Write a hit in time with the event, whose particles are at the window's centre (ns); the number of rows then."""
    return add_anti0(centre + anti0.time * draws.normal(state), anti0, state, out, n)


@kernel
def accidental_anti0(
    count: int, centre: float, anti0: Anti0Data, state: NDArray[np.uint64], out: NDArray[np.void], n: int
) -> int:
    """Write so many accidental ANTI0 hits of an event, flat over its area; centre of the window in ns."""
    for _ in range(count):
        n = add_anti0(0.0, anti0, state, out, n)
        out[n - 1].time = centre + anti0.noise.window * (draws.uniform(state) - 1.0 / 2.0)
    return n
