"""Dark scalar that mixes with the Higgs boson (BC4): made in decays of B mesons, decays as a Higgs boson of its mass would."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from na62dump import configuration as conf
from na62dump.signal import curves
from na62dump.signal.b_decays import b_decay_channel, b_decays, scalar_width
from na62dump.signal.final_states import seen
from na62dump.signal.model import Coupling, CouplingRange, Mode, Model
from na62dump.signal.species import ELECTRON, K0, LEPTON_PAIRS, PI, PI0, D, K
from na62dump.signal.standard import Standard
from na62dump.signal.standard import mass as mass_of
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.signal.form_factors import Kaon
    from na62dump.signal.parents import Source

GEV = ENERGY["GeV"]


class Hadrons(conf.Settings):
    """Tables of form factors, shares of charges (pure numbers), strength of four pions (1/MeV^2), where quarks take over (MeV)."""

    pions: str
    kaons: str
    charged_pions: float
    charged_kaons: float
    other: conf.InverseEnergySquared
    mixed_pions: float
    perturbative: conf.Energy


class Strong(conf.Settings):
    """Running of the strong coupling: number of flavours, and Lambda in MeV."""

    flavours: int
    scale: conf.Energy

    def alpha(self, energy: float) -> float:
        """Strong coupling at an energy in MeV, a pure number, at two loops [PDG, review of quantum chromodynamics]."""
        b0, b1 = 11 - 2 * self.flavours / 3, 102 - 38 * self.flavours / 3
        log = math.log(energy**2 / self.scale**2)
        return 4 * math.pi / (b0 * log) * (1 - b1 / b0**2 * math.log(log) / log)


class DarkScalar(conf.Settings):
    """A file such as config/signal/dark_scalar.toml; MeV and pure numbers."""

    kind: Literal["dark scalar"]
    label: str
    pdg: int
    mass_max: conf.Energy
    coupling: CouplingRange
    hadrons: Hadrons
    strong: Strong


def flavour_change(standard: Standard) -> float:
    """Coefficient C of L = C S s P_R b at theta = 1, a pure number: a penguin diagram with the W boson and mostly the top quark.

    3 mb g^2/(64 pi^2 v mW^2) times the sum of V_qb V_qs mq^2 over u, c, t [R. S. Willey, H. L. Yu, Phys. Rev. D 26 (1982) 3287;
    arXiv:1904.10447, section 2]; the moduli of the elements are added, which the top quark makes right to 1e-4.
    """
    quarks, ckm = standard.quarks, standard.ckm
    loop = ckm.ub * ckm.us * quarks.u**2 + ckm.cb * ckm.cs * quarks.c**2 + ckm.tb * ckm.ts * quarks.t**2
    scale = 64 * math.pi**2 * standard.vacuum_value * standard.mass_w**2
    return 3 * quarks.b * standard.weak_coupling**2 * loop / scale


def fermion_width(mass: float, *, fermion: float, vacuum: float, threshold: float | None = None) -> float:
    """Width into a fermion and its antiparticle at theta = 1, without colour.

    mf^2 m beta^3 / (8 pi v^2) [arXiv:1809.01876, section 2].

    Parameters
    ----------
    mass, fermion : float, MeV
        Of the scalar and the fermion.
    vacuum : float, MeV
        Vacuum expectation value of the Higgs field.
    threshold : float, MeV, optional
        Mass of the lightest hadron with the fermion, which the velocity is of; without it that of the fermion.

    Returns
    -------
    float
        MeV; 0 below the threshold.
    """
    return fermion**2 * mass * velocity(mass, threshold or fermion) ** 3 / (8 * math.pi * vacuum**2)


def velocity(mass: float, daughter: float) -> float:
    """Velocity of each of two equal daughters, a pure number, for masses in MeV; 0 below the threshold."""
    return math.sqrt(max(1 - 4 * daughter**2 / mass**2, 0.0))


def loop(mass: float, quark: float) -> complex:
    """Triangle of a quark, a pure number, for masses in MeV: 2/3 for a heavy quark, 0 for a light one.

    (tau + (tau - 1) f) / tau^2 with tau = m^2/(4 mq^2) [arXiv:1809.01876, section 2; hep-ph/0503172].
    """
    tau = mass**2 / (4 * quark**2)
    if tau <= 1:
        angle = complex(math.asin(math.sqrt(tau)))
    else:
        beta = math.sqrt(1 - 1 / tau)
        angle = 0.5j * (cmath.log((1 + beta) / (1 - beta)) - 1j * math.pi)
    return (tau + (tau - 1) * angle**2) / tau**2


@dataclass(frozen=True)
class _Widths:
    """Partial widths at theta = 1, MeV, for a mass in MeV."""

    settings: DarkScalar
    standard: Standard
    pions: Mapping[str, curves.Curve]
    kaons: Mapping[str, curves.Curve]

    @property
    def vacuum(self) -> float:
        """Vacuum expectation value of the Higgs field, MeV."""
        return self.standard.vacuum_value

    def lepton(self, mass: float, *, pdg: int) -> float:
        """Width in MeV into a pair of leptons."""
        return fermion_width(mass, fermion=mass_of(pdg), vacuum=self.vacuum)

    def mesons(self, mass: float, *, pdg: int) -> float:
        """Width in MeV into two mesons of one kind.

        3 beta |G|^2/(32 pi v^2 m) for pions, beta |G|^2/(8 pi v^2 m) for kaons, G = (7 gamma + 7 delta + 2 theta)/9
        [arXiv:1809.01876, section 3], times the share of the charge.
        """
        if mass >= self.settings.hadrons.perturbative:
            return 0.0
        pions = pdg in {PI, PI0}
        table, factor = (self.pions, 3 / 4) if pions else (self.kaons, 1.0)
        charged = self.settings.hadrons.charged_pions if pions else self.settings.hadrons.charged_kaons
        share = charged if pdg in {PI, K} else 1 - charged
        strength = GEV**4 * abs(matrix_element(table, mass)) ** 2
        return share * factor * velocity(mass, mass_of(pdg)) * strength / (8 * math.pi * self.vacuum**2 * mass)

    def others(self, mass: float, *, share: float) -> float:
        """Share of the width in MeV into four pions and heavier hadrons, C m^3 sqrt(1 - 16 mpi^2/m^2) [arXiv:1809.01876]."""
        hadrons = self.settings.hadrons
        return share * hadrons.other * mass**3 * velocity(mass, 2 * mass_of(PI)) if mass < hadrons.perturbative else 0.0

    def quarks(self, mass: float, *, quark: float, pdg: int) -> float:
        """Width in MeV into a quark and its antiquark: that of a fermion in three colours, from the threshold of its mesons on."""
        if mass < self.settings.hadrons.perturbative:
            return 0.0
        return 3 * fermion_width(mass, fermion=quark, vacuum=self.vacuum, threshold=mass_of(pdg))

    def gluons(self, mass: float) -> float:
        """Width in MeV into two gluons, alpha_s^2 m^3/(32 pi^3 v^2) |sum of the triangles|^2 [arXiv:1809.01876, section 2]."""
        if mass < self.settings.hadrons.perturbative:
            return 0.0
        masses = self.standard.quarks
        total = sum(loop(mass, quark) for quark in (masses.u, masses.d, masses.s, masses.c, masses.b, masses.t))
        alpha = self.settings.strong.alpha(mass)
        return alpha**2 * mass**3 / (32 * math.pi**3 * self.vacuum**2) * abs(total) ** 2


def matrix_element(table: Mapping[str, curves.Curve], mass: float) -> complex:
    """(7 gamma + 7 delta + 2 theta)/9 in GeV^2 from a table of moduli (GeV^2) and phases (rad), for a mass in MeV."""
    weights = {"gamma": 7 / 9, "delta": 7 / 9, "theta": 2 / 9}
    parts = (w * cmath.rect(table[name](mass), table[f"{name}_phase"](mass)) for name, w in weights.items())
    return sum(parts, start=0j)


def _modes(widths: _Widths, near: Path | None) -> tuple[Mode, ...]:
    """All decays: leptons, hadrons below 2 GeV, quarks and gluons above."""
    mixed = widths.settings.hadrons.mixed_pions
    quarks = widths.standard.quarks
    leptons = (Mode(name, partial(widths.lepton, pdg=pdg), state) for name, (pdg, state) in LEPTON_PAIRS.items())
    return (
        *leptons,
        Mode("pi+ pi-", partial(widths.mesons, pdg=PI), "pipi"),
        Mode("pi0 pi0", partial(widths.mesons, pdg=PI0)),
        Mode("K+ K-", partial(widths.mesons, pdg=K), "kk"),
        Mode("K0 K0bar", partial(widths.mesons, pdg=K0)),
        Mode("pi+ pi- 2pi0", partial(widths.others, share=mixed), "pipi2pi0", seen("pipi2pi0", near=near)),
        Mode("2pi+ 2pi-", partial(widths.others, share=1 - mixed)),
        Mode("s sbar", partial(widths.quarks, quark=quarks.s, pdg=K)),
        Mode("c cbar", partial(widths.quarks, quark=quarks.c, pdg=D)),
        Mode("gluons", widths.gluons),
    )


def dark_scalar(
    settings: DarkScalar, *, name: str, standard: Standard, source: Source, near: Path | None = None
) -> Model:
    """The model of a file.

    Parameters
    ----------
    settings : DarkScalar
        What the file says.
    name : str
        Of the model.
    standard : Standard
        Parameters of the Standard Model.
    source : Source
        B mesons per proton.
    near : Path, optional
        Folder looked into first for tables and for the decays of B mesons.

    Returns
    -------
    Model
        With the coupling theta, a pure number; masses in MeV.
    """
    change = flavour_change(standard) ** 2

    def kaon_width(kaon: Kaon, mass: float, *, parent: int) -> float:
        return change * scalar_width(kaon, mass, quarks=standard.quarks, parent=parent)

    hadrons = settings.hadrons
    tables = [curves.curves(table, near=near) for table in (hadrons.pions, hadrons.kaons)]
    return Model(
        name=name,
        label=settings.label,
        pdg=settings.pdg,
        coupling=Coupling("theta", r"$\sin\theta$", "1", settings.coupling.low, settings.coupling.high),
        channels=(b_decay_channel(b_decays(near), source, partial=kaon_width),),
        modes=_modes(_Widths(settings, standard, *tables), near),
        mass_min=2 * mass_of(ELECTRON),
        mass_max=settings.mass_max,
    )
