"""Kaons that come with an exotic particle in the decay of a B meson: the form factors of each, by its spin.

Each kind gives one number, q_mu <K_X| s gamma^mu P_L b |B> at q^2 = m^2 up to a phase: what a pseudoscalar with a derivative
coupling feels. A scalar feels it divided by the sum or the difference of the masses of the quarks, by their equations of motion.
Parity lets only one of the vector and the axial current contribute to each, so that P_L is a factor 1/2 for all of them. Masses
of the exotic particle go up to mB - mK: above, poles follow.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from na62dump import configuration as conf
from na62dump.signal.kinematics import momentum
from na62dump.signal.species import B_PLUS
from na62dump.signal.standard import mass as mass_of


class Quadratic(conf.Settings):
    """A form factor value / (1 - linear x + square x^2) with x = q^2/mB^2, pure numbers."""

    value: float
    linear: float
    square: float

    def at(self, x: float) -> float:
        """Its value, a pure number, for x = q^2/mB^2."""
        return self.value / (1 - self.linear * x + self.square * x * x)


class Mixed(Quadratic):
    """The same of a state that is no particle by itself: its mass, MeV."""

    mass: conf.Energy


class State(conf.Settings):
    """A kaon: its name, and the PDG numbers of that with charge and that without."""

    name: str
    charged: int
    neutral: int

    sign: ClassVar[int]
    """+1 if the axial current makes it, so that a scalar feels mb + ms; -1 if the vector current does, and it feels mb - ms."""

    def mass(self, parent: int) -> float:
        """Mass in MeV of the one that the B meson with this PDG number decays into."""
        return mass_of(self.charged if parent == B_PLUS else self.neutral)


class Pseudoscalar(State):
    """K: f0 = value / (1 - q^2/pole) [hep-ph/0406232]; a pure number, MeV^2."""

    kind: Literal["pseudoscalar"]
    value: float
    pole: conf.EnergySquared

    sign: ClassVar[int] = -1

    def current(self, parent: float, kaon: float, *, mass: float) -> float:
        """(mB^2 - mK^2) f0 / 2 in MeV^2 for masses in MeV [arXiv:1904.10447, appendix F]."""
        return (parent**2 - kaon**2) / 2 * self.value / (1 - mass**2 / self.pole)


class Vector(State):
    """K*(892): A0 = value / (1 - q^2/mB^2) + second / (1 - q^2/pole) [hep-ph/0412079, Eq. (59)]; pure numbers, MeV^2."""

    kind: Literal["vector"]
    value: float
    second: float
    pole: conf.EnergySquared

    sign: ClassVar[int] = 1

    def current(self, parent: float, kaon: float, *, mass: float) -> float:
        """Root of lambda times A0 / 2 in MeV^2 for masses in MeV [arXiv:1904.10447, appendix F]."""
        a0 = self.value / (1 - mass**2 / parent**2) + self.second / (1 - mass**2 / self.pole)
        return _root(parent, kaon, mass) / 2 * a0


class EnergeticVector(State):
    """K*(1410), K*(1680): A0 from the two functions of the limit of large energy [hep-ph/9812358]; pure numbers."""

    kind: Literal["vector of large energy"]
    parallel: float
    perpendicular: float

    sign: ClassVar[int] = 1

    def current(self, parent: float, kaon: float, *, mass: float) -> float:
        """Root of lambda times A0 / 2 in MeV^2 for masses in MeV [arXiv:1904.10447, appendix F].

        A0 = (1 - mK^2/(mB E)) parallel + (mK/mB) perpendicular with E the energy of the kaon, and a pole at q^2 = mB^2.
        """
        longitudinal = 1 - 2 * kaon**2 / (parent**2 + kaon**2 - mass**2)
        a0 = longitudinal * self.parallel + kaon / parent * self.perpendicular
        return _root(parent, kaon, mass) / 2 * a0 / (1 - mass**2 / parent**2)


class Scalar(State, Quadratic):
    """K0*(700), K0*(1430): f+, with f- = -f+; pure numbers."""

    kind: Literal["scalar"]

    sign: ClassVar[int] = 1

    def current(self, parent: float, kaon: float, *, mass: float) -> float:
        """(mB^2 - mK^2 - q^2) f+ / 2 in MeV^2 for masses in MeV [arXiv:1904.10447, appendix F]."""
        return (parent**2 - kaon**2 - mass**2) / 2 * self.at(mass**2 / parent**2)


class Axial(State):
    """K1(1270), K1(1400): mixtures of K1A and K1B with their form factors V0; rad, MeV, pure numbers."""

    kind: Literal["axial"]
    angle: conf.Angle
    one: Mixed
    other: Mixed

    sign: ClassVar[int] = -1

    def current(self, parent: float, kaon: float, *, mass: float) -> float:
        """Root of lambda times V0 / 2 in MeV^2 for masses in MeV [arXiv:1904.10447, appendix F]."""
        x = mass**2 / parent**2
        one, other = self.one.mass * self.one.at(x), self.other.mass * self.other.at(x)
        return _root(parent, kaon, mass) / 2 * (math.sin(self.angle) * one + math.cos(self.angle) * other) / kaon


class Tensor(State, Quadratic):
    """K2*(1430): A0 with a pole at q^2 = mB^2 besides; pure numbers."""

    kind: Literal["tensor"]

    sign: ClassVar[int] = 1

    def current(self, parent: float, kaon: float, *, mass: float) -> float:
        """Lambda / (mB mK) A0 / (2 sqrt(6)) in MeV^2 for masses in MeV [arXiv:1904.10447, appendix F]."""
        x = mass**2 / parent**2
        size = _root(parent, kaon, mass) ** 2 / (parent * kaon)
        return size / (2 * math.sqrt(6)) * self.at(x) / (1 - x)


Kaon = Annotated[
    Pseudoscalar | Vector | EnergeticVector | Scalar | Axial | Tensor,
    Field(discriminator="kind"),
]
"""Any of them, told apart by ``kind``."""


def _root(parent: float, kaon: float, mass: float) -> float:
    """Root of the Kallen function of three squared masses, MeV^2, for masses in MeV; 0 beyond the threshold."""
    return 2 * parent * momentum(parent, (kaon, mass))
