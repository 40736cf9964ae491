"""Records of files and units as Parquet tables, and back."""

from __future__ import annotations

import io
import string
from itertools import chain, pairwise
from sys import intern
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from na62dump.datasets.bursts import BURST, Bursts
from na62dump.datasets.records import FileRecord, WorkUnit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.datasets.samples import Kind

_PLAIN = frozenset(f"{string.ascii_letters}{string.digits}-")

_TEXTS = ("bursts", "shard_key")
"""Columns of a unit that are texts."""

_SAME = ("sample", "kind", "path", "uuid", "entries", "checksum", "simulated")
"""Columns of a file that hold one value each."""


def pack_files(files: Sequence[FileRecord], also: Mapping[str, list[Any]] | None = None) -> bytes:
    """Table of some files.

    Parameters
    ----------
    files : sequence of FileRecord
        In order.
    also : mapping of str to list, optional
        More columns.

    Returns
    -------
    bytes
        Parquet, the same for the same files.
    """
    columns: dict[str, Any] = {name: [getattr(file, name) for file in files] for name in _SAME}
    edges = list(chain.from_iterable(file.clusters for file in files))
    columns["clusters"] = _lists(np.array(edges, dtype=np.int64), [len(file.clusters) for file in files])
    rows = Bursts.joined(file.bursts for file in files).rows
    for name in BURST.names or ():
        columns[f"bursts.{name}"] = _lists(rows[name], [len(file.bursts) for file in files])
    return _written(pa.table(columns | dict(also or {})))


def unpack_files(content: bytes) -> tuple[list[FileRecord], dict[str, list[Any]]]:
    """Files of a table, and its other columns.

    Parameters
    ----------
    content : bytes
        What `pack_files` made.

    Returns
    -------
    list of FileRecord, dict of str to list
        In order.

    Raises
    ------
    ValueError, LookupError
        If it is none (a `pyarrow.ArrowException` is one of them), or lacks a column.
    """
    table = _read(content)
    _require_plain(_values(table, "uuid"))
    clusters, edges = _unlisted(table, "clusters")
    inner = clusters.tolist()
    columns = {name: _unlisted(table, f"bursts.{name}") for name in BURST.names or ()}
    bounds = columns["run"][1]
    rows = np.empty(bounds[-1], BURST)
    for name, (values, _) in columns.items():
        rows[name] = values
    files = [
        FileRecord(intern(s), cast("Kind", intern(k)), p, u, n, tuple(inner[a:b]), check, made, Bursts(rows[c:d]))
        for s, k, p, u, n, check, made, (a, b), (c, d) in zip(
            *(_values(table, name) for name in _SAME), pairwise(edges), pairwise(bounds), strict=True
        )
    ]
    ours = {*_SAME, "clusters", *(f"bursts.{name}" for name in BURST.names or ())}
    return files, {name: _values(table, name) for name in table.column_names if name not in ours}


def pack_units(units: Sequence[WorkUnit], files: Sequence[FileRecord]) -> bytes:
    """Table of some units, as ranges of files.

    Parameters
    ----------
    units : sequence of WorkUnit
        In order.
    files : sequence of FileRecord
        Files that they are of.

    Returns
    -------
    bytes
        Parquet, the same for the same units.

    Raises
    ------
    KeyError
        If a unit is of no such file.
    """
    number = {file.uuid: i for i, file in enumerate(files)}
    columns: dict[str, Any] = {"file": [number[unit.uuid] for unit in units]}
    for name in ("start", "stop", "bursts", "shard", "shard_key"):
        columns[name] = pa.array([getattr(unit, name) for unit in units], pa.string() if name in _TEXTS else pa.int64())
    return _written(pa.table(columns))


def unpack_units(content: bytes, files: Sequence[FileRecord]) -> list[WorkUnit]:
    """Units of a table.

    Parameters
    ----------
    content : bytes
        What `pack_units` made.
    files : sequence of FileRecord
        Files that they are of.

    Returns
    -------
    list of WorkUnit
        In order.

    Raises
    ------
    ValueError, LookupError
        If it is none (a `pyarrow.ArrowException` is one of them), or lacks a column or file.
    """
    table = _read(content)
    names = ("file", "start", "stop", "bursts", "shard", "shard_key")
    for name in _TEXTS:
        _require_plain(_values(table, name))
    return [
        WorkUnit((of := files[file]).sample, of.kind, of.path, of.uuid, start, stop, bursts, shard, key)
        for file, start, stop, bursts, shard, key in zip(*(_values(table, name) for name in names), strict=True)
    ]


def _require_plain(names: Sequence[str]) -> None:
    """Refuse what would lead to another folder: these texts become names of files."""
    strange = set("".join(names)) - _PLAIN
    if strange:
        msg = f"names of units hold {sorted(strange)}; allowed are letters, digits and hyphens"
        raise ValueError(msg)


def _written(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _read(content: bytes) -> pa.Table:
    # read_table would import all that pyarrow knows of sets of files, a third of a second
    return parquet.ParquetFile(io.BytesIO(content)).read()


def _values(table: pa.Table, name: str) -> list[Any]:
    # much faster than to_pylist
    return cast("list[Any]", table[name].to_numpy().tolist())


def _lists(values: NDArray[Any], lengths: Sequence[int]) -> pa.LargeListArray:
    return pa.LargeListArray.from_arrays(np.cumsum([0, *lengths], dtype=np.int64), np.ascontiguousarray(values))


def _unlisted(table: pa.Table, name: str) -> tuple[NDArray[Any], list[int]]:
    """All values of a column of lists, and where each list begins and the last ends."""
    lengths = compute.list_value_length(table[name]).to_numpy()
    return compute.list_flatten(table[name]).to_numpy(), [0, *np.cumsum(lengths).tolist()]
