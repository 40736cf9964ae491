"""What to simulate: the ``[simulate]`` table of a file of config/samples/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from na62dump.configuration import load_text
from na62dump.errors import ConfigurationError, nearest
from na62dump.signal import library
from na62dump.simulation import spectra
from na62dump.simulation.processes import (
    BremsstrahlungSpectrum,
    FlatSpectrum,
    HaloRecipe,
    ModelSpectrum,
    PromptRecipe,
    SignalRecipe,
    TableSpectrum,
)

if TYPE_CHECKING:
    from na62dump.datasets import Sample
    from na62dump.signal.flux import Flux

Recipe = SignalRecipe | HaloRecipe | PromptRecipe
PROCESSES: dict[str, type[Recipe]] = {"signal": SignalRecipe, "halo": HaloRecipe, "prompt": PromptRecipe}
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
    SignalRecipe, HaloRecipe or PromptRecipe
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
        case ModelSpectrum() as it:
            cells = spectra.from_flux(_flux(it, found.mass), found.mass)
    lowest = float(cells.energy_low.min())
    if lowest <= found.mass:
        msg = f"the spectrum begins at {lowest:g} MeV, which is no energy of a particle of mass {found.mass:g} MeV"
        raise ConfigurationError(msg)
    return cells


def _flux(asked: ModelSpectrum, mass: float) -> Flux:
    """Particles of a mass (MeV) as a channel of a model makes them."""
    channel = library.load(asked.model).channel(asked.production)
    if not channel.makes(mass):
        msg = (
            f"key 'spectrum.production' = '{asked.production}' of {asked.model} makes no particles of {mass:g} MeV; "
            f"allowed: {channel.mass_min:g} to {channel.mass_max:g} MeV"
        )
        raise ConfigurationError(msg)
    return channel.flux(mass)
