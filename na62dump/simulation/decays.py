"""Signal: an exotic particle from the dump, and its decay into two charged leptons."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.spectra import draw_cell, draw_direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.particles import Particles


class Truth(NamedTuple):
    """The exotic particle of each event.

    Attributes
    ----------
    energy : float64[event], MeV
        Its energy.
    x, y, z : float64[event], mm
        Where it decays.
    proper_distance : float64[event], mm
        Flight distance times m/p.
    weight : float64[event], mm
        Sampled length times m/p_z.
    """

    energy: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    proper_distance: NDArray[np.float64]
    weight: NDArray[np.float64]


class Exotic(NamedTuple):
    """What is made, and where.

    Attributes
    ----------
    mass : float, MeV
        Of the particle.
    pdgs, charges, masses : int32[daughter], float64[daughter] (e), float64[daughter] (MeV)
        Of its daughters.
    axis_x, axis_y, axis_z, axis_dxdz, axis_dydz : float, mm and rad
        Proton axis.
    spot, depth : float, mm
        Width of the beam, and mean depth of the interaction behind axis_z.
    z_min, z_max : float, mm
        Range of the decay point, flat.
    energy_low, energy_high, theta_low, theta_high, cumulative : float64[cell], MeV and rad
        Spectrum.
    """

    mass: float
    pdgs: NDArray[np.int32]
    charges: NDArray[np.float64]
    masses: NDArray[np.float64]
    axis_x: float
    axis_y: float
    axis_z: float
    axis_dxdz: float
    axis_dydz: float
    spot: float
    depth: float
    z_min: float
    z_max: float
    energy_low: NDArray[np.float64]
    energy_high: NDArray[np.float64]
    theta_low: NDArray[np.float64]
    theta_high: NDArray[np.float64]
    cumulative: NDArray[np.float64]


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
    masses: NDArray[np.float64],
    daughters: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> None:
    """Decay a particle into two, isotropic in its rest frame.

    mass (MeV) and parent float64[3] (MeV/c) of the particle, masses float64[2] (MeV) of the daughters, whose momenta
    go to daughters float64[2, 3] (MeV/c); state uint64[1] of the draws.
    """
    m_1, m_2 = masses[0], masses[1]
    e_1 = (mass * mass + m_1 * m_1 - m_2 * m_2) / (2.0 * mass)
    p = math.sqrt(max(e_1 * e_1 - m_1 * m_1, 0.0))
    cosine = 2.0 * draws.uniform(state) - 1.0
    sine = math.sqrt(1.0 - cosine * cosine)
    phi = 2.0 * math.pi * draws.uniform(state)
    daughters[0, 0], daughters[0, 1], daughters[0, 2] = p * sine * math.cos(phi), p * sine * math.sin(phi), p * cosine
    daughters[1] = -daughters[0]
    parent_energy = math.sqrt(mass * mass + parent[0] ** 2 + parent[1] ** 2 + parent[2] ** 2)
    boost(e_1, daughters[0], mass, parent_energy, parent)
    boost(mass - e_1, daughters[1], mass, parent_energy, parent)


@kernel
def fly(i: int, it: Exotic, parent: NDArray[np.float64], truth: Truth, state: NDArray[np.uint64]) -> None:
    """Make particle i, momentum to parent float64[3] (MeV/c), and let it decay at a flat z; fill row i of the truth."""
    cell = draw_cell(it.cumulative, state)
    energy = it.energy_low[cell] + (it.energy_high[cell] - it.energy_low[cell]) * draws.uniform(state)
    sx, sy = draw_direction(it.theta_low[cell], it.theta_high[cell], state)
    sx += it.axis_dxdz
    sy += it.axis_dydz
    depth = it.depth * draws.exponential(state)
    spot_x, spot_y = draws.normals(state)
    z = it.z_min + (it.z_max - it.z_min) * draws.uniform(state)
    p = math.sqrt(energy * energy - it.mass * it.mass)
    stretch = math.sqrt(1.0 + sx * sx + sy * sy)
    parent[2] = p / stretch
    parent[0], parent[1] = sx * parent[2], sy * parent[2]
    dz = z - it.axis_z - depth
    truth.energy[i] = energy
    truth.x[i] = it.axis_x + it.axis_dxdz * depth + it.spot * spot_x + sx * dz
    truth.y[i] = it.axis_y + it.axis_dydz * depth + it.spot * spot_y + sy * dz
    truth.z[i] = z
    truth.proper_distance[i] = dz * stretch * it.mass / p
    truth.weight[i] = (it.z_max - it.z_min) * it.mass / parent[2]


@kernel
def decays(first: int, key: np.uint64, it: Exotic, particles: Particles, truth: Truth) -> None:
    """Fill particles and truth with events: first is the number in its burst of the first one, key the burst's key."""
    state = np.empty(1, dtype=np.uint64)
    parent = np.empty(3, dtype=np.float64)
    daughters = np.empty((len(it.masses), 3), dtype=np.float64)
    for i in range(len(particles.count)):
        draws.start(state, draws.absorb(key, first + i), draws.SOURCE)
        fly(i, it, parent, truth, state)
        two_body(it.mass, parent, it.masses, daughters, state)
        for k in range(len(it.masses)):
            row = i * particles.per_event + k
            particles.pdg[row], particles.charge[row] = it.pdgs[k], it.charges[k]
            particles.x[row], particles.y[row], particles.z[row] = truth.x[i], truth.y[i], truth.z[i]
            particles.px[row], particles.py[row] = daughters[k, 0], daughters[k, 1]
            particles.pz[row] = daughters[k, 2]
            particles.time[row] = 0.0
