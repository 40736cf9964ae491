"""What was read, booked before any pair exists, and where the selected rows are."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.sums import on_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Counts:
    """Numbers of one sample.

    Attributes
    ----------
    entries : int
        Events read: what completeness is checked on.
    bad_burst : int
        Events read but left out, because their burst is not good.
    crowded : int
        Events read but left out, because they have too many photons to try every choice of them.
    generated_weight : float
        Sum of the weights of all simulated events read; 0 for data.
    generated_weight2 : float
        Sum of their squares.
    regions : float64[region, 3]
        Selected rows in each region: number, sum of weights, sum of squared weights, without unit.
    """

    entries: int
    bad_burst: int
    crowded: int
    generated_weight: float
    generated_weight2: float
    regions: NDArray[np.float64]

    @classmethod
    def zero(cls, n_regions: int) -> Counts:
        """Count nothing, in so many regions."""
        return cls(0, 0, 0, 0.0, 0.0, np.zeros((n_regions, 3)))

    def __add__(self, other: Counts) -> Counts:
        """Count both inputs together."""
        return Counts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    def to_json(self) -> dict[str, Any]:
        """Plain numbers and lists."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"regions": self.regions.tolist()}

    @classmethod
    def from_json(cls, table: dict[str, Any]) -> Counts:
        """Read what `to_json` gave."""
        return cls(**(table | {"regions": np.array(table["regions"], dtype=np.float64)}))


def tally_regions(region: NDArray[np.int64], weight: NDArray[np.floating], *, n_regions: int) -> NDArray[np.float64]:
    """Number and weights of rows by region.

    Parameters
    ----------
    region : int64[row]
        Index of the region of each row.
    weight : float[row]
        Weights, without unit.
    n_regions : int
        Number of regions.

    Returns
    -------
    float64[region, 3]
        Number, sum of weights, sum of squared weights, on the grid of exact sums.
    """
    wide = np.asarray(weight, dtype=np.float64)
    terms = (np.ones(len(wide)), on_grid(wide), on_grid(wide * wide))
    return np.stack([np.bincount(region, term, minlength=n_regions) for term in terms], axis=1)
