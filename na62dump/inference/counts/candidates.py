"""Observed events by their keys: one counts once, whatever rows and searches have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from na62dump.background.observed import selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.results import Result

KEY = ("run", "burst", "event")


@dataclass(frozen=True, eq=False)
class Candidates:
    """Rows of data, in the order of their keys.

    Attributes
    ----------
    keys : int64[row, 3]
        Run, burst and number of the event.
    seen : float64[row, search], MeV
        Measured mass in each search; infinite where it measures none, NaN where it does not have the row.
    """

    keys: NDArray[np.int64]
    seen: NDArray[np.float64]

    @classmethod
    def of(cls, keys: NDArray[np.int64], masses: NDArray[np.float64]) -> Self:
        """Candidates of one search.

        Parameters
        ----------
        keys : int64[row, 3]
            Run, burst and number of the event.
        masses : float64[row], MeV
            Measured mass.

        Returns
        -------
        Candidates
            In the one order that does not depend on how they were found.
        """
        order = np.lexsort([masses, *keys.T[::-1]])
        return cls(keys[order], masses[order, None])

    def inside(self, windows: NDArray[np.float64]) -> NDArray[np.int64]:
        """Events that any search has in its window.

        Parameters
        ----------
        windows : float64[m, search, 2], MeV
            Lowest and highest mass.

        Returns
        -------
        int64[m]
            Their number.
        """
        if not len(self.keys):
            return np.zeros(len(windows), dtype=np.int64)
        low, high = windows[:, None, :, 0], windows[:, None, :, 1]
        row = ((low <= self.seen) & (self.seen <= high)).any(axis=2)
        return np.asarray(np.logical_or.reduceat(row, np.flatnonzero(_first(self.keys)), axis=1).sum(axis=1))


def found(result: Result, regions: Sequence[str], *, measures: bool) -> Candidates:
    """Selected rows of data in some regions.

    Parameters
    ----------
    result : Result
        Of a search.
    regions : sequence of str
        Which; hidden ones give nothing.
    measures : bool
        Whether the search measures the mass.

    Returns
    -------
    Candidates
        Of one search.
    """
    rows = selected(result, regions)
    keys = np.stack([rows[name].astype(np.int64) for name in KEY], axis=1)
    masses = rows["mass"].astype(np.float64) if measures else np.full(len(keys), np.inf)
    return Candidates.of(keys, masses)


def merged(parts: Sequence[Candidates]) -> Candidates:
    """Candidates of several searches side by side: the first row of an event in one beside the first in the other, and so on.

    Parameters
    ----------
    parts : sequence of Candidates
        Of each search, or of several.

    Returns
    -------
    Candidates
        With the columns of all.
    """
    numbered = [np.column_stack([part.keys, _rank(part.keys)]) for part in parts]
    keys, row = np.unique(np.concatenate(numbered), axis=0, return_inverse=True)
    rows = np.split(row.reshape(-1), np.cumsum([len(part.keys) for part in parts])[:-1])
    seen = np.full((len(keys), sum(part.seen.shape[1] for part in parts)), np.nan)
    column = 0
    for at, part in zip(rows, parts, strict=True):
        width = part.seen.shape[1]
        seen[at, column : column + width] = part.seen
        column += width
    return Candidates(keys[:, : len(KEY)], seen)


def _first(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a row is the first of its event: bool[row]."""
    return np.concatenate([np.ones(min(len(keys), 1), dtype=np.bool_), (np.diff(keys, axis=0) != 0).any(axis=1)])


def _rank(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of each row among those of its event: int64[row]."""
    first = np.flatnonzero(_first(keys))
    return np.arange(len(keys)) - np.repeat(first, np.diff(np.append(first, len(keys))))
