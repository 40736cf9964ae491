"""Where the detector kernel writes: one array per column, made large and cut to size at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.events.columns import column
from na62dump.events.table import Events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

HEADROOM = 256
"""Free rows of a collection that an event may need: checked before each event, so that nothing within it can fail."""

_EXPECTED = 4
"""Rows per event and collection that a first attempt makes room for."""


class EventRows(NamedTuple):
    """Columns with one value per event."""

    run: NDArray[np.uint32]
    burst: NDArray[np.uint32]
    event: NDArray[np.uint32]
    trigger: NDArray[np.uint32]
    burst_time: NDArray[np.uint32]
    trigger_time: NDArray[np.float32]


class TrackRows(NamedTuple):
    """Columns Track_*."""

    offsets: NDArray[np.int64]
    charge: NDArray[np.int8]
    p: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    dxdz: NDArray[np.float32]
    dydz: NDArray[np.float32]
    dxdz_after: NDArray[np.float32]
    dydz_after: NDArray[np.float32]
    time: NDArray[np.float32]
    chi2: NDArray[np.float32]
    chambers: NDArray[np.uint8]


class ClusterRows(NamedTuple):
    """Columns LKr_*."""

    offsets: NDArray[np.int64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    energy: NDArray[np.float32]
    time: NDArray[np.float32]


class TileRows(NamedTuple):
    """Columns MUV3_* or CHOD_*."""

    offsets: NDArray[np.int64]
    tile: NDArray[np.int16]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    time: NDArray[np.float32]


class LavRows(NamedTuple):
    """Columns LAV_*."""

    offsets: NDArray[np.int64]
    station: NDArray[np.int16]
    energy: NDArray[np.float32]
    time: NDArray[np.float32]


class Anti0Rows(NamedTuple):
    """Columns ANTI0_*."""

    offsets: NDArray[np.int64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    time: NDArray[np.float32]


class Buffers(NamedTuple):
    """All that the detector kernel writes; index int64[row] says which of the generated events a row is."""

    index: NDArray[np.int64]
    rows: EventRows
    track: TrackRows
    lkr: ClusterRows
    muv3: TileRows
    chod: TileRows
    lav: LavRows
    anti0: Anti0Rows


_COLLECTIONS = ("Track", "LKr", "MUV3", "CHOD", "LAV", "ANTI0")


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
        Offsets that begin at 0, all other values undefined.
    """
    rows = EventRows(*(np.empty(events, dtype=column(name).dtype) for name in EventRows._fields))
    jagged = events * _EXPECTED * growth + HEADROOM
    return Buffers(
        np.empty(events, dtype=np.int64),
        rows,
        TrackRows(*_arrays("Track", TrackRows._fields, events, jagged)),
        ClusterRows(*_arrays("LKr", ClusterRows._fields, events, jagged)),
        TileRows(*_arrays("MUV3", TileRows._fields, events, jagged)),
        TileRows(*_arrays("CHOD", TileRows._fields, events, jagged)),
        LavRows(*_arrays("LAV", LavRows._fields, events, jagged)),
        Anti0Rows(*_arrays("ANTI0", Anti0Rows._fields, events, jagged)),
    )


def _arrays(collection: str, fields: Sequence[str], events: int, rows: int) -> list[NDArray[np.generic]]:
    offsets = np.zeros(events + 1, dtype=np.int64)
    return [offsets, *(np.empty(rows, dtype=column(f"{collection}_{field}").dtype) for field in fields[1:])]


def to_events(filled: Buffers, n: int) -> Events:
    """Copy of what was written.

    Parameters
    ----------
    filled : Buffers
        After the detector kernel.
    n : int
        Events in it.

    Returns
    -------
    Events
        Every column that data have, each in the unit of the table of columns.
    """
    columns: dict[str, NDArray[np.generic]] = {
        name: values[:n].copy() for name, values in zip(EventRows._fields, filled.rows, strict=True)
    }
    offsets: dict[str, NDArray[np.int64]] = {}
    for collection, part in zip(_COLLECTIONS, filled[2:], strict=True):
        edges, *arrays = part
        offsets[collection] = edges[: n + 1].copy()
        for field, values in zip(part._fields[1:], arrays, strict=True):
            columns[f"{collection}_{field}"] = values[: edges[n]].copy()
    return Events(n, columns, offsets)
