"""Final states that the simulation knows by name, and how often those with neutral mesons are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump import configuration as conf
from na62dump.signal.species import ETA, PI0
from na62dump.signal.standard import mass

if TYPE_CHECKING:
    from pathlib import Path

FINAL_STATES: dict[str, tuple[int, ...]] = {
    "mumu": (-13, 13),
    "ee": (-11, 11),
    "pipi": (211, -211),
    "pipig": (211, -211, 22),
    "pipipi0": (211, -211, PI0),
    "pipi2pi0": (211, -211, PI0, PI0),
    "pipieta": (211, -211, ETA),
    "kk": (321, -321),
    "kkpi0": (321, -321, PI0),
    "gg": (22, 22),
    "pimu": (211, 13),
    "pie": (211, 11),
    "eenu": (-11, 11, 12),
    "mumunu": (-13, 13, 14),
    "emunu": (-11, 13, 12),
}
"""PDG numbers of the particles in each, those of `na62dump.simulation`, which a model must not import."""


class TwoPhotons(conf.Settings):
    """Shares of the decays into two photons (config/signal/final_states.toml), pure numbers."""

    pi0: float
    eta: float


def threshold(name: str) -> float:
    """Least mass, MeV, that decays into a final state of `FINAL_STATES`: the sum of its particles'."""
    return sum(mass(pdg) for pdg in FINAL_STATES[name])


def two_photons(near: Path | None = None) -> TwoPhotons:
    """Shares of config/signal/final_states.toml, pure numbers; ``near`` is a folder looked into first."""
    return conf.load(conf.find("signal/final_states", near=near), TwoPhotons)


def seen(name: str, *, near: Path | None = None) -> float:
    """Share of the decays into a final state that the simulation makes.

    Parameters
    ----------
    name : str
        A name in `FINAL_STATES`.
    near : Path, optional
        Folder looked into first.

    Returns
    -------
    float
        A pure number: BR(pi0 -> gamma gamma) for each pi0 times BR(eta -> gamma gamma) for each eta.
    """
    share, daughters = two_photons(near), FINAL_STATES[name]
    return float(share.pi0 ** daughters.count(PI0) * share.eta ** daughters.count(ETA))
