"""Prompt background: pairs of charged particles that halo muons make in material."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.disintegration import disintegrate, workspace
from na62dump.simulation.halo import shoot, truncated
from na62dump.simulation.particles import IN_ANTI0, IN_LAV

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.disintegration import Decayed, Into
    from na62dump.simulation.halo import Beam
    from na62dump.simulation.particles import Particles


class Prompt(NamedTuple):
    """Interactions of halo muons.

    Attributes
    ----------
    beam : Beam
        The muons; the momenta are those of the pairs.
    into : Into
        The pair.
    z_min, z_max : float, mm
        Range of the vertex, flat.
    mass_min, mass_max, mass_mean : float, MeV
        Exponential spectrum of the pair's mass, of that mean above the least one, cut at the largest.
    transverse : float, MeV/c
        Width of the momentum of the pair across the muon's direction, in x and in y.
    lav, anti0 : float
        Probabilities of activity there.
    """

    beam: Beam
    into: Into
    z_min: float
    z_max: float
    mass_min: float
    mass_max: float
    mass_mean: float
    transverse: float
    lav: float
    anti0: float


@kernel
def interact(truth: Decayed, it: Prompt, parent: NDArray[np.float64], state: NDArray[np.uint64]) -> None:
    """Make a pair, momentum to parent float64[3] (MeV/c), somewhere on a muon's way; fill its truth.

    state uint64[1] of the draws.
    """
    x, y, sx, sy, p = shoot(it.beam, state)
    truth.mass = truncated(it.mass_min, it.mass_max, it.mass_mean, state)
    truth.z = it.z_min + (it.z_max - it.z_min) * draws.uniform(state)
    truth.x = x + sx * (truth.z - it.beam.source_z)
    truth.y = y + sy * (truth.z - it.beam.source_z)
    parent[2] = p / math.sqrt(1.0 + sx * sx + sy * sy)
    kick_x, kick_y = draws.normals(state)
    parent[0] = sx * parent[2] + it.transverse * kick_x
    parent[1] = sy * parent[2] + it.transverse * kick_y
    truth.energy = math.sqrt(truth.mass**2 + parent[0] ** 2 + parent[1] ** 2 + parent[2] ** 2)
    truth.proper_distance, truth.weight = 0.0, 0.0


@kernel
def prompt(first: int, key: np.uint64, it: Prompt, particles: Particles, truth: NDArray[np.void]) -> None:
    """Fill particles and truth TRUTH[event] with events; first is the first one's number in its burst, key the burst's."""
    state = np.empty(1, dtype=np.uint64)
    parent = np.empty(3)
    work = workspace(len(it.into.masses))
    for i in range(len(particles.counts)):
        draws.start(state, absorb(key, first + i), draws.SOURCE)
        interact(truth[i], it, parent, state)
        disintegrate(i, truth[i].mass, parent, truth[i], it.into, work, particles, state)
        in_lav = IN_LAV if draws.uniform(state) < it.lav else 0
        in_anti0 = IN_ANTI0 if draws.uniform(state) < it.anti0 else 0
        particles.activity[i] = in_lav | in_anti0
