"""Decays without a detector: made at the dump, seen if they decay in a volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.signal.acceptance import Acceptance, Simulated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.binning import Binning

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
        return Simulated(
            channel, final_state, mass, len(self.z), share, len(self.z), sums, {"Q1": (100, 97)}, (0.1, 2.0)
        )

    def acceptance(self, *samples: Simulated, origin: str = "o") -> Acceptance:
        return Acceptance("mumu", "d", "toy", origin, ("A", "B"), self.binning, 0.001, samples)
