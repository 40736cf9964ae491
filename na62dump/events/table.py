"""Events in memory: flat columns, and offsets that say which values belong to which event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import MissingColumnError, nearest
from na62dump.events.columns import COLUMNS, column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Events:
    """A run of consecutive events.

    Attributes
    ----------
    n : int
        Number of events.
    columns : mapping of str to array
        Flat values in the unit and type of the table of columns: one per event, or, for a jagged column,
        one per element with the elements of all events in one row.
    offsets : mapping of str to int64[n + 1]
        For each collection, where the elements of each event begin; the last one is their number.
    """

    n: int
    columns: Mapping[str, NDArray[Any]]
    offsets: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        """Count the events."""
        return self.n

    def __contains__(self, name: str) -> bool:
        """Whether a column was read."""
        return name in self.columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Flat values of a column, in the unit of the table of columns.

        Raises
        ------
        MissingColumnError
            If it was not read.
        """
        try:
            return self.columns[name]
        except KeyError:
            msg = f"column '{name}' was not read; {nearest(name, self.columns)}"
            raise MissingColumnError(msg) from None

    def take(self, start: int, stop: int) -> Events:
        """Events start to stop, as views.

        Parameters
        ----------
        start, stop : int
            Range of events.

        Returns
        -------
        Events
            With offsets that begin at 0.
        """
        edges = {name: (int(o[start]), int(o[stop])) for name, o in self.offsets.items()}
        columns = {
            name: values[slice(*edges[COLUMNS[name].collection])] if COLUMNS[name].collection else values[start:stop]
            for name, values in self.columns.items()
        }
        offsets = {name: o[start : stop + 1] - o[start] for name, o in self.offsets.items()}
        return Events(stop - start, columns, offsets)


def empty(names: tuple[str, ...] | list[str]) -> Events:
    """Zero events with the given columns, each of its right type.

    Parameters
    ----------
    names : sequence of str
        Columns of the table.

    Returns
    -------
    Events
        With arrays of length 0.
    """
    columns = {name: np.empty(0, dtype=column(name).dtype) for name in names}
    groups = {column(name).collection for name in names} - {""}
    return Events(0, columns, {group: np.zeros(1, dtype=np.int64) for group in groups})


def concatenate(parts: list[Events]) -> Events:
    """Events of several runs, one after the other.

    Parameters
    ----------
    parts : list of Events
        At least one; all with the same columns.

    Returns
    -------
    Events
        Copies, in the order given.
    """
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
    offsets = {name: _joined([part.offsets[name] for part in parts]) for name in parts[0].offsets}
    return Events(sum(part.n for part in parts), columns, offsets)


def _joined(offsets: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    counts = np.concatenate([np.diff(o) for o in offsets])
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts, dtype=np.int64)])
