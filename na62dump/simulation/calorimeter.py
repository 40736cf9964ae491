"""LKr: clusters of electrons, photons and muons, and accidental ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from na62dump.geometry import in_octagon
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import MUON
from na62dump.simulation.paths import position, reaches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import LkrData
    from na62dump.simulation.buffers import ClusterRows
    from na62dump.simulation.paths import Paths


@kernel
def deposit(energy: float, pdg: int, lkr: LkrData, state: NDArray[np.uint64]) -> float:
    """Energy (MeV) that is measured of a particle of some energy (MeV)."""
    if abs(pdg) == MUON:
        left = lkr.muon_energy + lkr.muon_spread * draws.normal(state)
        if draws.uniform(state) < lkr.muon_tail_fraction:
            left += lkr.muon_tail * draws.exponential(state)
        return min(left, energy)
    spread = math.sqrt(lkr.stochastic**2 * energy + lkr.noise_energy**2 + (lkr.constant * energy) ** 2)
    return energy + spread * draws.normal(state)


@kernel
def measure_cluster(
    paths: Paths,
    k: int,
    pdg: int,
    time: float,
    lkr: LkrData,
    key: np.uint64,
    state: NDArray[np.uint64],
    out: ClusterRows,
    n: int,
) -> int:
    """Write the cluster of particle k of an event, if there is one, to row n; gives the number of rows then.

    time in ns. The energy of an electron is its momentum: its mass is far below the resolution.
    """
    if not reaches(paths, k, lkr.z):
        return n
    x, y = position(paths, k, lkr.z)
    if not in_octagon(x, y, lkr.r_min, lkr.apothem):
        return n
    draws.start(state, key, k * draws.STREAMS + draws.LKR)
    if draws.uniform(state) >= lkr.efficiency:
        return n
    energy = deposit(paths.p[k], pdg, lkr, state)
    if energy < lkr.threshold:
        return n
    dx, dy = draws.normals(state)
    out.x[n] = x + lkr.position * dx
    out.y[n] = y + lkr.position * dy
    out.energy[n] = energy
    out.time[n] = time + lkr.time * draws.normal(state)
    return n + 1


@kernel
def accidental_clusters(
    centre: float, lkr: LkrData, key: np.uint64, state: NDArray[np.uint64], out: ClusterRows, n: int
) -> int:
    """Write accidental clusters of an event from row n on; centre of the window in ns."""
    draws.start(state, key, draws.ACCIDENTAL + draws.LKR)
    for _ in range(draws.poisson(state, lkr.noise.none)):
        x = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
        y = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
        while not in_octagon(x, y, lkr.r_min, lkr.apothem):
            x = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
            y = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
        out.x[n] = x
        out.y[n] = y
        out.energy[n] = lkr.threshold + lkr.noise_mean * draws.exponential(state)
        out.time[n] = centre + lkr.noise.window * (draws.uniform(state) - 1.0 / 2.0)
        n += 1
    return n
