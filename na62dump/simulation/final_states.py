"""What particles decay into: final states by name, or as the particles in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError, nearest
from na62dump.simulation.particles import CHARGED, ETA, NEUTRINOS, PHOTON, PI0

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from particle import Particle


class FinalState(NamedTuple):
    """A final state.

    Attributes
    ----------
    number : int
        In ``truth_final_state``; 0 if `FINAL_STATES` does not have it.
    daughters : tuple of int
        PDG numbers. A pi0 or eta among them decays at once to two photons, always: its branching ratio belongs to the
        yield, not to the sample.
    """

    number: int
    daughters: tuple[int, ...]


FINAL_STATES = {
    "mumu": FinalState(1, (-13, 13)),
    "ee": FinalState(2, (-11, 11)),
    "pipi": FinalState(3, (211, -211)),
    "pipig": FinalState(4, (211, -211, 22)),
    "pipipi0": FinalState(5, (211, -211, 111)),
    "pipi2pi0": FinalState(6, (211, -211, 111, 111)),
    "pipieta": FinalState(7, (211, -211, 221)),
    "kk": FinalState(8, (321, -321)),
    "kkpi0": FinalState(9, (321, -321, 111)),
    "gg": FinalState(10, (22, 22)),
    "pimu": FinalState(11, (211, 13)),
    "pie": FinalState(12, (211, 11)),
    "eenu": FinalState(13, (-11, 11, 12)),
    "mumunu": FinalState(14, (-13, 13, 14)),
    "emunu": FinalState(15, (-11, 13, 12)),
}
"""Final states by name; others are written as their particles. Files keep the numbers: they never change.

One that is not its own charge conjugate stands for both, each with probability 1/2.
"""

DAUGHTERS_MIN, DAUGHTERS_MAX = 2, 4
"""Particles of a final state, before its pi0 and eta decay."""

DAUGHTER = np.dtype([("pdg", "i4"), ("charge", "f8"), ("mass", "f8"), ("diphoton", "?")], align=True)
"""A daughter: PDG number; charge, e; mass, MeV; whether it decays at once to two photons."""


def parse(final_state: str) -> FinalState:
    """Find a final state.

    Parameters
    ----------
    final_state : str
        A name in `FINAL_STATES`, or names of two to four particles that are neutral together, such as
        ``"K+ K- eta"``: e, mu, pi and K of either charge, gamma, pi0, eta and neutrinos, as the package particle names
        them.

    Returns
    -------
    FinalState
        With the number that the table has for these particles, or for their antiparticles, in any order.

    Raises
    ------
    ConfigurationError
        If the name, or that of a particle, is not known, or the particles are too many or have a charge.
    """
    if final_state in FINAL_STATES:
        return FINAL_STATES[final_state]
    names, known = final_state.split(), _known()
    if len(names) < DAUGHTERS_MIN:
        msg = (
            f"final_state '{final_state}' is not known; {nearest(final_state, FINAL_STATES)}; or name its particles, "
            "such as 'K+ K- eta'"
        )
        raise ConfigurationError(msg)
    for name in names:
        if name not in known:
            msg = f"final_state '{final_state}': no particle '{name}' can be simulated; {nearest(name, known)}"
            raise ConfigurationError(msg)
    found = [known[name] for name in names]
    _check(final_state, found)
    return FinalState(_number(found), tuple(int(p.pdgid) for p in found))


def _known() -> Mapping[str, Particle]:
    """Particles that can be simulated, by name."""
    from particle import Particle  # noqa: PLC0415 - half a second that only simulating pays

    found = [Particle.from_pdgid(pdg) for pdg in (*CHARGED, *NEUTRINOS, PHOTON, PI0, ETA)]
    return {p.name: p for one in found for p in (one, one.invert())}


def _check(final_state: str, found: Sequence[Particle]) -> None:
    if len(found) > DAUGHTERS_MAX:
        msg = f"final_state '{final_state}' has {len(found)} particles; at most {DAUGHTERS_MAX} can be simulated"
        raise ConfigurationError(msg)
    charge = float(sum(p.charge or 0.0 for p in found))
    if charge:
        msg = f"final_state '{final_state}' has the charge {charge:+g}; what decays is neutral: mend a sign"
        raise ConfigurationError(msg)


def _number(found: Sequence[Particle]) -> int:
    """Number in the table of these particles, or of their antiparticles; 0 if it has neither."""
    either = [sorted(int(p.pdgid) for p in some) for some in (found, [p.invert() for p in found])]
    return next((known.number for known in FINAL_STATES.values() if sorted(known.daughters) in either), 0)


def daughters(final_state: str) -> NDArray[np.void]:
    """Particles of a final state.

    Parameters
    ----------
    final_state : str
        A name or particles, as for `parse`.

    Returns
    -------
    DAUGHTER[daughter]
        Charges in e, masses in MeV; neutrinos have none.
    """
    from particle import Particle  # noqa: PLC0415 - half a second that only simulating pays

    found = [Particle.from_pdgid(pdg) for pdg in parse(final_state).daughters]
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
