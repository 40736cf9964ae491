"""The processes that can be simulated: models of the ``[simulate]`` table of a file of config/samples/."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from na62dump.configuration import Angle, Energy, Length, Momentum, Rate, Settings, Time
from na62dump.errors import nearest
from na62dump.simulation.final_states import FINAL_STATES, daughters, is_charged_pair, parse
from na62dump.simulation.response import Fraction

CHANNELS = {
    "flat": 0,
    "bremsstrahlung": 1,
    "meson decay": 2,
    "meson mixing": 3,
    "B decay": 4,
    "D decay": 5,
    "Primakoff": 6,
}
"""Production channels by name, and their numbers in ``truth_channel``."""

EVENTS_MAX = 2**32
"""Event numbers of a burst are 32 bits."""

Count = Annotated[int, Field(ge=0, lt=EVENTS_MAX)]
"""Events of a burst."""


class FlatSpectrum(Settings):
    """Flat in energy, and in solid angle up to an angle."""

    shape: Literal["flat"]
    energy_min: Energy
    energy_max: Energy
    theta_max: Angle


class BremsstrahlungSpectrum(Settings):
    """dN/dz ~ [1 + (1 - z)^2]/z in so many cells, flat in solid angle up to an angle."""

    shape: Literal["bremsstrahlung"]
    beam_energy: Energy
    z_min: Annotated[float, Field(gt=0.0, lt=1.0)]
    z_max: Annotated[float, Field(gt=0.0, lt=1.0)]
    theta_max: Angle
    cells: Annotated[int, Field(ge=1)]


class TableSpectrum(Settings):
    """A table of cells in a CSV file, whose path is relative to the working folder; see `spectra.from_csv`."""

    shape: Literal["table"]
    file: str


class ModelSpectrum(Settings):
    """Momenta and angles of one production channel of a model in config/signal/."""

    shape: Literal["model"]
    model: str
    production: str


def _possible(final_state: str) -> str:
    parse(final_state)
    return " ".join(final_state.split())


FinalStateText = Annotated[str, AfterValidator(_possible)]
"""A name in `FINAL_STATES`, or names of particles."""


def threshold(final_state: str) -> float:
    """Mass (MeV) that a particle must have at least to decay into a final state."""
    return float(daughters(final_state)["mass"].sum())


class Sampling(Settings):
    """What all processes need.

    Attributes
    ----------
    run : int
        Run number of all events; samples that are used together have different ones.
    seed : int
        Of all random numbers.
    bursts, bursts_per_file : int
        How many bursts, numbered from 1, and how many go into a file.
    pot : float
        Protons on target per burst.
    duration : float, ns
        Of the spill.
    keep : str
        ``"triggered"``: only events with a trigger are written, as in data; ``"all"``.
    truth : bool
        Whether the columns that only simulation has are written.
    rich : bool
        Whether the optional columns of the RICH are written.
    """

    run: Annotated[int, Field(ge=0, lt=2**32)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    bursts: Annotated[int, Field(ge=1, lt=2**31)]
    bursts_per_file: Annotated[int, Field(ge=1)]
    pot: Annotated[float, Field(ge=0.0)]
    duration: Time
    keep: Literal["triggered", "all"]
    truth: bool
    rich: bool = False

    @property
    def files(self) -> int:
        """Number of files that the bursts fill."""
        return -(-self.bursts // self.bursts_per_file)


class SignalRecipe(Sampling):
    """An exotic particle that decays into a final state.

    Attributes
    ----------
    events : int
        Decays per burst.
    pdg : int
        PDG number of the particle.
    mass : float, MeV
        Its mass.
    channel : str
        A name in `CHANNELS`.
    final_state : str
        A name in `FINAL_STATES`, or names of particles.
    decay_z_min, decay_z_max : float, mm
        Range of the decay point, which is flat in z.
    spectrum : FlatSpectrum, BremsstrahlungSpectrum, TableSpectrum or ModelSpectrum
        Energy and angle.
    proper_lifetime : float, mm
        Lifetime times c. With it the weight of an event is its part of the decay law, without it 1.
    """

    process: Literal["signal"]
    events: Count
    pdg: int
    mass: Energy
    channel: str
    final_state: FinalStateText
    decay_z_min: Length
    decay_z_max: Length
    spectrum: Annotated[
        FlatSpectrum | BremsstrahlungSpectrum | TableSpectrum | ModelSpectrum, Field(discriminator="shape")
    ]
    proper_lifetime: Length | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> SignalRecipe:
        if self.channel not in CHANNELS:
            msg = f"channel '{self.channel}' is not known; {nearest(self.channel, CHANNELS)}"
            raise ValueError(msg)
        if not self.decay_z_min < self.decay_z_max:
            msg = f"decay_z_min ({self.decay_z_min:g} mm) must be below decay_z_max ({self.decay_z_max:g} mm)"
            raise ValueError(msg)
        if self.proper_lifetime is not None and not self.proper_lifetime > 0:
            msg = f"proper_lifetime ({self.proper_lifetime:g} mm) must be above 0"
            raise ValueError(msg)
        if not self.mass > threshold(self.final_state):
            msg = (
                f"mass ({self.mass:g} MeV) must be above that of the final state {self.final_state}, "
                f"{threshold(self.final_state):g} MeV"
            )
            raise ValueError(msg)
        return self


def _check_spectrum(low: float, high: float, mean: float) -> None:
    if not 0 < low < high or not mean > 0:
        msg = f"needs 0 < momentum_min < momentum_max and momentum_mean > 0; got {low:g}, {high:g} and {mean:g} MeV/c"
        raise ValueError(msg)


class HaloRecipe(Sampling):
    """Halo muons, single and in accidental pairs.

    Attributes
    ----------
    rate : float, 1/ns
        Rate of muons: a burst has Poisson numbers of singles, mean rate * duration, and of pairs, mean
        rate^2 * pair_window * duration / 2.
    singles, pairs : int
        Instead of the rate: fixed numbers per burst.
    pair_window : float, ns
        Full width of the time difference in a pair.
    momentum_min, momentum_max, momentum_mean : float, MeV/c
        Exponential spectrum of that mean above the least momentum, cut at the largest.
    positive : float
        Share of positive muons.
    source_spread, target_spread : float, mm
        Gaussian widths at the dump and at the first STRAW chamber.
    """

    process: Literal["halo"]
    rate: Rate | None = None
    singles: Count | None = None
    pairs: Count | None = None
    pair_window: Time
    momentum_min: Momentum
    momentum_max: Momentum
    momentum_mean: Momentum
    positive: Fraction
    source_spread: Length
    target_spread: Length

    @model_validator(mode="after")
    def _is_possible(self) -> HaloRecipe:
        fixed = self.singles is not None and self.pairs is not None
        if fixed == (self.rate is not None) or (self.singles is None) != (self.pairs is None):
            msg = "give either 'rate', or both 'singles' and 'pairs' (numbers per burst)"
            raise ValueError(msg)
        _check_spectrum(self.momentum_min, self.momentum_max, self.momentum_mean)
        if not self.duration > 0:
            msg = f"duration ({self.duration:g} ns) must be above 0"
            raise ValueError(msg)
        return self


class PromptRecipe(Sampling):
    """Two charged particles from one point, made by a halo muon in material.

    Attributes
    ----------
    events : int
        Pairs per burst.
    final_state : str
        Two charged particles and nothing else: one of `FINAL_STATES`, or their names.
    vertex_z_min, vertex_z_max : float, mm
        Range of the vertex, flat in z.
    momentum_min, momentum_max, momentum_mean : float, MeV/c
        Of the muon: exponential spectrum of that mean above the least momentum, cut at the largest.
    mass_mean, mass_max : float, MeV
        Of the pair: exponential spectrum of that mean above the threshold, cut at the largest.
    transverse_momentum : float, MeV/c
        Gaussian width of each component of the pair's momentum across the muon's direction.
    source_spread, target_spread : float, mm
        Gaussian widths of the muons at the dump and at the first STRAW chamber.
    lav_activity, anti0_activity : float
        Probability that what else comes of the interaction makes a hit, independent of each other.
    share_min : float
        The pair gets at least this share y of the muon's momentum, with dN/dy ~ 1/y; all of it by default.
    muon : bool
        Whether what is left of the muon is in the event. It flies straight on, and its way is seen from the dump on.
    positive : float
        Share of positive muons among those of the recipe.
    """

    process: Literal["prompt"]
    events: Count
    final_state: FinalStateText
    vertex_z_min: Length
    vertex_z_max: Length
    momentum_min: Momentum
    momentum_max: Momentum
    momentum_mean: Momentum
    mass_mean: Energy
    mass_max: Energy
    transverse_momentum: Momentum
    source_spread: Length
    target_spread: Length
    lav_activity: Fraction
    anti0_activity: Fraction
    share_min: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    muon: bool = False
    positive: Fraction = 1.0 / 2.0

    @model_validator(mode="after")
    def _is_possible(self) -> PromptRecipe:
        if not is_charged_pair(self.final_state):
            pairs = [name for name in FINAL_STATES if is_charged_pair(name)]
            msg = f"final_state '{self.final_state}' is not two charged particles; {nearest(self.final_state, pairs)}"
            raise ValueError(msg)
        if not self.vertex_z_min <= self.vertex_z_max:
            msg = f"vertex_z_min ({self.vertex_z_min:g} mm) is above vertex_z_max ({self.vertex_z_max:g} mm)"
            raise ValueError(msg)
        _check_spectrum(self.momentum_min, self.momentum_max, self.momentum_mean)
        least = threshold(self.final_state)
        if not least < self.mass_max or not self.mass_mean > 0:
            msg = (
                f"needs mass_mean > 0 and mass_max above {least:g} MeV, the threshold of {self.final_state}; got "
                f"{self.mass_mean:g} and {self.mass_max:g} MeV"
            )
            raise ValueError(msg)
        if self.muon and not self.share_min < 1:
            msg = (
                f"muon = true needs share_min below 1, got {self.share_min:g}: nothing is left of a muon that gives all"
            )
            raise ValueError(msg)
        return self
