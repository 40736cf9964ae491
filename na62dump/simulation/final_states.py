"""What particles decay into: the final states by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.simulation.particles import ETA, PI0

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FinalState(NamedTuple):
    """A final state.

    Attributes
    ----------
    number : int
        In ``truth_final_state``.
    daughters : tuple of int
        PDG numbers. A pi0 or eta among them decays at once to two photons, always: its branching ratio belongs to the
        yield, not to the sample.
    """

    number: int
    daughters: tuple[int, ...]


FINAL_STATES = {
    name: FinalState(number, daughters)
    for number, (name, daughters) in enumerate(
        {
            "mumu": (-13, 13),
            "ee": (-11, 11),
            "pipi": (211, -211),
            "pipig": (211, -211, 22),
            "pipipi0": (211, -211, 111),
            "pipi2pi0": (211, -211, 111, 111),
            "pipieta": (211, -211, 221),
            "kk": (321, -321),
            "kkpi0": (321, -321, 111),
            "gg": (22, 22),
            "pimu": (211, 13),
            "pie": (211, 11),
            "eenu": (-11, 11, 12),
            "mumunu": (-13, 13, 14),
            "emunu": (-11, 13, 12),
        }.items(),
        start=1,
    )
}
"""Final states by name. One that is not its own charge conjugate stands for both, each with probability 1/2."""

DAUGHTER = np.dtype([("pdg", "i4"), ("charge", "f8"), ("mass", "f8"), ("diphoton", "?")], align=True)
"""A daughter: PDG number; charge, e; mass, MeV; whether it decays at once to two photons."""


def daughters(final_state: str) -> NDArray[np.void]:
    """Particles of a final state.

    Parameters
    ----------
    final_state : str
        A name in `FINAL_STATES`.

    Returns
    -------
    DAUGHTER[daughter]
        Charges in e, masses in MeV; neutrinos have none.
    """
    from particle import Particle  # noqa: PLC0415 - half a second that only simulating pays

    found = [Particle.from_pdgid(pdg) for pdg in FINAL_STATES[final_state].daughters]
    rows = [(int(p.pdgid), p.charge or 0.0, p.mass or 0.0, int(p.pdgid) in (PI0, ETA)) for p in found]
    return np.array(rows, dtype=DAUGHTER)


def is_charged_pair(final_state: str) -> bool:
    """Whether a final state is two charged particles and nothing else."""
    charges = daughters(final_state)["charge"].tolist()
    return all(charges) and charges == charges[:2]


def is_own_conjugate(final_state: str) -> bool:
    """Whether exchanging particles and antiparticles changes nothing that a detector sees: neutrinos do not count."""
    charged = [pdg for pdg, charge in daughters(final_state)[["pdg", "charge"]].tolist() if charge]
    return sorted(charged) == sorted(-pdg for pdg in charged)


def stable(final_state: str) -> int:
    """Number of particles of a final state when its pi0 and eta have decayed."""
    found = daughters(final_state)
    return len(found) + int(found["diphoton"].sum())
