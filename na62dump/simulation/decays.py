"""Signal: an exotic particle from the dump, and its decay into the particles of a final state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.disintegration import disintegrate, workspace
from na62dump.simulation.spectra import draw_cell, draw_direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.disintegration import Decayed, Into
    from na62dump.simulation.particles import Particles


class Exotic(NamedTuple):
    """What is made, and where.

    Attributes
    ----------
    mass : float, MeV
        Of the particle.
    into : Into
        What it decays into.
    axis_x, axis_y, axis_z, axis_dxdz, axis_dydz : float, mm and rad
        Proton axis.
    spot, depth : float, mm
        Width of the beam, and mean depth of the interaction behind axis_z.
    z_min, z_max : float, mm
        Range of the decay point, flat.
    cells : CELL[cell]
        Spectrum, MeV and rad.
    """

    mass: float
    into: Into
    axis_x: float
    axis_y: float
    axis_z: float
    axis_dxdz: float
    axis_dydz: float
    spot: float
    depth: float
    z_min: float
    z_max: float
    cells: NDArray[np.void]


@kernel
def fly(truth: Decayed, it: Exotic, parent: NDArray[np.float64], state: NDArray[np.uint64]) -> None:
    """Make a particle, momentum to parent float64[3] (MeV/c), and let it decay at a flat z; fill its truth.

    state uint64[1] of the draws.
    """
    cell = it.cells[draw_cell(it.cells, state)]
    energy = cell.energy_low + (cell.energy_high - cell.energy_low) * draws.uniform(state)
    sx, sy = draw_direction(cell.theta_low, cell.theta_high, state)
    sx += it.axis_dxdz
    sy += it.axis_dydz
    depth = it.depth * draws.exponential(state)
    spot_x, spot_y = draws.normals(state)
    p = math.sqrt(energy * energy - it.mass * it.mass)
    stretch = math.sqrt(1.0 + sx * sx + sy * sy)
    parent[2] = p / stretch
    parent[0], parent[1] = sx * parent[2], sy * parent[2]
    truth.mass, truth.energy = it.mass, energy
    truth.z = it.z_min + (it.z_max - it.z_min) * draws.uniform(state)
    dz = truth.z - it.axis_z - depth
    truth.x = it.axis_x + it.axis_dxdz * depth + it.spot * spot_x + sx * dz
    truth.y = it.axis_y + it.axis_dydz * depth + it.spot * spot_y + sy * dz
    truth.proper_distance = dz * stretch * it.mass / p
    truth.weight = (it.z_max - it.z_min) * it.mass / parent[2]


@kernel
def decays(first: int, key: np.uint64, it: Exotic, particles: Particles, truth: NDArray[np.void]) -> None:
    """Fill particles and truth TRUTH[event] with events; first is the first one's number in its burst, key the burst's."""
    state = np.empty(1, dtype=np.uint64)
    parent = np.empty(3)
    work = workspace(len(it.into.masses))
    for i in range(len(particles.counts)):
        draws.start(state, absorb(key, first + i), draws.SOURCE)
        fly(truth[i], it, parent, state)
        disintegrate(i, it.mass, parent, truth[i], it.into, work, particles, state)
