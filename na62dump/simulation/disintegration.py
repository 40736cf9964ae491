"""A particle that decays at a point into the particles of a final state."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.final_states import daughters, is_own_conjugate
from na62dump.simulation.particles import PHOTON
from na62dump.simulation.phasespace import n_body, two_body

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.particles import Particle, Particles

TRUTH = np.dtype([(name, "f8") for name in ("mass", "energy", "x", "y", "z", "proper_distance", "weight")])
"""Record of a `Decayed` particle."""


class Decayed(Protocol):
    """A particle after it decayed.

    Attributes
    ----------
    mass, energy : float, MeV
        Its mass and energy.
    x, y, z : float, mm
        Where it decays.
    proper_distance : float, mm
        Flight distance times m/p.
    weight : float, mm
        Sampled length times m/p_z.
    """

    mass: float
    energy: float
    x: float
    y: float
    z: float
    proper_distance: float
    weight: float


class Into(NamedTuple):
    """What a particle decays into.

    Attributes
    ----------
    daughters : DAUGHTER[daughter]
        Particles of the final state, masses in MeV.
    masses : float64[daughter], MeV
        Their masses once more.
    conjugate : bool
        Whether half of the decays are into the antiparticles instead.
    """

    daughters: NDArray[np.void]
    masses: NDArray[np.float64]
    conjugate: bool


def into(final_state: str) -> Into:
    """What a particle decays into, for the kernels, by the name of the final state."""
    found = daughters(final_state)
    return Into(found, np.ascontiguousarray(found["mass"]), not is_own_conjugate(final_state))


@kernel
def workspace(n: int) -> NDArray[np.float64]:
    """Room for the momenta of a decay into n particles, and of two photons of one of them: float64[n + 2, 3], MeV/c."""
    return np.empty((n + 2, 3))


@kernel
def put(particle: Particle, pdg: int, charge: float, where: Decayed, momentum: NDArray[np.float64]) -> None:
    """Fill a particle that begins where another one decays, with a momentum float64[3] (MeV/c)."""
    particle.pdg, particle.charge = pdg, charge
    particle.x, particle.y, particle.z = where.x, where.y, where.z
    particle.px, particle.py, particle.pz = momentum[0], momentum[1], momentum[2]
    particle.time = 0.0


@kernel
def disintegrate(
    i: int,
    mass: float,
    parent: NDArray[np.float64],
    where: Decayed,
    it: Into,
    momenta: NDArray[np.float64],
    particles: Particles,
    state: NDArray[np.uint64],
) -> None:
    """Fill event i of the particles with the decay of one.

    mass (MeV) and momentum parent float64[3] (MeV/c) of the one that decays; momenta float64[daughter + 2, 3] is work
    space, state uint64[1] of the draws. What decays at once to two photons is replaced by them.
    """
    n_body(mass, parent, it.masses, momenta, state)
    sign = -1 if it.conjugate and draws.uniform(state) < 1.0 / 2.0 else 1
    row = i * particles.per_event
    for k in range(len(it.daughters)):
        daughter, momentum = it.daughters[k], momenta[k]
        if daughter.diphoton:
            two_body(daughter.mass, momentum, 0.0, 0.0, momenta[-2], momenta[-1], state)
            put(particles.rows[row], PHOTON, 0.0, where, momenta[-2])
            put(particles.rows[row + 1], PHOTON, 0.0, where, momenta[-1])
            row += 2
        else:
            pdg = daughter.pdg if daughter.pdg == PHOTON else sign * daughter.pdg
            put(particles.rows[row], pdg, sign * daughter.charge, where, momentum)
            row += 1
