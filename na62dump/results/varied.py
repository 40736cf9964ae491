"""What is left of a sample in one systematic variation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.cutflow import Cutflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Varied:
    """Numbers of one sample in one variation; what was read is that of the nominal one.

    Attributes
    ----------
    cutflow : Cutflow
        What each requirement leaves.
    regions : float64[region, 3]
        Selected rows in each region: number, sum of weights, sum of squared weights, without unit.
    """

    cutflow: Cutflow
    regions: NDArray[np.float64]

    def __add__(self, other: Varied) -> Varied:
        """Numbers of both inputs together."""
        return Varied(self.cutflow + other.cutflow, self.regions + other.regions)

    def __eq__(self, other: object) -> bool:
        """Whether every number is equal, bit for bit."""
        return isinstance(other, Varied) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        """Hash of the requirements' names."""
        return hash(self.cutflow)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers and lists."""
        return {"cutflow": self.cutflow.to_json(), "regions": self.regions.tolist()}

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Varied:
        """Read what `to_json` gave."""
        return cls(Cutflow.from_json(table["cutflow"]), np.array(table["regions"], dtype=np.float64))
