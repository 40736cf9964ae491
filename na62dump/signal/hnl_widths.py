"""What heavy neutral leptons decay into: Dirac widths at |U|^2 = 1 by flavour, and the modes of a model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from na62dump.signal.model import Mode
from na62dump.signal.species import DS, ETA, ETA_C, ETAP, KSTAR, LEPTONS, OMEGA, PHI, PI, PI0, RHO, RHO0, TAU, D, K
from na62dump.signal.standard import mass
from na62dump.signal.weak import lepton, to_pair, to_pseudoscalar, to_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from na62dump.signal.standard import Standard
    from na62dump.signal.weak import Weak

    Width = Callable[[float], float]
    ByFlavour = Mapping[str, Width]

CHARGED = {"pi": (PI, "ud"), "K": (K, "us"), "D": (D, "cd"), "Ds": (DS, "cs")}
"""Pseudoscalar mesons by the names of their decay constants: PDG number, element of the mixing matrix."""
CHARGED_VECTORS = {"rho": (RHO, "ud"), "Kstar": (KSTAR, "us")}
"""Vector mesons by the names of their strengths."""
FINAL_STATES = {"pi mu": "pimu", "pi e": "pie", "e e nu": "eenu", "mu mu nu": "mumunu", "e mu nu": "emunu"}
"""Simulated final states by mode."""
COLOURS = 3
QCD = (1.0, 5.2, 26.4)
"""Corrections of first to third order in alpha_s/pi: 1805.08567, section 3.2, as for hadronic decays of the tau."""
FLAVOURS = 3
"""Light quarks in the running of the strong coupling."""


@dataclass(frozen=True)
class Widths:
    """Widths of a Dirac particle at |U|^2 = 1 with one flavour.

    Attributes
    ----------
    standard : Standard
        Parameters of the Standard Model.
    weak : Weak
        Strengths of the mesons.
    """

    standard: Standard
    weak: Weak

    @property
    def fermi(self) -> float:
        """Fermi constant, 1/MeV^2."""
        return self.standard.fermi_constant

    def coupling(self, *, third: float, charge: float) -> tuple[float, float]:
        """Couplings of the neutral current to the left and right hands of a fermion, pure numbers.

        Parameters
        ----------
        third : float
            Third component of the weak isospin.
        charge : float
            Electric charge.
        """
        right = -charge * self.standard.weak_mixing
        return third + right, right

    def mesons(self, flavour: str) -> dict[str, Width]:
        """Charged meson and lepton, by mode; widths in MeV for a mass in MeV."""
        one, fermi, ckm = lepton(flavour), self.fermi, self.standard.ckm
        found: dict[str, Width] = {}
        for name, (pdg, element) in CHARGED.items():
            constant = getattr(self.standard.decay_constants, name) * getattr(ckm, element)
            found[f"{name} {flavour}"] = partial(
                to_pseudoscalar, other=one, meson=mass(pdg), constant=constant, fermi=fermi
            )
        for name, (pdg, element) in CHARGED_VECTORS.items():
            constant = getattr(self.weak.vectors, name) * getattr(ckm, element)
            found[f"{name} {flavour}"] = partial(to_vector, other=one, meson=mass(pdg), constant=constant, fermi=fermi)
        return found

    def neutral_mesons(self) -> dict[str, Width]:
        """Neutral meson and neutrino, the same for all flavours, by mode; widths in MeV for a mass in MeV.

        Pseudoscalars as 1805.08567, section 3.2.1. Vectors take the sum of the vector couplings of their quarks, v = g_L + g_R:
        (v_u - v_d)/sqrt(2) for the rho, (v_u + v_d)/sqrt(2) for the omega and v_s for the phi, as 2007.03701, section 3;
        1805.08567 has twice the first and sqrt(2) times the second of the latter two.
        """
        up = sum(self.coupling(third=0.5, charge=2 / 3))
        down = sum(self.coupling(third=-0.5, charge=-1 / 3))
        root = math.sqrt(0.5)
        constants = {
            "pi0": (PI0, self.standard.decay_constants.pi),
            "eta": (ETA, self.weak.neutrals.eta),
            "etap": (ETAP, self.weak.neutrals.etap),
        }
        vectors = {
            "rho": (RHO0, self.weak.vectors.rho * root * (up - down)),
            "omega": (OMEGA, self.weak.vectors.omega * root * (up + down)),
            "phi": (PHI, self.weak.vectors.phi * down),
        }
        found: dict[str, Width] = {
            f"{name} nu": partial(to_pseudoscalar, other=0.0, meson=mass(pdg), constant=root * f, fermi=self.fermi)
            for name, (pdg, f) in constants.items()
        }
        return found | {
            f"{name} nu": partial(to_vector, other=0.0, meson=mass(pdg), constant=g, fermi=self.fermi)
            for name, (pdg, g) in vectors.items()
        }

    def leptons(self, flavour: str) -> dict[str, Width]:
        """Three leptons, by mode; widths in MeV for a mass in MeV: 1805.08567, section 3.1.

        A charged current to the lepton of the neutral one adds 1 to its left coupling. Of three neutrinos, one in two pairs is
        of the own flavour and two identical: altogether one charged current without mass.
        """
        one, fermi = lepton(flavour), self.fermi
        left, right = self.coupling(third=-0.5, charge=-1.0)
        found: dict[str, Width] = {"3 nu": lambda m: to_pair(m, 0.0, pair=(0.0, 0.0), fermi=fermi).total}
        for name in LEPTONS:
            other, own = lepton(name), float(name == flavour)
            found[f"{name} {name} nu"] = partial(
                _pair, other=0.0, pair=(other, other), fermi=fermi, left=left + own, right=right
            )
            if name != flavour:
                mode = " ".join(flavour if x == flavour else name for x in LEPTONS if x in (flavour, name))
                found[f"{mode} nu"] = partial(_pair, other=one, pair=(other, 0.0), fermi=fermi, left=1.0, right=0.0)
        return found

    def quarks(self, heavy: float, *, flavour: str) -> float:
        """Width into hadrons as that into quarks, MeV, for a mass in MeV: 1805.08567, section 3.2.

        Phase space begins at the mass of the lightest hadrons that the pair can be.
        """
        fermi, quark, ckm = self.fermi, self.standard.quarks, self.standard.ckm
        total = 0.0
        for pdg, element in CHARGED.values():
            pair = (getattr(quark, element[0]), getattr(quark, element[1]))
            width = to_pair(heavy, lepton(flavour), pair=pair, fermi=fermi, lowest=mass(pdg)).total
            total += getattr(ckm, element) ** 2 * width
        lightest = {"u": mass(PI0), "d": mass(PI0), "s": 2 * mass(K), "c": mass(ETA_C)}
        for name, lowest in lightest.items():
            third, charge = (0.5, 2 / 3) if name in "uc" else (-0.5, -1 / 3)
            left, right = self.coupling(third=third, charge=charge)
            pair = (getattr(quark, name), getattr(quark, name))
            total += to_pair(heavy, 0.0, pair=pair, fermi=fermi, left=left, right=right, lowest=lowest).total
        return COLOURS * total * (1 + self.correction(heavy))

    def correction(self, heavy: float) -> float:
        """Correction of the strong interaction to `quarks`, a pure number, for a mass in MeV; the coupling runs with one loop."""
        known = self.weak.inclusive.alpha_s
        slope = (11 - 2 * FLAVOURS / 3) * known / (2 * math.pi)
        ratio = known / (1 + slope * math.log(heavy / mass(TAU))) / math.pi
        return sum(number * ratio**power for power, number in enumerate(QCD, start=1))


def _pair(heavy: float, other: float, pair: tuple[float, float], fermi: float, left: float, right: float) -> float:
    """Width into a pair, MeV."""
    return to_pair(heavy, other, pair=pair, fermi=fermi, left=left, right=right).total


def modes(widths: Widths, *, shares: Mapping[str, float], majorana: bool) -> tuple[Mode, ...]:
    """Decay modes of a heavy neutral lepton at total |U|^2 = 1.

    Parameters
    ----------
    widths : Widths
        Dirac widths.
    shares : mapping of str to float
        Shares of the flavours in the total |U|^2, adding up to 1.
    majorana : bool
        Whether it is its own antiparticle: each mode then has its conjugate, and every width is twice that of a Dirac
        particle, neutral currents included (1805.08567, section 3).

    Returns
    -------
    tuple of Mode
        All of them. What hadrons take as quarks beyond the listed mesons is ``"other hadrons"``.
    """
    factor = 2.0 if majorana else 1.0
    hadrons: dict[str, list[tuple[float, Width]]] = {}
    leptons: dict[str, list[tuple[float, Width]]] = {}
    mixed = {flavour: factor * share for flavour, share in shares.items() if share > 0}
    for flavour, weight in mixed.items():
        for name, width in (widths.mesons(flavour) | widths.neutral_mesons()).items():
            hadrons.setdefault(name, []).append((weight, width))
        for name, width in widths.leptons(flavour).items():
            leptons.setdefault(name, []).append((weight, width))
    listed = {name: cache(partial(_sum, parts)) for name, parts in hadrons.items()}
    quarks = [(weight, partial(widths.quarks, flavour=flavour)) for flavour, weight in mixed.items()]

    def rest(heavy: float) -> float:
        if heavy < widths.weak.inclusive.mass_min:
            return 0.0
        return max(_sum(quarks, heavy) - math.fsum(width(heavy) for width in listed.values()), 0.0)

    every = listed | {name: cache(partial(_sum, parts)) for name, parts in leptons.items()}
    every["other hadrons"] = cache(rest)
    return tuple(Mode(name, width, FINAL_STATES.get(name)) for name, width in every.items())


def _sum(parts: Sequence[tuple[float, Width]], heavy: float) -> float:
    """Sum of widths with their weights, MeV."""
    return math.fsum(weight * width(heavy) for weight, width in parts)
