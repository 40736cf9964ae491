"""Decays without a detector: made at the dump, seen if they decay in a volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.signal.acceptance import Acceptance, Simulated
from na62dump.signal.binning import Binning
from na62dump.signal.flux import Flux, Grid
from na62dump.signal.model import Channel, Coupling, Mode, Model
from na62dump.signal.residuals import WIDTHS

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH, BEGIN = 80e3, 80e3


@dataclass(frozen=True)
class Toy:
    """Decays flat in the volume; those of at least 60 GeV are in region A, of 25 GeV in region B."""

    binning: Binning
    momentum: NDArray[np.float64]
    z: NDArray[np.float64]

    @property
    def x(self) -> NDArray[np.float64]:
        return self.z / self.momentum

    @property
    def v(self) -> NDArray[np.float64]:
        return LENGTH / self.momentum

    @property
    def region(self) -> NDArray[np.int64]:
        return (self.momentum < 60e3).astype(np.int64)

    def direct(self, scale: float) -> NDArray[np.float64]:
        """The sum over every decay, region by region."""
        terms = self.v * np.exp(-self.x / scale) / scale
        return np.bincount(self.region, weights=terms, minlength=2) / len(self.z)

    def sample(self, channel: str, final_state: str, mass: float, share: float = 1.0) -> Simulated:
        sums = self.binning.sums(self.x, self.v, region=self.region, regions=2)
        residuals = tuple(0.1 + 2.0 * mass / 300.0 * z for z in WIDTHS)
        return Simulated(
            channel, final_state, mass, len(self.z), share, len(self.z), sums, {"Q1": (100, 97)}, residuals
        )

    def acceptance(self, *samples: Simulated, origin: str = "o") -> Acceptance:
        return Acceptance("mumu", "d", "f", "toy", origin, ("A", "B"), self.binning, 0.001, samples)


def _toy() -> Toy:
    generator = np.random.default_rng(62)
    momentum = 1e3 * (25.0 + generator.exponential(40.0, 20_000)).clip(max=400.0)
    binning = Binning.model_construct(low=0.15, high=200.0, bins=400)
    return Toy(binning, momentum, BEGIN + LENGTH * generator.random(20_000))


def _flux(mass: float) -> Flux:
    assert mass > 0
    return Flux(Grid(np.array([1e3, 4e5]), np.array([0.0, 0.015])), np.array([[1.0]]))


def _model() -> Model:
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


TOY, MODEL = _toy(), _model()

ONE_POINT = """
kind = "table"
label = "mine"

[coupling]
name = "g"
label = "$g$"
unit = "1"
reference = 1.0
low = 0.1
high = 10.0
production_power = 2
width_power = 2

[[point]]
mass = "300 MeV"
lifetime = "1 ns"
branching_ratios = { mumu = 1.0 }

[point.production.dump]
per_proton = 1e-10
uncertainty = 0.5
spectrum = "s.csv"
"""
"""A model of one mass, whose momenta are in s.csv beside it."""
