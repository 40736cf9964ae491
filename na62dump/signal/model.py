"""What a model of an exotic particle says: where it is made, what it decays into, how both grow with its coupling."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.signal.standard import HBARC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from na62dump.signal.flux import Flux


class CouplingRange(conf.Settings):
    """Range of a coupling in the default grid, in the unit of the model's file."""

    low: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if not self.low < self.high:
            msg = f"low ({self.low:g}) must be below high ({self.high:g})"
            raise ValueError(msg)
        return self


@dataclass(frozen=True)
class Coupling:
    """The parameter that says how feebly the particle interacts.

    Attributes
    ----------
    name : str
        Such as ``"epsilon"``.
    label : str
        For figures, in mathtext.
    unit : str
        ``"1"``, or a unit that `na62dump.units` knows, such as ``"1/GeV"``: the one that grids, files and figures use.
    low, high : float
        Range of the default grid, in that unit.
    production_power, width_power : int
        Powers with which the number of particles and the widths grow.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    production_power: int = 2
    width_power: int = 2


@dataclass(frozen=True)
class Channel:
    """One way in which the particle is made.

    Attributes
    ----------
    name : str
        Such as ``"eta decay"``.
    mechanism : str
        What it is to the simulated ntuple: ``"bremsstrahlung"``, ``"meson decay"``, ``"meson mixing"``, ``"B decay"``,
        ``"D decay"``, ``"Primakoff"``.
    mass_min, mass_max : float, MeV
        Masses at which it makes any.
    number : callable
        Particles per proton on target at coupling 1, in all directions, for a mass in MeV.
    flux : callable
        Their momenta and angles for a mass in MeV, of which the sum is 1 with those outside of the grid.
    uncertainties : mapping of str to float or callable
        Relative uncertainties of the number by theory, by source, or what gives them for a mass in MeV; channels that share a
        source vary together.
    """

    name: str
    mechanism: str
    mass_min: float
    mass_max: float
    number: Callable[[float], float]
    flux: Callable[[float], Flux]
    uncertainties: Mapping[str, float | Callable[[float], float]] = field(default_factory=dict)

    def uncertain(self, mass: float) -> dict[str, float]:
        """Relative uncertainty of its number at a mass (MeV), by source; pure numbers."""
        return {name: it(mass) if callable(it) else it for name, it in self.uncertainties.items()}

    def makes(self, mass: float) -> bool:
        """Whether it makes any particle of a mass (MeV)."""
        return self.mass_min <= mass <= self.mass_max


@dataclass(frozen=True)
class Mode:
    """One way in which the particle decays.

    Attributes
    ----------
    name : str
        Such as ``"pi+ pi- pi0"``.
    width : callable
        Partial width in MeV at coupling 1, for a mass in MeV; 0 below the threshold.
    final_state : str, optional
        Name of the simulated final state, such as ``"pipipi0"``, if there is one.
    seen : float
        Share of these decays that end in that final state: neutral pions and etas into two photons.
    """

    name: str
    width: Callable[[float], float]
    final_state: str | None = None
    seen: float = 1.0


@dataclass(frozen=True)
class Product:
    """A product of branching ratios that no theory fixes: that of production and that of the decay.

    Attributes
    ----------
    name, label : str
        In files, and in mathtext.
    value : float
        The one at which numbers are given, a pure number; they are proportional to it.
    """

    name: str
    label: str
    value: float


@dataclass(frozen=True)
class Model:
    """An exotic particle.

    Attributes
    ----------
    name, label : str
        In files, and for people.
    pdg : int
        Number of the particle in simulated ntuples.
    coupling : Coupling
        Its parameter.
    channels : tuple of Channel
        Where it is made.
    modes : tuple of Mode
        What it decays into; the total width is the sum of theirs, or that of each if they are alternatives.
    mass_min, mass_max : float, MeV
        Masses at which the formulas hold.
    origin : str
        Digest of the files that the model was read from.
    product : Product, optional
        What is free beside mass and coupling: then modes are alternatives, and each has the branching ratio 1.
    """

    name: str
    label: str
    pdg: int
    coupling: Coupling
    channels: tuple[Channel, ...]
    modes: tuple[Mode, ...]
    mass_min: float
    mass_max: float
    origin: str = ""
    product: Product | None = None

    def width(self, mass: float) -> float:
        """Total width at coupling 1, MeV, for a mass in MeV: the sum of its parts, or each of its alternatives."""
        widths = [mode.width(mass) for mode in self.modes]
        return max(widths, default=0.0) if self.product else math.fsum(widths)

    def branching(self, mass: float) -> dict[str, float]:
        """Branching ratio of each mode, pure numbers, for a mass in MeV.

        Raises
        ------
        ConfigurationError
            If nothing is open at that mass.
        """
        widths = {mode.name: mode.width(mass) for mode in self.modes}
        total = self.width(mass)
        if not total > 0:
            msg = f"{self.name}: a particle of {mass:g} MeV decays into nothing; masses from {self.mass_min:g} MeV do"
            raise ConfigurationError(msg)
        return {name: part / total for name, part in widths.items()}

    def ctau(self, mass: float, coupling: float) -> float:
        """Proper decay length in mm, for a mass in MeV and a coupling in its unit; infinite if nothing is open."""
        width = self.width(mass) * coupling**self.coupling.width_power
        return HBARC / width if width > 0 else math.inf

    def final_states(self, mass: float) -> dict[str, float]:
        """Share of all decays that ends in each simulated final state, pure numbers, for a mass in MeV."""
        branching = self.branching(mass)
        found: dict[str, float] = {}
        for mode in self.modes:
            if mode.final_state and branching[mode.name] > 0:
                found[mode.final_state] = found.get(mode.final_state, 0.0) + branching[mode.name] * mode.seen
        return found

    def channel(self, name: str) -> Channel:
        """Channel by its name.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        found = next((channel for channel in self.channels if channel.name == name), None)
        if found is None:
            msg = f"{self.name} has no production channel '{name}'; {nearest(name, [c.name for c in self.channels])}"
            raise UnknownNameError(msg)
        return found
