"""What protons on target make that exotic particles come from: how many of each meson, and their momenta."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump.errors import UnknownNameError, nearest
from na62dump.signal.flux import Grid
from na62dump.signal.spectra import Spectrum, spectrum
from na62dump.signal.standard import mass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class GridSettings(conf.Settings):
    """Cells of the exotic particles: MeV, rad, and how many points integrate a decay (a power of 2)."""

    momentum_min: conf.Momentum
    momentum_cells: int
    theta_max: conf.Angle
    theta_cells: int
    points: int


class Light(conf.Settings):
    """A meson of soft collisions: number per proton and its relative uncertainty, pure numbers."""

    pdg: int
    number: float
    uncertainty: float


class Heavy(conf.Settings):
    """A heavy meson: number per pair of quarks, a pure number."""

    pdg: int
    number: float


class LightMesons(conf.Settings):
    """Mesons of soft collisions."""

    table: str
    pi0: Light
    eta: Light
    etap: Light
    rho0: Light
    rho: Light
    omega: Light
    phi: Light


class HeavyQuarks(conf.Settings):
    """What the cross sections of heavy quarks are divided by (mm^2), and how they grow with the nucleus."""

    total_nucleon: conf.Area
    nuclear_exponent: float


class ProtonFit(conf.Settings):
    """Fit of the total cross section of two protons: mm^2, MeV^2 and pure numbers; powers are of s in GeV^2."""

    constant: conf.Area
    growth: conf.Area
    scale: conf.EnergySquared
    even: conf.Area
    even_power: float
    odd: conf.Area
    odd_power: float


class Charm(conf.Settings):
    """Cross section per nucleon (mm^2), its relative uncertainty, and the mesons with charm."""

    table: str
    cross_section: conf.Area
    uncertainty: float
    D: Heavy
    D0: Heavy
    Ds: Heavy


class Beauty(conf.Settings):
    """Cross section per nucleon (mm^2), its relative uncertainty, and the mesons with beauty."""

    table: str
    cross_section: conf.Area
    uncertainty: float
    B: Heavy
    B0: Heavy
    Bs: Heavy


class Production(conf.Settings):
    """Protons, target and what they make (config/signal/production.toml); MeV, mm, mm^2, rad and pure numbers.

    The decay volume is given by its distances from the dump.
    """

    beam_momentum: conf.Momentum
    target_nucleons: float
    target_protons: float
    protons_on_target: float
    decay_begin: conf.Length
    decay_end: conf.Length
    protons_uncertainty: float
    grid: GridSettings
    light: LightMesons
    heavy: HeavyQuarks
    proton_cross_section: ProtonFit
    charm: Charm
    beauty: Beauty

    def cells(self) -> Grid:
        """Cells of the exotic particles, MeV and rad."""
        momenta = np.geomspace(self.grid.momentum_min, self.beam_momentum, self.grid.momentum_cells + 1)
        return Grid(momenta, np.linspace(0.0, self.grid.theta_max, self.grid.theta_cells + 1))

    def per_proton(self, quarks: Charm | Beauty) -> float:
        """Pairs of heavy quarks per proton on target, a pure number: sigma(QQ)/sigma(pp) A^(1/3) [arXiv:2407.08673]."""
        ratio = quarks.cross_section / self.heavy.total_nucleon
        return ratio * float(self.target_nucleons**self.heavy.nuclear_exponent)


@dataclass(frozen=True)
class Parent:
    """A meson that exotic particles come from.

    Attributes
    ----------
    name : str
        As in the configuration.
    pdg : int
        PDG number.
    number : float
        Per proton on target, with the antiparticle; a pure number.
    source : str
        What its number is uncertain by.
    uncertainty : float
        How much, relative.
    table : str
        File of its momenta.
    near : Path, optional
        Folder that is looked into for it first.
    """

    name: str
    pdg: int
    number: float
    source: str
    uncertainty: float
    table: str
    near: Path | None = None

    @property
    def mass(self) -> float:
        """MeV."""
        return mass(self.pdg)

    @cached_property
    def spectrum(self) -> Spectrum:
        """Momenta, GeV."""
        return spectrum(self.table, self.pdg, near=self.near)

    @property
    def uncertainties(self) -> Mapping[str, float]:
        """Relative uncertainty by its source, a pure number."""
        return {self.source: self.uncertainty}


@dataclass(frozen=True)
class Source:
    """Protons on the target.

    Attributes
    ----------
    settings : Production
        Numbers.
    parents : mapping of str to Parent
        Mesons by name.
    near : Path, optional
        Folder that is looked into first for what else is known of them.
    """

    settings: Production
    parents: Mapping[str, Parent]
    near: Path | None = None

    def parent(self, name: str) -> Parent:
        """Meson by its name.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        if name not in self.parents:
            msg = f"no meson '{name}' in config/signal/production.toml; {nearest(name, self.parents)}"
            raise UnknownNameError(msg)
        return self.parents[name]


def source(near: Path | None = None) -> Source:
    """Protons on target and what they make, as config/signal/production.toml says.

    Parameters
    ----------
    near : Path, optional
        Folder looked into first.

    Returns
    -------
    Source
        Numbers (MeV, mm^2, rad) and mesons.
    """
    settings = conf.load(conf.find("signal/production", near=near), Production)
    light = settings.light
    parents = {
        name: Parent(name, meson.pdg, meson.number, f"{name} spectrum", meson.uncertainty, light.table, near)
        for name in LightMesons.model_fields
        if isinstance(meson := getattr(light, name), Light)
    }
    for what, quarks in (("charm", settings.charm), ("beauty", settings.beauty)):
        pairs = settings.per_proton(quarks)
        parents |= {
            name: Parent(name, meson.pdg, pairs * meson.number, what, quarks.uncertainty, quarks.table, near)
            for name in type(quarks).model_fields
            if isinstance(meson := getattr(quarks, name), Heavy)
        }
    return Source(settings, parents, near)
