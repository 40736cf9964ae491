"""LAV and ANTI0: hits of what crosses them, and accidental ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from na62dump.geometry import in_annulus
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import MUON
from na62dump.simulation.paths import crosses, position, reaches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import Anti0Data, LavData
    from na62dump.simulation.buffers import Anti0Rows, LavRows
    from na62dump.simulation.paths import Paths


@kernel
def measure_lav(
    paths: Paths,
    k: int,
    pdg: int,
    time: float,
    lav: LavData,
    key: np.uint64,
    state: NDArray[np.uint64],
    out: LavRows,
    n: int,
) -> int:
    """Write the LAV hits of particle k of an event from row n on; gives the number of rows then. time in ns."""
    draws.start(state, key, k * draws.STREAMS + draws.LAV)
    for station in range(len(lav.front)):
        if not crosses(paths, k, lav, station):
            continue
        energy = paths.p[k]
        if abs(pdg) == MUON:
            energy = lav.muon_energy + lav.muon_spread * draws.normal(state)
        if draws.uniform(state) < lav.efficiency and energy > lav.threshold:
            out.station[n] = station + 1
            out.energy[n] = energy
            out.time[n] = time + lav.time * draws.normal(state)
            n += 1
    return n


@kernel
def accidental_lav(
    centre: float, lav: LavData, key: np.uint64, state: NDArray[np.uint64], out: LavRows, n: int
) -> int:
    """Write accidental LAV hits of an event, the same in all stations; centre of the window in ns."""
    draws.start(state, key, draws.ACCIDENTAL + draws.LAV)
    for _ in range(draws.poisson(state, lav.noise.none)):
        out.station[n] = 1 + int(len(lav.front) * draws.uniform(state))
        out.energy[n] = lav.threshold + lav.noise_mean * draws.exponential(state)
        out.time[n] = centre + lav.noise.window * (draws.uniform(state) - 1.0 / 2.0)
        n += 1
    return n


@kernel
def measure_anti0(
    paths: Paths,
    k: int,
    charge: float,
    time: float,
    anti0: Anti0Data,
    key: np.uint64,
    state: NDArray[np.uint64],
    out: Anti0Rows,
    n: int,
) -> int:
    """Write the ANTI0 hit of particle k of an event, if there is one, to row n; gives the number of rows then."""
    if charge == 0.0 or not reaches(paths, k, anti0.z):
        return n
    x, y = position(paths, k, anti0.z)
    draws.start(state, key, k * draws.STREAMS + draws.ANTI0)
    if not in_annulus(x, y, anti0.r_min, anti0.r_max) or draws.uniform(state) >= anti0.efficiency:
        return n
    dx, dy = draws.normals(state)
    out.x[n] = x + anti0.position * dx
    out.y[n] = y + anti0.position * dy
    out.time[n] = time + anti0.time * draws.normal(state)
    return n + 1


@kernel
def accidental_anti0(
    centre: float, anti0: Anti0Data, key: np.uint64, state: NDArray[np.uint64], out: Anti0Rows, n: int
) -> int:
    """Write accidental ANTI0 hits of an event, flat over its area; centre of the window in ns."""
    draws.start(state, key, draws.ACCIDENTAL + draws.ANTI0)
    for _ in range(draws.poisson(state, anti0.noise.none)):
        inner, outer = anti0.r_min * anti0.r_min, anti0.r_max * anti0.r_max
        radius = math.sqrt(inner + (outer - inner) * draws.uniform(state))
        angle = 2.0 * math.pi * draws.uniform(state)
        out.x[n] = radius * math.cos(angle)
        out.y[n] = radius * math.sin(angle)
        out.time[n] = centre + anti0.noise.window * (draws.uniform(state) - 1.0 / 2.0)
        n += 1
    return n
