"""Events taken one by one, with some of what they hold: copies, in any order, as often as asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.events.columns import COLUMNS
from na62dump.events.table import Events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Indices = NDArray[np.int64]


def elements(offsets: Indices, chosen: Indices) -> tuple[Indices, Indices]:
    """Where the elements of chosen events are.

    Parameters
    ----------
    offsets : int64[event + 1]
        Where the elements of each event begin.
    chosen : int64[chosen]
        Events.

    Returns
    -------
    index : int64[element]
        Elements of the chosen events, one event after the other.
    offsets : int64[chosen + 1]
        Where those of each begin.
    """
    counts = offsets[chosen + 1] - offsets[chosen]
    begin = from_counts(counts)
    index = np.arange(begin[-1]) + np.repeat(offsets[chosen] - begin[:-1], counts)
    return index, begin


def from_counts(counts: NDArray[np.integer[Any]]) -> Indices:
    """Offsets int64[event + 1] of collections with ``counts``, int[event] without unit, elements each."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts, dtype=np.int64)])


def gather(events: Events, chosen: Indices, *, among: Mapping[str, NDArray[np.bool_]] | None = None) -> Events:
    """Chosen events, with all or some of their elements.

    Parameters
    ----------
    events : Events
        Where they are taken from.
    chosen : int64[chosen]
        Which, in any order, also more than once.
    among : mapping of str to bool[element], optional
        For some collections, which elements of the *chosen* events, one event after the other, are kept.

    Returns
    -------
    Events
        Copies, every column in the unit of the table of columns.
    """
    offsets, indices = {}, {}
    for collection, begin in events.offsets.items():
        index, own = elements(begin, chosen)
        if among and collection in among:
            kept = among[collection]
            owner = np.repeat(np.arange(len(chosen)), np.diff(own))
            index, own = index[kept], from_counts(np.bincount(owner[kept], minlength=len(chosen)))
        offsets[collection], indices[collection] = own, index
    columns = {
        name: values[indices[COLUMNS[name].collection] if COLUMNS[name].collection else chosen]
        for name, values in events.columns.items()
    }
    return Events(len(chosen), columns, offsets)


def overlaid(first: Events, second: Events) -> Events:
    """Events that hold the elements of two: those of the first, then those of the second.

    Parameters
    ----------
    first, second : Events
        Equally many, with the same columns; single columns are those of the first.

    Returns
    -------
    Events
        As many, every column in the unit of the table of columns.
    """
    offsets, places = {}, {}
    for collection, begin in first.offsets.items():
        other = second.offsets[collection]
        own = from_counts(np.diff(begin) + np.diff(other))
        offsets[collection] = own
        places[collection] = tuple(
            np.arange(its[-1]) + np.repeat(at - its[:-1], np.diff(its))
            for its, at in ((begin, own[:-1]), (other, own[:-1] + np.diff(begin)))
        )
    columns = dict(first.columns)
    for name in (name for name in columns if COLUMNS[name].collection):
        one, two = places[COLUMNS[name].collection]
        joined = np.empty(len(one) + len(two), dtype=first[name].dtype)
        joined[one], joined[two] = first[name], second[name]
        columns[name] = joined
    return Events(len(first), columns, offsets)
