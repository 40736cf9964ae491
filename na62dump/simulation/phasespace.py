"""Decays by phase space alone: two bodies, and n bodies by the method of Raubold and Lynch.

F. James, "Monte Carlo phase space", CERN 68-15, section 4 (GENBOD): the masses of the intermediate systems are drawn, the
product of the momenta of all two-body decays is the weight, and events are accepted with the weight over its largest
value, so that all weigh the same. Everywhere below, state uint64[1] is the generator of random numbers, masses are in MeV,
momenta float64[3] in MeV/c.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def boost(
    energy: float, momentum: NDArray[np.float64], mass: float, parent_energy: float, parent: NDArray[np.float64]
) -> None:
    """Take a momentum from the rest frame of its parent to where the parent moves, in place.

    energy (MeV) is that of the daughter at rest, mass the parent's, parent its momentum.
    """
    along = momentum[0] * parent[0] + momentum[1] * parent[1] + momentum[2] * parent[2]
    factor = (along / (parent_energy + mass) + energy) / mass
    for axis in range(len(momentum)):
        momentum[axis] += factor * parent[axis]


@kernel
def released(mass: float, m_1: float, m_2: float) -> float:
    """Momentum (MeV/c) of either of two particles that another one at rest decays into."""
    e_1 = (mass * mass + m_1 * m_1 - m_2 * m_2) / (2.0 * mass)
    return math.sqrt(max(e_1 * e_1 - m_1 * m_1, 0.0))


@kernel
def two_body(
    mass: float,
    parent: NDArray[np.float64],
    m_1: float,
    m_2: float,
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> None:
    """Decay a particle into two, isotropic in its rest frame; parent is its momentum, first and second get the others."""
    e_1 = (mass * mass + m_1 * m_1 - m_2 * m_2) / (2.0 * mass)
    p = released(mass, m_1, m_2)
    cosine = 2.0 * draws.uniform(state) - 1.0
    sine = math.sqrt(1.0 - cosine * cosine)
    phi = 2.0 * math.pi * draws.uniform(state)
    first[0], first[1], first[2] = p * sine * math.cos(phi), p * sine * math.sin(phi), p * cosine
    parent_energy = math.sqrt(mass * mass + parent[0] ** 2 + parent[1] ** 2 + parent[2] ** 2)
    for axis in range(len(first)):
        second[axis] = -first[axis]
    boost(e_1, first, mass, parent_energy, parent)
    boost(mass - e_1, second, mass, parent_energy, parent)


@kernel
def most(mass: float, masses: NDArray[np.float64]) -> float:
    """Bound on the weight: the product of the momenta if each system were as heavy, what it holds as light, as it can be.

    mass of the particle, masses float64[daughter] of what it decays into.
    """
    free = mass
    for m in masses:
        free -= m
    least, bound = 0.0, 1.0
    for k in range(1, len(masses)):
        least += masses[k - 1]
        bound *= released(free + least + masses[k], least, masses[k])
    return bound


@kernel
def draw_systems(mass: float, masses: NDArray[np.float64], state: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Draw the masses of the intermediate systems, float64[daughter]: of the first daughters up to each.

    mass of the particle, masses float64[daughter] of what it decays into.
    """
    last = len(masses) - 1
    bound = most(mass, masses)
    free = mass - np.sum(masses)
    systems = np.empty(len(masses))
    systems[0], systems[last] = masses[0], mass
    while True:
        for k in range(1, last):
            systems[k] = draws.uniform(state)
        systems[1:last].sort()
        below, weight = masses[0], 1.0
        for k in range(1, last):
            below += masses[k]
            systems[k] = below + free * systems[k]
        for k in range(1, last + 1):
            weight *= released(systems[k], systems[k - 1], masses[k])
        if draws.uniform(state) * bound <= weight:
            return systems


@kernel
def n_body(
    mass: float,
    parent: NDArray[np.float64],
    masses: NDArray[np.float64],
    momenta: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> None:
    """Decay a particle into two or more, flat in phase space.

    mass and parent of the particle; masses float64[daughter], and momenta float64[daughter, 3] that are filled, more
    rows of it stay.
    """
    last = len(masses) - 1
    if last == 1:
        two_body(mass, parent, masses[0], masses[1], momenta[0], momenta[1], state)
        return
    systems = draw_systems(mass, masses, state)
    moving = parent.copy()
    for k in range(last, 0, -1):
        two_body(systems[k], moving, systems[k - 1], masses[k], momenta[0], momenta[k], state)
        moving[:] = momenta[0]
