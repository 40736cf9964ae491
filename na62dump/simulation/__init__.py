"""Events as the detector would record them, with truth, in the same columns as data."""

from na62dump.simulation.generation import generate
from na62dump.simulation.incident import Incident, chosen, incident
from na62dump.simulation.processes import CHANNELS, HaloRecipe, PromptRecipe, SignalRecipe, threshold
from na62dump.simulation.recipe import Recipe, recipe
from na62dump.simulation.response import Response
from na62dump.simulation.sources import burst_key
from na62dump.simulation.spectra import Spectrum, from_flux
from na62dump.simulation.writing import count_events, write

__all__ = [
    "CHANNELS",
    "HaloRecipe",
    "Incident",
    "PromptRecipe",
    "Recipe",
    "Response",
    "SignalRecipe",
    "Spectrum",
    "burst_key",
    "chosen",
    "count_events",
    "from_flux",
    "generate",
    "incident",
    "recipe",
    "threshold",
    "write",
]
