"""Photons that turn into a pseudoscalar in the Coulomb field of a nucleus of the dump (Primakoff effect)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump.signal.decays import points
from na62dump.signal.final_states import two_photons
from na62dump.signal.flux import Flux, counted
from na62dump.signal.model import Channel
from na62dump.signal.photons import Photons, PhotonSettings, meson_photons, proton_photons
from na62dump.signal.species import ELECTRON
from na62dump.signal.standard import HBARC, mass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from na62dump.signal.parents import Source
    from na62dump.signal.standard import Standard

NODES = 32
"""Points of Gauss and Legendre that integrate over the momentum transfer."""

FIRST_ZERO = 4.493409457909064
"""Of the spherical Bessel function j1."""

SERIES = 1e-2
"""Below this the series of j1(x)/x is better than the difference of sine and cosine."""


class Nucleus(conf.Settings):
    """Lengths of the Helm form factor, mm, and of the screening by electrons in units of 1/(m_e Z^(1/3))."""

    radius: conf.Length
    offset: conf.Length
    diffuseness: conf.Length
    skin: conf.Length
    screening: float


class Primakoff(conf.Settings):
    """A file such as config/signal/primakoff.toml; mm, mm^2, MeV^2 and pure numbers."""

    uncertainty: float
    photons: PhotonSettings
    nucleus: Nucleus


def primakoff(near: Path | None = None) -> Primakoff:
    """Settings of config/signal/primakoff.toml, mm, mm^2, MeV^2 and pure numbers; ``near`` is a folder looked into first."""
    return conf.load(conf.find("signal/primakoff", near=near), Primakoff)


@dataclass(frozen=True)
class Target:
    """A nucleus.

    Attributes
    ----------
    protons, nucleons : float
        Z and A, pure numbers.
    nucleus : Nucleus
        Lengths of its form factor, mm.
    alpha : float
        Fine-structure constant.
    """

    protons: float
    nucleons: float
    nucleus: Nucleus
    alpha: float

    @cached_property
    def radius(self) -> float:
        """R in 1/MeV: R^2 = (c A^(1/3) - b)^2 + 7/3 pi^2 a^2 - 5 s^2 [J. D. Lewin, P. F. Smith, Eq. (4.11)]."""
        it = self.nucleus
        core = (it.radius * self.nucleons ** (1 / 3) - it.offset) ** 2
        return math.sqrt(core + 7 / 3 * (math.pi * it.diffuseness) ** 2 - 5 * it.skin**2) / HBARC

    @property
    def t_max(self) -> float:
        """Squared momentum transfer at the first zero of the form factor, MeV^2: beyond it coherence is lost."""
        return (FIRST_ZERO / self.radius) ** 2

    def form_factor(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Helm form factor 3 j1(q R)/(q R) exp(-(q s)^2/2), float64[n], a pure number, for t = q^2 in MeV^2, float64[n]."""
        x = np.sqrt(t) * self.radius
        small = x < SERIES
        y = np.where(small, 1.0, x)
        bessel = np.where(small, 1 - x * x / 10, 3 * (np.sin(y) / y - np.cos(y)) / y**2)
        return np.asarray(bessel * np.exp(-t * (self.nucleus.skin / HBARC) ** 2 / 2))

    def screening(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the charge that electrons leave, a^2 t/(1 + a^2 t), float64[n], a pure number, for t in MeV^2, float64[n].

        a = 111/(Z^(1/3) m_e) [Y.-S. Tsai, Rev. Mod. Phys. 46 (1974) 815; arXiv:0906.0580, appendix A].
        """
        length = self.nucleus.screening / (self.protons ** (1 / 3) * mass(ELECTRON))
        return np.asarray(length**2 * t / (1 + length**2 * t))

    def density(self, t: NDArray[np.float64], t_min: NDArray[np.float64]) -> NDArray[np.float64]:
        """(t - t_min)/t F^2 per unit of log t, float64[n], a pure number, for t and t_min in MeV^2, float64[n].

        F is the form factor of the nucleus times the screening by the electrons.
        """
        return np.asarray((1 - t_min / t) * (self.form_factor(t) * self.screening(t)) ** 2)

    def cross_section(self, mass: float, energy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cross section of photon + nucleus -> pseudoscalar + nucleus for L = (g/4) a F Fdual at g = 1/MeV.

        alpha g^2 Z^2/8 times the integral over t of (t - t_min)/t^2 F^2(t), t = kT^2 + t_min, t_min = (m^2/2E)^2
        [arXiv:1512.03069, Eq. (3.16)].

        Parameters
        ----------
        mass : float, MeV
            Of the pseudoscalar, which takes the energy of the photon.
        energy : float64[n], MeV
            Of the photons.

        Returns
        -------
        float64[n]
            mm^2; 0 where the nucleus would have to break.
        """
        t_min = least_transfer(mass, energy)
        length = np.log(np.maximum(self.t_max / t_min, 1.0))
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        t = t_min[:, None] * np.exp(length[:, None] * (1 + nodes) / 2)
        integral = (self.density(t, t_min[:, None]) * weights).sum(axis=1) * length / 2
        open_ = (energy > mass) & (t_min < self.t_max)
        return np.where(open_, self.alpha * self.protons**2 / 8 * integral * HBARC**2, 0.0)


def least_transfer(mass: float, energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared momentum that a nucleus gives at least, (m^2/2E)^2 in MeV^2, float64[n], for mass and energy, float64[n], in MeV."""
    return np.asarray((mass**2 / (2 * energy)) ** 2)


@dataclass(frozen=True)
class _Conversion:
    """Pseudoscalars of some photons; ``strength`` is g^2 in 1/MeV^2 at coupling 1 for a mass in MeV."""

    make: Callable[[], Photons]
    target: Target
    source: Source
    strength: Callable[[float], float]
    points: int

    @cached_property
    def photons(self) -> Photons:
        """They themselves, made when first asked for."""
        return self.make()

    def number(self, mass: float) -> float:
        """Pseudoscalars per proton on target at coupling 1, a pure number, for a mass in MeV."""
        energy, weight = self.photons.spectrum
        return self.strength(mass) * float((weight * self.target.cross_section(mass, energy)).sum())

    def flux(self, mass: float) -> Flux:
        """Their momenta and angles, MeV and rad; the kick of the nucleus is drawn for each photon from (t - t_min)/t^2 F^2."""
        it, cube = self.photons, points(self.points)
        t_min = least_transfer(mass, it.energy)
        good = (it.energy > mass) & (t_min < self.target.t_max)
        energy, t_min, cube = it.energy[good], t_min[good], cube[good]
        length = np.log(self.target.t_max / t_min)
        t = t_min * np.exp(length * cube[:, 5])
        weight = it.weight[good] * length * self.target.density(t, t_min)
        kick, phi = np.sqrt(t - t_min), 2 * np.pi * cube[:, 6]
        sideways = np.hypot(it.transverse[good] + kick * np.cos(phi), kick * np.sin(phi))
        momentum = np.sqrt(energy**2 - mass**2)
        theta = np.arcsin(np.minimum(sideways / momentum, 1.0))
        return counted(momentum, theta, weight=weight / weight.sum(), grid=self.source.settings.cells()).normalised()


def primakoff_channels(
    settings: Primakoff, source: Source, *, standard: Standard, strength: Callable[[float], float], mass_max: float
) -> tuple[Channel, ...]:
    """Channels of production by photons of pi0, of eta, and of the proton.

    Parameters
    ----------
    settings : Primakoff
        Cross sections and form factors.
    source : Source
        Mesons, nucleus and beam.
    standard : Standard
        For the fine-structure constant.
    strength : callable
        Square of g in L = (g/4) a F Fdual at coupling 1, 1/MeV^2, for a mass in MeV.
    mass_max : float, MeV
        Largest mass.

    Returns
    -------
    tuple of Channel
        All of the mechanism "Primakoff".
    """
    beam = source.settings
    target = Target(beam.target_protons, beam.target_nucleons, settings.nucleus, standard.alpha)

    def channel(name: str, make: Callable[[], Photons], *, uncertainties: Mapping[str, float]) -> Channel:
        it = _Conversion(make, target, source, strength, settings.photons.points)
        unsure = {**uncertainties, "Primakoff": settings.uncertainty}
        return Channel(name, "Primakoff", 0.0, mass_max, it.number, it.flux, unsure)

    mesons = [(source.parent(name), share) for name, share in two_photons(source.near)]
    return (
        *(
            channel(
                f"photons of {parent.name}",
                partial(meson_photons, parent, branching=share, settings=settings.photons),
                uncertainties=parent.uncertainties,
            )
            for parent, share in mesons
        ),
        channel(
            "photons of the proton",
            partial(proton_photons, source, settings=settings.photons, alpha=standard.alpha),
            uncertainties={},
        ),
    )
