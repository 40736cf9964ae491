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
from na62dump.simulation.incident import choose
from na62dump.simulation.particles import IN_ANTI0, IN_LAV, MUON, PARTICLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.disintegration import Decayed, Into
    from na62dump.simulation.halo import Beam
    from na62dump.simulation.incident import Incident
    from na62dump.simulation.particles import Particle, Particles


class Prompt(NamedTuple):
    """Interactions of halo muons.

    Attributes
    ----------
    beam : Beam
        The muons, if there are no others.
    muons : Incident
        Muons that make the pairs where they are; may be none.
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
    share_min : float
        Least share of the muon's momentum that the pair gets.
    positive : float
        Share of positive muons in the beam.
    muon : bool
        Whether what is left of the muon is a particle of the event.
    """

    beam: Beam
    muons: Incident
    into: Into
    z_min: float
    z_max: float
    mass_min: float
    mass_max: float
    mass_mean: float
    transverse: float
    lav: float
    anti0: float
    share_min: float
    positive: float
    muon: bool


@kernel
def arrive(truth: Decayed, it: Prompt, muon: Particle, state: NDArray[np.uint64]) -> None:
    """Draw a muon (mm, MeV/c; where it is at the dump, or where it is known), and the vertex of its pair to the truth.

    state uint64[1] of the draws.
    """
    if len(it.muons.rows) > 0:
        row = it.muons.rows[choose(it.muons, state)]
        muon.x, muon.y, muon.z, muon.charge = row.x, row.y, row.z, row.charge
        sx, sy, p = row.dxdz, row.dydz, row.p
        truth.mass = truncated(it.mass_min, it.mass_max, it.mass_mean, state)
        truth.z = row.z + row.length * (draws.uniform(state) - 1.0 / 2.0)
    else:
        muon.x, muon.y, sx, sy, p = shoot(it.beam, state)
        muon.z = it.beam.source_z
        truth.mass = truncated(it.mass_min, it.mass_max, it.mass_mean, state)
        truth.z = it.z_min + (it.z_max - it.z_min) * draws.uniform(state)
    truth.x = muon.x + sx * (truth.z - muon.z)
    truth.y = muon.y + sy * (truth.z - muon.z)
    muon.pz = p / math.sqrt(1.0 + sx * sx + sy * sy)
    muon.px, muon.py = sx * muon.pz, sy * muon.pz


@kernel
def interact(
    truth: Decayed, it: Prompt, muon: Particle, parent: NDArray[np.float64], state: NDArray[np.uint64]
) -> None:
    """Make a pair, momentum to parent float64[3] (MeV/c), somewhere on a muon's way; fill its truth and the muon's momentum.

    state uint64[1] of the draws. The muon keeps its direction: the virtual photon has it, too, and the nucleus gives what
    the pair has across.
    """
    arrive(truth, it, muon, state)
    kick_x, kick_y = draws.normals(state)
    share = it.share_min ** draws.uniform(state) if it.share_min < 1.0 else 1.0
    parent[2] = share * muon.pz
    parent[0] = share * muon.px + it.transverse * kick_x
    parent[1] = share * muon.py + it.transverse * kick_y
    truth.energy = math.sqrt(truth.mass**2 + parent[0] ** 2 + parent[1] ** 2 + parent[2] ** 2)
    truth.proper_distance, truth.weight = 0.0, 0.0
    muon.px, muon.py, muon.pz = (1.0 - share) * muon.px, (1.0 - share) * muon.py, (1.0 - share) * muon.pz


@kernel
def go_on(muon: Particle, it: Prompt, state: NDArray[np.uint64]) -> None:
    """Complete what is left of a muon, and let it begin at the dump: the detectors upstream of the vertex saw it, too.

    state uint64[1] of the draws.
    """
    if len(it.muons.rows) == 0:
        muon.charge = 1.0 if draws.uniform(state) < it.positive else -1.0
    muon.pdg = -MUON if muon.charge > 0.0 else MUON
    back = it.beam.source_z - muon.z
    muon.x += muon.px / muon.pz * back
    muon.y += muon.py / muon.pz * back
    muon.z = it.beam.source_z
    muon.time = 0.0


@kernel
def prompt(first: int, key: np.uint64, it: Prompt, particles: Particles, truth: NDArray[np.void]) -> None:
    """Fill particles and truth TRUTH[event] with events; first is the first one's number in its burst, key the burst's."""
    state = np.empty(1, dtype=np.uint64)
    parent = np.empty(3)
    work = workspace(len(it.into.masses))
    muons = np.zeros(1, dtype=PARTICLE)
    for i in range(len(particles.counts)):
        draws.start(state, absorb(key, first + i), draws.SOURCE)
        muon = muons[0]
        interact(truth[i], it, muon, parent, state)
        disintegrate(i, truth[i].mass, parent, truth[i], it.into, work, particles, state)
        in_lav = IN_LAV if draws.uniform(state) < it.lav else 0
        in_anti0 = IN_ANTI0 if draws.uniform(state) < it.anti0 else 0
        particles.activity[i] = in_lav | in_anti0
        if it.muon:
            go_on(muon, it, state)
            particles.rows[(i + 1) * particles.per_event - 1] = muon
