"""RICH: how well the light of a track fits each kind of particle.

Cherenkov angles are small: theta^2 = 2 (n - 1) - (m/p)^2, and the number of photons goes with theta^2. Everywhere below,
angles are in rad, masses in MeV, momenta in MeV/c; state uint64[1] is the particle's generator of random numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import ELECTRON, MUON, PION
from na62dump.simulation.paths import species

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import RichData
    from na62dump.simulation.paths import Path


class Track(Protocol):
    """What is written of a track: momentum, MeV/c, and log-likelihoods."""

    p: float
    rich_e: float
    rich_mu: float
    rich_pi: float
    rich_k: float


@kernel
def angle(mass: float, p: float, it: RichData) -> float:
    """Cherenkov angle (rad); 0 below threshold."""
    return math.sqrt(max(2.0 * it.refractivity - (mass / p) ** 2, 0.0))


@kernel
def hits(theta: float, it: RichData) -> float:
    """Mean number of hits of a ring and of the background."""
    return it.hits * theta * theta / (2.0 * it.refractivity) + it.background


@kernel
def largest(it: RichData) -> float:
    """Cherenkov angle (rad) of what moves with the velocity of light."""
    return math.sqrt(2.0 * it.refractivity)


@kernel
def likelihood(mass: float, p: float, count: int, theta: float, it: RichData) -> float:
    """Logarithm of the likelihood (1/rad) of so many hits with a mean angle, but for the same constant for every mass.

    The count is Poisson. The angle is normal above threshold, with the error of a mean; below, where there is background
    only, it is flat up to the largest. Without hits there is no angle.
    """
    expected = angle(mass, p, it)
    mean = hits(expected, it)
    found = count * math.log(mean) - mean
    if count == 0:
        return found
    if expected == 0.0:
        return found - math.log(largest(it))
    sigma = it.resolution / math.sqrt(count)
    return found - ((theta - expected) / sigma) ** 2 / 2.0 - math.log(sigma * math.sqrt(2.0 * math.pi))


@kernel
def mass_of(kind: int, it: RichData) -> float:
    """Mass (MeV) of a kind of particle, its PDG number without sign."""
    if kind == ELECTRON:
        return it.electron
    if kind == MUON:
        return it.muon
    return it.pion if kind == PION else it.kaon


@kernel
def forget(track: Track) -> None:
    """Give a track no identification."""
    track.rich_e = track.rich_mu = track.rich_pi = track.rich_k = np.nan


@kernel
def identify(path: Path, z: float, track: Track, it: RichData, state: NDArray[np.uint64]) -> None:
    """Write log-likelihoods of a track to it, the best one 0; z (mm) of the RICH. None outside its range of momentum."""
    if not it.momentum_min <= track.p <= it.momentum_max:
        forget(track)
        return
    draws.start(state, path.key, draws.RICH)
    p = path.p_end if path.z_decay < z else path.p
    true = angle(mass_of(species(path, z), it), p, it)
    count = draws.poisson(state, math.exp(-hits(true, it)))
    theta = largest(it) * draws.uniform(state)
    if true > 0.0 and count > 0:
        theta = true + it.resolution / math.sqrt(count) * draws.normal(state)
    e, mu = likelihood(it.electron, track.p, count, theta, it), likelihood(it.muon, track.p, count, theta, it)
    pi, k = likelihood(it.pion, track.p, count, theta, it), likelihood(it.kaon, track.p, count, theta, it)
    best = max(e, mu, pi, k)
    track.rich_e, track.rich_mu, track.rich_pi, track.rich_k = e - best, mu - best, pi - best, k - best
