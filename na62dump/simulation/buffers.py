"""Where the detector kernel writes: an array of records per collection, made large and cut to size at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.events import COLUMNS, Events, collections

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEADROOM = 256
"""Free rows of a collection that an event may need: checked before each event, so that nothing within it can fail."""

_EXPECTED = 4
"""Rows per event and collection that a first attempt makes room for."""

COLLECTIONS = ("Track", "LKr", "MUV3", "CHOD", "LAV", "ANTI0")
"""Collections that the detectors fill."""

TRACK, LKR, MUV3, CHOD, LAV, ANTI0 = range(len(COLLECTIONS))
"""Columns of the offsets."""


class Buffers(NamedTuple):
    """All that the detector kernel writes, in the units and types of the table of columns.

    Attributes
    ----------
    indices : int64[event]
        Which of the generated events an event is.
    offsets : int64[event + 1, collection]
        Where the rows of each event begin.
    events, track, lkr, muv3, chod, lav, anti0 : records[row]
        Values, with the columns' names inside their collection.
    """

    indices: NDArray[np.int64]
    offsets: NDArray[np.int64]
    events: NDArray[np.void]
    track: NDArray[np.void]
    lkr: NDArray[np.void]
    muv3: NDArray[np.void]
    chod: NDArray[np.void]
    lav: NDArray[np.void]
    anti0: NDArray[np.void]


def record(collection: str) -> np.dtype[np.void]:
    """Type of a row of a collection, of the columns that data can have; of an event for the empty name."""
    found = collections(c.name for c in COLUMNS.values() if c.presence != "simulation")
    return np.dtype([(c.field, c.dtype) for c in found[collection]], align=True)


def buffers(events: int, growth: int) -> Buffers:
    """Empty buffers.

    Parameters
    ----------
    events : int
        Most events that will be written.
    growth : int
        Factor on the number of rows of each collection: 1 at first, larger after they were full.

    Returns
    -------
    Buffers
        Offsets 0, all other values undefined.
    """
    rows = events * _EXPECTED * growth + HEADROOM
    return Buffers(
        np.empty(events, dtype=np.int64),
        np.zeros((events + 1, len(COLLECTIONS)), dtype=np.int64),
        np.empty(events, dtype=record("")),
        *(np.empty(rows, dtype=record(collection)) for collection in COLLECTIONS),
    )


def to_events(filled: Buffers, n: int, *, optional: bool) -> Events:
    """Copy of what was written.

    Parameters
    ----------
    filled : Buffers
        After the detector kernel.
    n : int
        Events in it.
    optional : bool
        Whether with the columns that not all data have.

    Returns
    -------
    Events
        The columns of data, each in the unit of the table of columns.
    """
    wanted = {"always", "optional"} if optional else {"always"}
    columns = {name: filled.events[name][:n].copy() for name in record("").names or ()}
    offsets = {name: filled.offsets[: n + 1, i].copy() for i, name in enumerate(COLLECTIONS)}
    collected = (filled.track, filled.lkr, filled.muv3, filled.chod, filled.lav, filled.anti0)
    for name, rows in zip(COLLECTIONS, collected, strict=True):
        used = rows[: offsets[name][n]]
        made = {f"{name}_{field}": used[field] for field in record(name).names or ()}
        columns |= {key: np.ascontiguousarray(rows) for key, rows in made.items() if COLUMNS[key].presence in wanted}
    return Events(n, columns, offsets)
