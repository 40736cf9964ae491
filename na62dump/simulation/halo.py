"""Halo muons: single ones, and pairs that meet in time by accident."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import MUON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.particles import Particle, Particles


class Beam(NamedTuple):
    """Where muons of the halo fly, and how fast.

    Attributes
    ----------
    source_x, source_y, source_z, source_spread : float, mm
        Centre and width of the Gaussian at the dump that muons seem to come from.
    target_z, target_spread : float, mm
        Plane at the spectrometer, and width of the Gaussian there, around the origin.
    momentum_min, momentum_max, momentum_mean : float, MeV/c
        Exponential spectrum of that mean above the least momentum, cut at the largest.
    """

    source_x: float
    source_y: float
    source_z: float
    source_spread: float
    target_z: float
    target_spread: float
    momentum_min: float
    momentum_max: float
    momentum_mean: float


class Halo(NamedTuple):
    """The muons of a burst: so many events, of which so many are pairs.

    Attributes
    ----------
    events, pairs : int
        Their numbers.
    beam : Beam
        Where they fly.
    positive : float
        Share of positive muons.
    pair_window : float, ns
        Full width of the time difference of the two muons of a pair.
    """

    events: int
    pairs: int
    beam: Beam
    positive: float
    pair_window: float


@kernel
def is_pair(event: int, events: int, pairs: int) -> bool:
    """Whether an event of a burst is a pair: as many as asked for, evenly among the events."""
    return ((event + 1) * pairs) // events > (event * pairs) // events


@kernel
def truncated(low: float, high: float, mean: float, state: NDArray[np.uint64]) -> float:
    """Next number of an exponential distribution of some mean above the low limit, cut at the high one, all in one unit.

    state uint64[1] of the draws.
    """
    cut = math.exp(-(high - low) / mean)
    return low - mean * math.log(1.0 - (1.0 - cut) * draws.uniform(state))


@kernel
def shoot(it: Beam, state: NDArray[np.uint64]) -> tuple[float, float, float, float, float]:
    """Point (x, y) in mm at the dump, slopes and momentum (MeV/c) of a muon; state uint64[1] of the draws."""
    x, y = draws.normals(state)
    x = it.source_x + it.source_spread * x
    y = it.source_y + it.source_spread * y
    to_x, to_y = draws.normals(state)
    dz = it.target_z - it.source_z
    sx = (it.target_spread * to_x - x) / dz
    sy = (it.target_spread * to_y - y) / dz
    return x, y, sx, sy, truncated(it.momentum_min, it.momentum_max, it.momentum_mean, state)


@kernel
def muon(particle: Particle, it: Beam, positive: float, state: NDArray[np.uint64]) -> None:
    """Fill a particle with a halo muon, positive with some probability; state uint64[1] of the draws."""
    x, y, sx, sy, p = shoot(it, state)
    charge = 1.0 if draws.uniform(state) < positive else -1.0
    pz = p / math.sqrt(1.0 + sx * sx + sy * sy)
    particle.pdg = -MUON if charge > 0.0 else MUON
    particle.charge = charge
    particle.x, particle.y, particle.z = x, y, it.source_z
    particle.px, particle.py, particle.pz = sx * pz, sy * pz, pz
    particle.time = 0.0


@kernel
def halo(first: int, key: np.uint64, it: Halo, particles: Particles) -> None:
    """Fill particles with events of a burst; first is the number in the burst of the first one, key the burst's key.

    The second muon of a pair is later than the first one by a time that is flat over the window.
    """
    state = np.empty(1, dtype=np.uint64)
    for i in range(len(particles.counts)):
        draws.start(state, absorb(key, first + i), draws.SOURCE)
        row = i * particles.per_event
        muon(particles.rows[row], it.beam, it.positive, state)
        particles.counts[i] = 1
        if is_pair(first + i, it.events, it.pairs):
            muon(particles.rows[row + 1], it.beam, it.positive, state)
            particles.rows[row + 1].time = it.pair_window * (draws.uniform(state) - 1.0 / 2.0)
            particles.counts[i] = 2
