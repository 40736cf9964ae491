"""Signal: an exotic particle from the dump, and its decay into two charged leptons."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.spectra import draw_cell, draw_direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.particles import Particles


TRUTH = np.dtype([(name, "f8") for name in ("energy", "x", "y", "z", "proper_distance", "weight")])
"""Record of a `Decayed` particle."""
DAUGHTER = np.dtype([("pdg", "i4"), ("charge", "f8"), ("mass", "f8")], align=True)
"""A daughter: PDG number; charge, e; mass, MeV."""


class Decayed(Protocol):
    """An exotic particle after it decayed.

    Attributes
    ----------
    energy : float, MeV
        Its energy.
    x, y, z : float, mm
        Where it decays.
    proper_distance : float, mm
        Flight distance times m/p.
    weight : float, mm
        Sampled length times m/p_z.
    """

    energy: float
    x: float
    y: float
    z: float
    proper_distance: float
    weight: float


class Exotic(NamedTuple):
    """What is made, and where.

    Attributes
    ----------
    mass : float, MeV
        Of the particle.
    daughters : DAUGHTER[daughter]
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
    daughters: NDArray[np.void]
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
def boost(
    energy: float, momentum: NDArray[np.float64], mass: float, parent_energy: float, parent: NDArray[np.float64]
) -> None:
    """Take a momentum float64[3] (MeV/c) from the rest frame of its parent to where the parent moves, in place.

    energy (MeV) is that of the daughter at rest, mass (MeV) the parent's, parent float64[3] its momentum (MeV/c).
    """
    along = momentum[0] * parent[0] + momentum[1] * parent[1] + momentum[2] * parent[2]
    factor = (along / (parent_energy + mass) + energy) / mass
    for axis in range(len(momentum)):
        momentum[axis] += factor * parent[axis]


@kernel
def two_body(
    mass: float,
    parent: NDArray[np.float64],
    daughters: NDArray[np.void],
    momenta: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> None:
    """Decay a particle into two, isotropic in its rest frame.

    mass (MeV) and parent float64[3] (MeV/c) of the particle, daughters DAUGHTER[2], whose momenta go to
    momenta float64[2, 3] (MeV/c); state uint64[1] of the draws.
    """
    m_1, m_2 = daughters[0].mass, daughters[1].mass
    e_1 = (mass * mass + m_1 * m_1 - m_2 * m_2) / (2.0 * mass)
    p = math.sqrt(max(e_1 * e_1 - m_1 * m_1, 0.0))
    cosine = 2.0 * draws.uniform(state) - 1.0
    sine = math.sqrt(1.0 - cosine * cosine)
    phi = 2.0 * math.pi * draws.uniform(state)
    momenta[0, 0], momenta[0, 1], momenta[0, 2] = p * sine * math.cos(phi), p * sine * math.sin(phi), p * cosine
    momenta[1] = -momenta[0]
    parent_energy = math.sqrt(mass * mass + parent[0] ** 2 + parent[1] ** 2 + parent[2] ** 2)
    boost(e_1, momenta[0], mass, parent_energy, parent)
    boost(mass - e_1, momenta[1], mass, parent_energy, parent)


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
    truth.energy = energy
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
    parent = np.empty(3, dtype=np.float64)
    momenta = np.empty((len(it.daughters), 3), dtype=np.float64)
    for i in range(len(particles.counts)):
        draws.start(state, draws.absorb(key, first + i), draws.SOURCE)
        fly(truth[i], it, parent, state)
        two_body(it.mass, parent, it.daughters, momenta, state)
        for k in range(len(it.daughters)):
            particle = particles.rows[i * particles.per_event + k]
            particle.pdg, particle.charge = it.daughters[k].pdg, it.daughters[k].charge
            particle.x, particle.y, particle.z = truth[i].x, truth[i].y, truth[i].z
            particle.px, particle.py, particle.pz = momenta[k, 0], momenta[k, 1], momenta[k, 2]
            particle.time = 0.0
