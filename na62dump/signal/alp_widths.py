"""What an axion-like particle decays into, at a coupling C/Lambda of 1/GeV: photons, leptons, and hadrons by tables."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from na62dump.signal.alp_couplings import anomaly
from na62dump.signal.final_states import seen
from na62dump.signal.model import Mode
from na62dump.signal.species import LEPTON_PAIRS, LEPTONS
from na62dump.signal.standard import mass as mass_of
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.signal.curves import Curve

GEV = ENERGY["GeV"]
HADRONS = {
    "pipig": ("pi+ pi- gamma", "pipig"),
    "pipipi0": ("pi+ pi- pi0", "pipipi0"),
    "pi0pi0pi0": ("3 pi0", None),
    "pipieta": ("pi+ pi- eta", "pipieta"),
    "kkpi0": ("K+ K- pi0", "kkpi0"),
    "pipi2pi0": ("pi+ pi- 2 pi0", "pipi2pi0"),
    "other": ("other hadrons", None),
}
"""By column of the tables: name of the mode, simulated final state."""


def photon_width(mass: float, *, coupling: float) -> float:
    """Width into two photons for L = (g/4) a F Fdual, g^2 m^3/(64 pi) [arXiv:1512.03069, section 2].

    Parameters
    ----------
    mass : float, MeV
        Of the particle.
    coupling : float, 1/MeV
        g.

    Returns
    -------
    float
        MeV.
    """
    return coupling**2 * mass**3 / (64 * math.pi)


def lepton_width(mass: float, *, lepton: float, coupling: float) -> float:
    """Width into a pair of leptons for L = c d_mu a l gamma^mu gamma5 l: c^2 ml^2 sqrt(m^2 - 4 ml^2)/(2 pi).

    By the equations of motion that is 2 ml c a l i gamma5 l [arXiv:1708.00443, section 3.2, with c_ll/Lambda = 2 c].

    Parameters
    ----------
    mass, lepton : float, MeV
        Of the particle and the lepton.
    coupling : float, 1/MeV
        c.

    Returns
    -------
    float
        MeV; 0 below the threshold.
    """
    return coupling**2 * lepton**2 * math.sqrt(max(mass**2 - 4 * lepton**2, 0.0)) / (2 * math.pi)


def loop_width(mass: float, *, coupling: float, alpha: float) -> float:
    """Width into two photons by triangles of charged leptons, alpha^2 m^3/(64 pi^3) |2 c sum B1|^2 [arXiv:1708.00443, section 3.1].

    Parameters
    ----------
    mass : float, MeV
        Of the particle.
    coupling : float, 1/MeV
        c of L = c d_mu a l gamma^mu gamma5 l for each lepton.
    alpha : float
        Fine-structure constant, a pure number.

    Returns
    -------
    float
        MeV.
    """
    loops = sum(anomaly(mass, mass_of(pdg)) for pdg in LEPTONS.values())
    return alpha**2 * mass**3 / (64 * math.pi**3) * abs(2 * coupling * loops) ** 2


def lepton_modes(coupling: float) -> tuple[Mode, ...]:
    """Decays into pairs of leptons for L = c d_mu a l gamma^mu gamma5 l with c = ``coupling``, 1/MeV."""
    return tuple(
        Mode(name, partial(lepton_width, lepton=mass_of(pdg), coupling=coupling), state)
        for name, (pdg, state) in LEPTON_PAIRS.items()
    )


def hadron_modes(table: Mapping[str, Curve], *, near: Path | None = None, factor: float = 1.0) -> tuple[Mode, ...]:
    """Decays into hadrons.

    Parameters
    ----------
    table : mapping of str to Curve
        Widths in MeV at C/Lambda = 1/GeV, by the names of `HADRONS`; others are left out.
    near : Path, optional
        Folder looked into first for the shares of neutral mesons into photons.
    factor : float
        What the widths are multiplied with, a pure number.

    Returns
    -------
    tuple of Mode
        One for each column.
    """

    def width(mass: float, *, curve: Curve) -> float:
        return factor * curve(mass)

    return tuple(
        Mode(name, partial(width, curve=table[column]), state, seen(state, near=near) if state else 1.0)
        for column, (name, state) in HADRONS.items()
        if column in table
    )


def extended(mass: float, *, curve: Curve) -> float:
    """Width in MeV into two photons from a table, for a mass in MeV; below its first point it falls with the cube of the mass."""
    first = float(curve.mass[0])
    return curve(max(mass, first)) * min(mass / first, 1.0) ** 3
