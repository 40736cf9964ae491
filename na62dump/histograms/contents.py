"""Sums of weights of one histogram, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import hist
import numpy as np

from na62dump.sums import on_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Contents:
    """Sums over entries, per bin; the last place of a category axis and both ends of a variable axis are flow bins.

    Only what was filled is held: a unit has one sample, and few of the variations.

    Attributes
    ----------
    shape : tuple of int
        Places for samples, variations, regions, and bins of each variable: each axis with its flow bins, which are
        one more on a category axis and two on each variable axis.
    filled : dict of (int, int) to float64[2, region, bin], without unit
        Sums of weights and of squared weights, by place of the sample and of the variation.
    """

    shape: tuple[int, ...]
    filled: dict[tuple[int, int], NDArray[np.float64]]

    @classmethod
    def empty(cls, *categories: int, bins: Sequence[int]) -> Contents:
        """All zero.

        Parameters
        ----------
        *categories : int
            Numbers of samples, variations and regions.
        bins : sequence of int
            Number of bins of each variable axis, without flow.

        Returns
        -------
        Contents
            Flow bins included.
        """
        return cls((*(n + 1 for n in categories), *(n + 2 for n in bins)), {})

    @classmethod
    def of(cls, values: NDArray[np.float64], variances: NDArray[np.float64]) -> Contents:
        """Sums that are known already.

        Parameters
        ----------
        values, variances : float64[sample, variation, region, bin], without unit
            Sums of weights and of squared weights, flow bins included.

        Returns
        -------
        Contents
            Of places that are not all zero.

        Raises
        ------
        ValueError
            If they are no such arrays.
        """
        if values.shape != variances.shape or not values.dtype == variances.dtype == np.float64:
            msg = f"sums are {values.dtype}{values.shape} and {variances.dtype}{variances.shape}: float64 of one shape"
            raise ValueError(msg)
        both = np.stack([values, variances], axis=2)
        return cls(values.shape, {place: both[place] for place in np.ndindex(*values.shape[:2]) if both[place].any()})

    def count(
        self,
        place: tuple[int, int],
        region_index: NDArray[np.integer],
        *,
        bins: Sequence[NDArray[np.integer]],
        weights: NDArray[np.floating] | None,
    ) -> None:
        """Add entries of one sample in one variation.

        Parameters
        ----------
        place : tuple of int
            Position of the sample, and of the variation.
        region_index : int[n]
            Position of the region; -1 for none.
        bins : sequence of int[n]
            Bin on each variable axis; -1 is the underflow, the number of bins the overflow.
        weights : float[n] or None
            Without unit; None for all 1.

        Raises
        ------
        ValueError
            If an index is no region, or a weight cannot be summed exactly.
        """
        flat = self._regions(region_index)
        shape = self.shape[2:]
        for index, size in zip(bins, shape[1:], strict=True):
            # in place: copies of a long column cost more than the sums; the underflow, -1, goes to 0
            flat *= size
            flat += index
            flat += 1
        cells = int(np.prod(shape))
        terms: tuple[NDArray[np.float64] | None, ...] = (None,)
        if weights is not None:
            terms = (on_grid(weights), on_grid(np.square(weights, dtype=np.float64)))
        counted = [np.bincount(flat, weights=term, minlength=cells).reshape(shape) for term in terms]
        self.filled.setdefault(place, np.zeros((2, *shape)))[:] += np.stack(counted)

    def _regions(self, region_index: NDArray[np.integer]) -> NDArray[np.int64]:
        """Index on the region axis, the overflow for rows in no region."""
        index = np.asarray(region_index).astype(np.int64)
        overflow = self.shape[2] - 1
        if index.size and not -1 <= index.min() <= index.max() < max(overflow, 1):
            msg = f"region indices from {index.min()} to {index.max()}, but there are {overflow} regions (-1 for none)"
            raise ValueError(msg)
        index[index == -1] = overflow
        return index

    def __add__(self, other: Contents) -> Contents:
        places = self.filled.keys() | other.filled.keys()
        return Contents(self.shape, {place: self._at(place) + other._at(place) for place in sorted(places)})

    @property
    def values(self) -> NDArray[np.float64]:
        """Sums of weights, without unit: float64[sample, variation, region, bin], flow bins included; a copy."""
        return self._dense(0)

    @property
    def variances(self) -> NDArray[np.float64]:
        """Sums of squared weights, without unit: float64[sample, variation, region, bin], flow bins included; a copy."""
        return self._dense(1)

    def _at(self, place: tuple[int, int]) -> NDArray[np.float64]:
        """Sums of one place, all zero if nothing was filled there."""
        return self.filled[place] if place in self.filled else np.zeros((2, *self.shape[2:]))

    def _dense(self, which: int) -> NDArray[np.float64]:
        sums = np.zeros(self.shape)
        for place, both in self.filled.items():
            sums[place] = both[which]
        return sums

    def same_bits(self, other: Contents) -> bool:
        """Whether both hold the same bits; it makes no difference whether nothing was filled or zeros were."""
        places = self.filled.keys() | other.filled.keys()
        return self.shape == other.shape and all(
            self._at(place).tobytes() == other._at(place).tobytes() for place in places
        )

    def to_hist(self, axes: Sequence[Any], *, name: str) -> hist.Hist:
        """As a histogram for people.

        Parameters
        ----------
        axes : sequence of hist axes
            Of the shape of the contents.
        name : str
            Name of the histogram.

        Returns
        -------
        hist.Hist
            With Weight storage; a copy.
        """
        histogram = hist.Hist(*axes, storage=hist.storage.Weight(), name=name)
        view = histogram.view(flow=True)
        for place, (values, variances) in self.filled.items():
            view["value"][place] = values
            view["variance"][place] = variances
        return histogram
