"""Samples whose momenta theory predicts: shape = "model"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from na62dump.configuration import load_text
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.signal import library
from na62dump.simulation import SignalRecipe
from na62dump.simulation.recipe import spectrum_of
from tests.simulation.sim_world import SIGNAL


def asked(**spectrum: str) -> SignalRecipe:
    table: dict[str, Any] = SIGNAL | {"mass": "300 MeV", "spectrum": {"shape": "model", **spectrum}}
    return load_text(table, SignalRecipe, where="s.toml")


def test_the_cells_are_those_of_the_channel() -> None:
    flux = library.load("dark_photon").channel("eta decay").flux(300.0)
    cells = spectrum_of(asked(model="dark_photon", production="eta decay"))
    assert cells.weight.sum() == pytest.approx(flux.inside)
    momentum = np.sqrt(cells.energy_low**2 - 300.0**2)
    assert np.average(momentum, weights=cells.weight) == pytest.approx(
        np.average(flux.grid.momentum[:-1], weights=flux.weight.sum(axis=1)), rel=1e-6
    )


def test_a_channel_too_light_is_told() -> None:
    with pytest.raises(
        ConfigurationError, match=r"'pi0 decay' of dark_photon makes no particles of 300 MeV; allowed: 0 to 134.977"
    ):
        spectrum_of(asked(model="dark_photon", production="pi0 decay"))


@pytest.mark.parametrize(
    ("model", "production", "message"),
    [
        ("dark_foton", "eta decay", "no model 'dark_foton' in config/signal/; did you mean 'dark_photon'"),
        ("dark_photon", "eta", "dark_photon has no production channel 'eta'; did you mean 'eta decay'"),
    ],
)
def test_unknown_names_are_told(model: str, production: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        spectrum_of(asked(model=model, production=production))
