"""What to simulate: the ``[simulate]`` table of a file of config/samples/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from na62dump.configuration import Angle, Energy, Length, Momentum, Rate, Settings, Time, load_text
from na62dump.errors import ConfigurationError, nearest
from na62dump.simulation import spectra
from na62dump.simulation.response import Fraction

if TYPE_CHECKING:
    from na62dump.datasets import Sample

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

FINAL_STATES = {"mumu": (1, (-13, 13)), "ee": (2, (-11, 11))}
"""Final states by name: number in ``truth_final_state``, and PDG numbers of the daughters."""

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


class Sampling(Settings):
    """What both processes need.

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
    """

    run: Annotated[int, Field(ge=0, lt=2**32)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    bursts: Annotated[int, Field(ge=1, lt=2**31)]
    bursts_per_file: Annotated[int, Field(ge=1)]
    pot: Annotated[float, Field(ge=0.0)]
    duration: Time
    keep: Literal["triggered", "all"]
    truth: bool

    @property
    def files(self) -> int:
        """Number of files that the bursts fill."""
        return -(-self.bursts // self.bursts_per_file)


class SignalRecipe(Sampling):
    """An exotic particle that decays into two leptons.

    Attributes
    ----------
    events : int
        Decays per burst.
    pdg : int
        PDG number of the particle.
    mass : float, MeV
        Its mass.
    channel, final_state : str
        Names in `CHANNELS` and `FINAL_STATES`.
    decay_z_min, decay_z_max : float, mm
        Range of the decay point, which is flat in z.
    spectrum : FlatSpectrum, BremsstrahlungSpectrum or TableSpectrum
        Energy and angle.
    proper_lifetime : float, mm
        Lifetime times c. With it the weight of an event is its part of the decay law, without it 1.
    """

    process: Literal["signal"]
    events: Count
    pdg: int
    mass: Energy
    channel: str
    final_state: str
    decay_z_min: Length
    decay_z_max: Length
    spectrum: Annotated[FlatSpectrum | BremsstrahlungSpectrum | TableSpectrum, Field(discriminator="shape")]
    proper_lifetime: Length | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> SignalRecipe:
        if self.channel not in CHANNELS:
            msg = f"channel '{self.channel}' is not known; {nearest(self.channel, CHANNELS)}"
            raise ValueError(msg)
        if self.final_state not in FINAL_STATES:
            msg = f"final_state '{self.final_state}' is not known; {nearest(self.final_state, FINAL_STATES)}"
            raise ValueError(msg)
        if not self.decay_z_min < self.decay_z_max:
            msg = f"decay_z_min ({self.decay_z_min:g} mm) must be below decay_z_max ({self.decay_z_max:g} mm)"
            raise ValueError(msg)
        if self.proper_lifetime is not None and not self.proper_lifetime > 0:
            msg = f"proper_lifetime ({self.proper_lifetime:g} mm) must be above 0"
            raise ValueError(msg)
        threshold = sum(mass for _, _, mass in daughters(self.final_state))
        if not self.mass > threshold:
            msg = (
                f"mass ({self.mass:g} MeV) must be above that of the final state {self.final_state}, {threshold:g} MeV"
            )
            raise ValueError(msg)
        return self


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
        if not 0 < self.momentum_min < self.momentum_max or not self.momentum_mean > 0:
            msg = (
                f"needs 0 < momentum_min < momentum_max and momentum_mean > 0; got {self.momentum_min:g}, "
                f"{self.momentum_max:g} and {self.momentum_mean:g} MeV/c"
            )
            raise ValueError(msg)
        if not self.duration > 0:
            msg = f"duration ({self.duration:g} ns) must be above 0"
            raise ValueError(msg)
        return self


Recipe = SignalRecipe | HaloRecipe
PROCESSES: dict[str, type[SignalRecipe | HaloRecipe]] = {"signal": SignalRecipe, "halo": HaloRecipe}
"""Recipes by the value of ``process``."""


def recipe(sample: Sample, *, where: str) -> Recipe:
    """Recipe of a sample.

    Parameters
    ----------
    sample : Sample
        With a table ``[simulate]``.
    where : str
        Name of its file, for messages.

    Returns
    -------
    SignalRecipe or HaloRecipe
        Base units.

    Raises
    ------
    ConfigurationError
        If there is no such table, or something in it is wrong.
    """
    if sample.simulate is None:
        msg = f"{where}: the sample '{sample.label}' has no table [simulate]; add one, or do not simulate it"
        raise ConfigurationError(msg)
    process = str(sample.simulate.get("process", ""))
    if process not in PROCESSES:
        msg = f"{where}: key 'simulate.process' = {process!r} is no process; {nearest(process, PROCESSES)}"
        raise ConfigurationError(msg)
    found = load_text(sample.simulate, PROCESSES[process], where=f"{where} [simulate]")
    if sample.kind == "simulation" and not found.truth:
        msg = f"{where}: a sample of kind 'simulation' needs truth = true; without it, it is pseudo-data of kind 'data'"
        raise ConfigurationError(msg)
    if sample.kind == "data" and found.truth:
        msg = f"{where}: a sample of kind 'data' is pseudo-data here and must not show its truth: write truth = false"
        raise ConfigurationError(msg)
    return found


def spectrum_of(found: SignalRecipe) -> spectra.Spectrum:
    """Cells of the spectrum that a recipe asks for.

    Parameters
    ----------
    found : SignalRecipe
        The recipe.

    Returns
    -------
    Spectrum
        Energies in MeV, angles in rad.

    Raises
    ------
    ConfigurationError
        If its lowest energy is below the mass, or a table is not good.
    """
    match found.spectrum:
        case FlatSpectrum() as it:
            cells = spectra.flat(it.energy_min, it.energy_max, theta_max=it.theta_max)
        case BremsstrahlungSpectrum() as it:
            cells = spectra.bremsstrahlung(**it.model_dump(exclude={"shape"}))
        case TableSpectrum() as it:
            cells = spectra.from_csv(Path(it.file))
    lowest = float(cells.energy_low.min())
    if lowest <= found.mass:
        msg = f"the spectrum begins at {lowest:g} MeV, which is no energy of a particle of mass {found.mass:g} MeV"
        raise ConfigurationError(msg)
    return cells


def daughters(final_state: str) -> list[tuple[int, float, float]]:
    """PDG number, charge (e) and mass (MeV) of each particle of a final state."""
    from particle import Particle  # noqa: PLC0415 - half a second that only simulating pays

    found = [Particle.from_pdgid(pdg) for pdg in FINAL_STATES[final_state][1]]
    return [(int(p.pdgid), float(p.charge or 0.0), float(p.mass or 0.0)) for p in found]
