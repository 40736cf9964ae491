"""B mesons that decay into a kaon and an exotic scalar or pseudoscalar: widths, and the channel of production they make."""

from __future__ import annotations

import functools
import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from na62dump import configuration as conf
from na62dump.signal.decays import decay
from na62dump.signal.form_factors import Kaon
from na62dump.signal.kinematics import momentum
from na62dump.signal.model import Channel
from na62dump.signal.species import B_PLUS
from na62dump.signal.standard import mass as mass_of
from na62dump.signal.standard import width

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from na62dump.signal.flux import Flux
    from na62dump.signal.parents import Parent, Source
    from na62dump.signal.standard import Quarks

PARENTS = ("B", "B0")
"""Mesons by their names in config/signal/production.toml; the strange one needs form factors of its own and is left out."""

QUANTILES = 4096
"""Energies that stand for the mixture of kaons: their shares are right to one in this many."""


class Partial(Protocol):
    """A width at coupling 1, MeV, of B -> K_X and an exotic particle of a mass in MeV; ``parent`` is the PDG number of the B."""

    def __call__(self, kaon: Kaon, mass: float, *, parent: int) -> float:
        """Width in MeV, 0 beyond the threshold."""


class BDecays(conf.Settings):
    """Kaons that come with the exotic particle (config/signal/b_decays.toml), and the relative uncertainty of the number."""

    uncertainty: float
    kaons: conf.Many[Kaon]


def b_decays(near: Path | None = None) -> BDecays:
    """Kaons and form factors of config/signal/b_decays.toml, MeV, MeV^2 and pure numbers; ``near`` is looked into first."""
    return conf.load(conf.find("signal/b_decays", near=near), BDecays)


def pseudoscalar_width(kaon: Kaon, mass: float, *, parent: int = B_PLUS) -> float:
    """Width of B -> K_X a for L = g d_mu a s gamma^mu P_L b at g = 1/MeV; it grows with the square of g.

    Parameters
    ----------
    kaon : Kaon
        K_X.
    mass : float, MeV
        Of the pseudoscalar.
    parent : int
        PDG number of the B meson.

    Returns
    -------
    float
        MeV; 0 beyond the threshold. Gamma = |q_mu <K_X|s gamma^mu P_L b|B>|^2 p / (8 pi mB^2) [PDG, review of kinematics].
    """
    heavy, light = mass_of(parent), kaon.mass(parent)
    star = momentum(heavy, (light, mass))
    return kaon.current(heavy, light, mass=mass) ** 2 * star / (8 * math.pi * heavy**2) if star > 0 else 0.0


def scalar_width(kaon: Kaon, mass: float, *, quarks: Quarks, parent: int = B_PLUS) -> float:
    """Width of B -> K_X S for L = C S s P_R b at C = 1; it grows with the square of C.

    The equations of motion turn the scalar density into the divergence of the vector current over mb - ms, the pseudoscalar one
    into that of the axial current over mb + ms [arXiv:1904.10447, appendix F].

    Parameters
    ----------
    kaon : Kaon
        K_X.
    mass : float, MeV
        Of the scalar.
    quarks : Quarks
        Masses of the quarks.
    parent : int
        PDG number of the B meson.

    Returns
    -------
    float
        MeV; 0 beyond the threshold.
    """
    return pseudoscalar_width(kaon, mass, parent=parent) / (quarks.b + kaon.sign * quarks.s) ** 2


@dataclass(frozen=True)
class _Mixture:
    """Exotic particles of all kaons and B mesons together."""

    decays: BDecays
    parents: tuple[Parent, ...]
    partial: Partial

    def numbers(self, parent: Parent, mass: float) -> NDArray[np.float64]:
        """Per proton on target with each kaon: float64[kaon], pure numbers, for a mass in MeV."""
        widths = [self.partial(kaon, mass, parent=parent.pdg) for kaon in self.decays.kaons]
        return np.array(widths, dtype=np.float64) * parent.number / width(parent.pdg)

    def number(self, mass: float) -> float:
        """Per proton on target, a pure number, for a mass in MeV."""
        return math.fsum(float(self.numbers(parent, mass).sum()) for parent in self.parents)

    def energies(self, parent: Parent, mass: float) -> NDArray[np.float64]:
        """Energies in the rest frame of the B, float64[quantile], MeV: each kaon as often as its share, for a mass in MeV."""
        shares = np.cumsum(self.numbers(parent, mass))
        kaon = np.searchsorted(shares, (np.arange(QUANTILES) + 0.5) / QUANTILES * shares[-1])
        masses = np.array([kaon.mass(parent.pdg) for kaon in self.decays.kaons])
        energies = (parent.mass**2 + mass**2 - masses**2) / (2 * parent.mass)
        return np.asarray(energies[kaon])

    def flux(self, source: Source, mass: float) -> Flux:
        """Their momenta and angles, MeV and rad, for a mass in MeV; the sum is 1 with those outside."""
        grid = source.settings.cells()
        parts = [
            decay(
                parent.spectrum,
                mass,
                parent_mass=parent.mass,
                energies=self.energies(parent, mass),
                grid=grid,
                power=source.settings.grid.points,
            ).times(float(self.numbers(parent, mass).sum()))
            for parent in self.parents
            if self.numbers(parent, mass).any()
        ]
        return functools.reduce(operator.add, parts).normalised()


def b_decay_channel(decays: BDecays, source: Source, *, partial: Partial) -> Channel:
    """The channel of production by B+, B- and B0 with all kaons of a list.

    Parameters
    ----------
    decays : BDecays
        Kaons, and how uncertain the number is.
    source : Source
        Mesons per proton, and their spectra.
    partial : Partial
        Widths at coupling 1; lifetimes of the mesons are those of the package ``particle``.

    Returns
    -------
    Channel
        Named "B decay", of the mechanism of that name. The number is the sum of mesons times branching ratios; these may be above
        1 where a coupling of 1 is out of reach.
    """
    mixture = _Mixture(decays, tuple(source.parent(name) for name in PARENTS), partial)
    ends = [parent.mass - kaon.mass(parent.pdg) for parent in mixture.parents for kaon in decays.kaons]
    uncertainties = {name: value for parent in mixture.parents for name, value in parent.uncertainties.items()}
    return Channel(
        name="B decay",
        mechanism="B decay",
        mass_min=0.0,
        mass_max=max(ends),
        number=mixture.number,
        flux=functools.partial(mixture.flux, source),
        uncertainties={**uncertainties, "B form factors": decays.uncertainty},
    )
