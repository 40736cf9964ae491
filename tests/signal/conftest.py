"""A model, and decays of it without a detector."""

from __future__ import annotations

import numpy as np
import pytest

from na62dump.signal.binning import Binning
from na62dump.signal.flux import Flux, Grid
from na62dump.signal.model import Channel, Coupling, Mode, Model
from tests.signal.toys import BEGIN, LENGTH, Toy


@pytest.fixture(scope="session")
def toy() -> Toy:
    generator = np.random.default_rng(62)
    momentum = 1e3 * (25.0 + generator.exponential(40.0, 20_000)).clip(max=400.0)
    binning = Binning.model_construct(low=0.15, high=200.0, bins=400)
    return Toy(binning, momentum, BEGIN + LENGTH * generator.random(20_000))


def _flux(mass: float) -> Flux:
    return (
        Flux(Grid(np.array([1e3, 4e5]), np.array([0.0, 0.015])), np.array([[1.0]])) if mass else pytest.fail("massless")
    )


@pytest.fixture(scope="session")
def model() -> Model:
    channels = (
        Channel("first", "meson decay", 1.0, 1e3, lambda m: 1e-3 * (1 - m / 1e3), _flux, {"one": 0.2, "both": 0.1}),
        Channel("second", "bremsstrahlung", 1.0, 2e3, lambda m: 1e-4 / m, _flux, {"both": 0.3}),
    )
    modes = (
        Mode("mu mu", lambda m: m * 1e-3, "mumu"),
        Mode("pi0 pi", lambda m: m * 2e-3, "pipipi0", 0.5),
        Mode("other", lambda m: m),
    )
    return Model(
        "toy", "toy", 4900022, Coupling("epsilon", r"$\varepsilon$", "1", 1e-7, 1e-3), channels, modes, 1.0, 2e3, "o"
    )
