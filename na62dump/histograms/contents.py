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

    Attributes
    ----------
    values : float64[sample, region, bin], without unit
        Sum of weights; each axis has its flow bins: one more on a category axis, two on each variable axis.
    variances : float64[sample, region, bin], without unit
        Sum of squared weights.
    """

    values: NDArray[np.float64]
    variances: NDArray[np.float64]

    @classmethod
    def empty(cls, samples: int, regions: int, *, bins: Sequence[int]) -> Contents:
        """All zero.

        Parameters
        ----------
        samples, regions : int
            Number of categories.
        bins : sequence of int
            Number of bins of each variable axis, without flow.

        Returns
        -------
        Contents
            Flow bins included.
        """
        shape = (samples + 1, regions + 1, *(n + 2 for n in bins))
        return cls(np.zeros(shape), np.zeros(shape))

    def count(
        self,
        sample: int,
        region_index: NDArray[np.integer],
        *,
        bins: Sequence[NDArray[np.integer]],
        weights: NDArray[np.floating] | None,
    ) -> None:
        """Add entries of one sample.

        Parameters
        ----------
        sample : int
            Position of the sample.
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
        shape = self.values.shape[1:]
        for index, size in zip(bins, shape[1:], strict=True):
            # in place: copies of a long column cost more than the sums; the underflow, -1, goes to 0
            flat *= size
            flat += index
            flat += 1
        cells = int(np.prod(shape))
        if weights is None:
            entries = np.bincount(flat, minlength=cells).reshape(shape)
            self.values[sample] += entries
            self.variances[sample] += entries
            return
        for sums, terms in ((self.values, weights), (self.variances, np.square(weights, dtype=np.float64))):
            sums[sample] += np.bincount(flat, weights=on_grid(terms), minlength=cells).reshape(shape)

    def _regions(self, region_index: NDArray[np.integer]) -> NDArray[np.int64]:
        """Index on the region axis, the overflow for rows in no region."""
        index = np.asarray(region_index).astype(np.int64)
        overflow = self.values.shape[1] - 1
        if index.size and not -1 <= index.min() <= index.max() < max(overflow, 1):
            msg = f"region indices from {index.min()} to {index.max()}, but there are {overflow} regions (-1 for none)"
            raise ValueError(msg)
        index[index == -1] = overflow
        return index

    def __add__(self, other: Contents) -> Contents:
        return Contents(self.values + other.values, self.variances + other.variances)

    def same_bits(self, other: Contents) -> bool:
        """Whether both hold the same bits."""
        return self.fits(other) and all(
            mine.tobytes() == theirs.tobytes()
            for mine, theirs in ((self.values, other.values), (self.variances, other.variances))
        )

    def fits(self, other: Contents) -> bool:
        """Whether both have the same bins."""
        return (
            self.values.shape == self.variances.shape == other.values.shape
            and self.values.dtype == self.variances.dtype == other.values.dtype
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
        view["value"] = self.values
        view["variance"] = self.variances
        return histogram
