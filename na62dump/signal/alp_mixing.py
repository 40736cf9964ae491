"""An axion-like particle with gluons mixes with pi0, eta and eta': wherever they are made, it is made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump import configuration as conf
from na62dump.signal.mixing import in_place_of
from na62dump.signal.model import Channel
from na62dump.signal.species import PI0
from na62dump.signal.standard import mass as mass_of
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from na62dump.signal.flux import Flux
    from na62dump.signal.parents import Parent, Source
    from na62dump.signal.standard import Standard

GEV = ENERGY["GeV"]
MESONS = ("pi0", "eta", "etap")
"""By their names in config/signal/production.toml."""

FULL, FALLING = 1.4, 2.0
"""GeV: where the suppression of hadrons begins, and where it becomes a power [arXiv:1811.03474, supplement]."""


class Mixing(conf.Settings):
    """Decay constant of the pion (93 MeV), sine of the eta-eta' angle, how near to a meson the formulas hold (MeV), uncertainty."""

    decay_constant: conf.Energy
    sine: float
    nearest: conf.Energy
    uncertainty: float


def suppression(mass: float) -> float:
    """Fall of hadronic amplitudes with the mass (MeV), a pure number [arXiv:1811.03474; public code ALPINIST].

    1 below 1.4 GeV, (1.4 GeV/m)^4 above 2 GeV, a polynomial between.
    """
    m = mass / GEV
    if m <= FULL:
        return 1.0
    if m <= FALLING:
        return 5.7022 * m**3 - 29.4815 * m**2 + 49.0191 * m - 25.4899
    return (FULL / m) ** 4


@dataclass(frozen=True)
class Angles:
    """Mixing angles with the three mesons.

    Attributes
    ----------
    settings : Mixing
        MeV and pure numbers.
    standard : Standard
        For the masses of the quarks, MeV.
    """

    settings: Mixing
    standard: Standard

    @property
    def chiral(self) -> tuple[float, float, float]:
        """Shares of the u, d and s quark, pure numbers, proportional to 1/m_q: then gluons mix with no octet by mass."""
        quarks = self.standard.quarks
        total = 1 / quarks.u + 1 / quarks.d + 1 / quarks.s
        return 1 / quarks.u / total, 1 / quarks.d / total, 1 / quarks.s / total

    def content(self, meson: str) -> tuple[float, float, float]:
        """Weights of the u, d and s quark in a meson, pure numbers, sqrt(2) times its quark content."""
        sine = self.settings.sine
        cosine = math.sqrt(1 - sine**2)
        one, eight = math.sqrt(2 / 3), 1 / math.sqrt(3)
        return {
            "pi0": (1.0, -1.0, 0.0),
            "eta": (eight * cosine - one * sine, eight * cosine - one * sine, -2 * eight * cosine - one * sine),
            "etap": (eight * sine + one * cosine, eight * sine + one * cosine, -2 * eight * sine + one * cosine),
        }[meson]

    def kinetic(self, meson: str) -> float:
        """K of the term of kinetic mixing, a pure number: -1/2 times the sum of 64 pi^2 kappa_q weight_q."""
        return -32 * math.pi**2 * math.fsum(k * w for k, w in zip(self.chiral, self.content(meson), strict=True))

    def massive(self, meson: str) -> float:
        """Squared mass of the term of mass mixing, MeV^2: 64 pi^2 sqrt(6) B0 / sum(1/m_q) times the share of the singlet."""
        quarks, sine = self.standard.quarks, self.settings.sine
        singlet = {"pi0": 0.0, "eta": -sine, "etap": math.sqrt(1 - sine**2)}[meson]
        chiral = mass_of(PI0) ** 2 / (quarks.u + quarks.d)
        total = 1 / quarks.u + 1 / quarks.d + 1 / quarks.s
        return 64 * math.pi**2 * math.sqrt(6) * chiral / total * singlet

    def angle(self, meson: str, pdg: int, *, mass: float) -> float:
        """Angle at C_GG/Lambda = 1/MeV.

        -f_pi/2 F (K m^2 + M^2)/(m^2 - mP^2) [arXiv:1811.03474, supplement; arXiv:2201.05170, appendix]. Next to the meson the
        denominator is the root of (m^2 - mP^2)^2 + (2 mP d)^2 with d of the settings: there angles are not small at any coupling
        of interest only within the width, but the formula would say infinity.

        Parameters
        ----------
        meson : str
            "pi0", "eta" or "etap".
        pdg : int
            Its PDG number.
        mass : float, MeV
            Of the particle.

        Returns
        -------
        float
            MeV, so that it is a pure number times Lambda/C.
        """
        other = mass_of(pdg)
        pole = mass**2 - other**2
        softened = math.copysign(math.hypot(pole, 2 * other * self.settings.nearest), pole)
        numerator = self.kinetic(meson) * mass**2 + self.massive(meson)
        return -self.settings.decay_constant / 2 * suppression(mass) * numerator / softened


@dataclass(frozen=True)
class _Mixed:
    """Particles that stand in for one kind of meson."""

    parent: Parent
    angles: Angles
    source: Source

    def number(self, mass: float) -> float:
        """Per proton on target at C_GG/Lambda = 1/GeV, a pure number, for a mass in MeV."""
        angle = self.angles.angle(self.parent.name, self.parent.pdg, mass=mass) / GEV
        return angle**2 * self.parent.number

    def flux(self, mass: float) -> Flux:
        """Their momenta and angles, MeV and rad, for a mass in MeV; the sum is 1 with those outside."""
        beam = self.source.settings
        return in_place_of(self.parent, mass, beam=beam.beam_momentum, grid=beam.cells(), power=beam.grid.points)


def mixing_channels(mixing: Mixing, source: Source, *, standard: Standard, mass_max: float) -> tuple[Channel, ...]:
    """Channels of production by mixing with pi0, eta and eta', at C_GG/Lambda = 1/GeV.

    Parameters
    ----------
    mixing : Mixing
        Angles and their uncertainty.
    source : Source
        Mesons per proton.
    standard : Standard
        Masses of the quarks.
    mass_max : float, MeV
        Largest mass.

    Returns
    -------
    tuple of Channel
        All of the mechanism "meson mixing".
    """
    angles = Angles(mixing, standard)

    def channel(parent: Parent) -> Channel:
        it = _Mixed(parent, angles, source)
        unsure = {**parent.uncertainties, "ALP mixing": mixing.uncertainty}
        name = f"{parent.name} mixing"
        return Channel(name, "meson mixing", 0.0, mass_max, it.number, it.flux, unsure)

    return tuple(channel(source.parent(name)) for name in MESONS)
