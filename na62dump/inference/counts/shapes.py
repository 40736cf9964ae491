"""How a background is distributed over the measured mass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.histograms import NOMINAL, SELECTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.background.estimate import Estimate
    from na62dump.histograms import Book

MASS = "mass"
"""Variable of the histogram that a shape is taken from."""


@dataclass(frozen=True, eq=False)
class Shape:
    """A histogram of the measured mass, flat inside of each bin.

    Attributes
    ----------
    edges : float64[bin + 1], MeV
        Of the bins, increasing.
    weights : float64[bin + 2]
        What lies below, in each bin, and above; in any unit.
    entries : float
        Effective number of entries; infinite if the shape is exact.
    """

    edges: NDArray[np.float64]
    weights: NDArray[np.float64]
    entries: float = math.inf

    def shares(self, windows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Share inside of windows, and its statistical error.

        What lies below or above the bins is inside of a window that reaches beyond them. The error is that of a binomial
        share with a flat prior, sqrt((k+1)(n-k+1)/((n+2)^2(n+3))) with k of n effective entries inside (Ullrich and Xu,
        arXiv:physics/0701199): no share is certain because nothing was seen.

        Parameters
        ----------
        windows : float64[m, 2], MeV
            Lowest and highest mass; infinite where all count.

        Returns
        -------
        share, error : float64[m]
            Pure numbers.
        """
        low, high = windows.T
        content = np.cumsum(self.weights)
        below = np.where(low < self.edges[0], 0.0, np.interp(low, self.edges, content[:-1]))
        up_to = np.where(high > self.edges[-1], content[-1], np.interp(high, self.edges, content[:-1]))
        share = np.clip((up_to - below) / content[-1], 0.0, 1.0)
        if math.isinf(self.entries):
            return share, np.zeros(len(windows))
        n, k = self.entries, share * self.entries
        error = np.sqrt((k + 1) * (n - k + 1) / (n + 3)) / (n + 2)
        return share, np.where(np.isinf(windows).all(axis=1), 0.0, error)


def shape_of(estimate: Estimate, regions: Sequence[str], *, entries: float) -> tuple[Shape | None, str]:
    """Shape of a mechanism in some regions, or of all regions if it has too few entries there.

    Parameters
    ----------
    estimate : Estimate
        Of the mechanism, with or without histograms.
    regions : sequence of str
        Where.
    entries : float
        Effective entries that suffice.

    Returns
    -------
    Shape or None
        None if there is no histogram of the mass, or nothing in it.
    str
        What a person should know of it; empty if it is that of the regions.
    """
    histogram = _histogram(estimate)
    if histogram is None:
        return None, "no histogram of the mass: all of it counts at every mass"
    edges, sums, names = histogram
    here = [names.index(name) for name in regions if name in names]
    alone, every = _summed(edges, sums[:, here]), _summed(edges, sums)
    where, few = " + ".join(regions), 0.0 if alone is None else alone.entries
    if alone is not None and few >= entries:
        return alone, ""
    if every is None:
        return None, "nothing in the histogram of the mass: all of it counts at every mass"
    return every, f"mass as in all regions together, because {where} has {few:.3g} effective entries"


def _histogram(estimate: Estimate) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]] | None:
    """Edges, float64[bin + 1] in MeV, sums of weights and squares, float64[2, region, bin + 2], and names of the regions."""
    book = estimate.book
    name = None if book is None else _name(book)
    if book is None or name is None or estimate.mechanism not in book.samples:
        return None
    (axis,) = book.declarations.axes_of(name).values()
    edges = np.linspace(axis.low, axis.high, axis.bins + 1) * axis.factor
    at = book.samples.index(estimate.mechanism), book.variations.index(NOMINAL)
    contents = book.contents[name]
    sums = contents.filled.get(at, np.zeros((2, *contents.shape[2:])))
    return edges, sums[:, : len(book.regions)], book.regions


def _name(book: Book) -> str | None:
    """Histogram of the measured mass of selected rows, if there is one."""
    declared = book.declarations
    return next(
        (
            name
            for name, histogram in declared.histograms.items()
            if histogram.stage == SELECTED and [a.variable for a in declared.axes_of(name).values()] == [MASS]
        ),
        None,
    )


def _summed(edges: NDArray[np.float64], sums: NDArray[np.float64]) -> Shape | None:
    """Shape of several regions: edges, float64[bin + 1], MeV; sums, float64[2, region, bin + 2]."""
    weights, squares = sums.sum(axis=1)
    total = float(weights.sum())
    return Shape(edges, weights, total**2 / float(squares.sum())) if total > 0 else None
