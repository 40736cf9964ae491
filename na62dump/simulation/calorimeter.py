"""LKr: showers of electrons, photons and hadrons, what muons leave, and accidental ones.

Everywhere below, state uint64[1] is the event's generator of random numbers, and out records[row] are the rows of the
collection, in the units of the table of columns (mm, ns, MeV).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from na62dump.geometry import in_octagon
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import ELECTRON, HADRONS, MUON
from na62dump.simulation.paths import position, reaches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import LkrData
    from na62dump.simulation.paths import Path


@kernel
def ionise(energy: float, lkr: LkrData, state: NDArray[np.uint64]) -> float:
    """Energy (MeV) that is measured of a minimum ionising particle of some energy (MeV)."""
    left = lkr.muon_energy + lkr.muon_spread * draws.normal(state)
    if draws.uniform(state) < lkr.muon_tail_fraction:
        left += lkr.muon_tail * draws.exponential(state)
    return min(left, energy)


@kernel
def shower(energy: float, lkr: LkrData, state: NDArray[np.uint64]) -> float:
    """Energy (MeV) that is measured of an electromagnetic shower of some energy (MeV)."""
    spread = math.sqrt(lkr.stochastic**2 * energy + lkr.noise_energy**2 + (lkr.constant * energy) ** 2)
    return energy + spread * draws.normal(state)


@kernel
def deposit(energy: float, pdg: int, lkr: LkrData, state: NDArray[np.uint64]) -> float:
    """Energy (MeV) that is measured of a particle of some energy (MeV).

    A pion or kaon ionises, or makes a shower of which only a part is seen.
    """
    kind = abs(pdg)
    if kind == MUON or (kind in HADRONS and draws.uniform(state) < lkr.hadron_mip):
        return ionise(energy, lkr, state)
    if kind in HADRONS and draws.uniform(state) >= lkr.hadron_charge_exchange:
        energy *= draws.beta(state, lkr.hadron_a, lkr.hadron_b)
    measured = shower(energy, lkr, state)
    if kind == ELECTRON and draws.uniform(state) < lkr.electron_tail_fraction:
        measured *= max(1.0 - lkr.electron_tail * draws.exponential(state), 0.0)
    return measured


@kernel
def measure_shower(
    path: Path,
    lkr: LkrData,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """Write what a particle leaves, if it leaves anything, to row n; gives the number of rows then.

    The energy of a particle is its momentum: its mass is far below the resolution.
    """
    if not reaches(path, lkr.z):
        return n
    x, y = position(path, lkr.z)
    if not in_octagon(x, y, lkr.r_min, lkr.apothem):
        return n
    draws.start(state, path.key, draws.LKR)
    if draws.uniform(state) >= lkr.efficiency:
        return n
    energy = deposit(path.p_end, path.pdg_end, lkr, state)
    if energy <= 0.0:
        return n
    dx, dy = draws.normals(state)
    row = out[n]
    row.x = x + lkr.position * dx
    row.y = y + lkr.position * dy
    row.energy = energy
    row.time = path.time + lkr.time * draws.normal(state)
    return n + 1


@kernel
def accidental_showers(
    count: int, centre: float, lkr: LkrData, state: NDArray[np.uint64], out: NDArray[np.void], n: int
) -> int:
    """Write so many accidental showers of an event from row n on; centre of the window in ns."""
    for _ in range(count):
        x = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
        y = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
        while not in_octagon(x, y, lkr.r_min, lkr.apothem):
            x = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
            y = lkr.apothem * (2.0 * draws.uniform(state) - 1.0)
        row = out[n]
        row.x = x
        row.y = y
        row.energy = lkr.threshold + lkr.noise_mean * draws.exponential(state)
        row.time = centre + lkr.noise.window * (draws.uniform(state) - 1.0 / 2.0)
        n += 1
    return n
