"""What the Standard Model enters the predictions with; masses and widths of particles come from the package ``particle``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hepunits import constants
from particle import InvalidParticle, Particle, ParticleNotFound

from na62dump import configuration as conf
from na62dump.errors import UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

HBARC = float(constants.hbarc)
"""Reduced Planck constant times the speed of light, MeV mm (hepunits, CODATA)."""


class Quarks(conf.Settings):
    """Masses of the quarks, MeV."""

    u: conf.Energy
    d: conf.Energy
    s: conf.Energy
    c: conf.Energy
    b: conf.Energy
    t: conf.Energy


class Mixing(conf.Settings):
    """Moduli of the elements of the CKM matrix, pure numbers."""

    ud: float
    us: float
    ub: float
    cd: float
    cs: float
    cb: float
    td: float
    ts: float
    tb: float


class DecayConstants(conf.Settings):
    """Decay constants of charged pseudoscalar mesons, MeV; that of the pion is 130."""

    pi: conf.Energy
    K: conf.Energy
    D: conf.Energy
    Ds: conf.Energy
    B: conf.Energy


class Standard(conf.Settings):
    """Parameters of the Standard Model (config/signal/standard.toml), MeV and pure numbers."""

    fermi_constant: conf.InverseEnergySquared
    fine_structure_inverse: float
    mass_w: conf.Energy
    weak_coupling: float
    weak_mixing: float
    vacuum_value: conf.Energy
    quarks: Quarks
    ckm: Mixing
    decay_constants: DecayConstants

    @property
    def alpha(self) -> float:
        """Fine-structure constant, a pure number."""
        return 1 / self.fine_structure_inverse


def standard(near: Path | None = None) -> Standard:
    """Parameters of config/signal/standard.toml, MeV; ``near`` is a folder looked into first."""
    return conf.load(conf.find("signal/standard", near=near), Standard)


@cache
def mass(pdg: int) -> float:
    """Mass of a particle by its PDG number, MeV; 0 where none is known."""
    return float(_particle(pdg).mass or 0.0)


@cache
def width(pdg: int) -> float:
    """Total width of a particle by its PDG number, MeV; 0 where none is known."""
    return float(_particle(pdg).width or 0.0)


def _particle(pdg: int) -> Particle:
    try:
        return Particle.from_pdgid(pdg)
    except (ParticleNotFound, InvalidParticle) as error:
        msg = f"no particle has the PDG number {pdg} in the package particle"
        raise UnknownNameError(msg) from error
