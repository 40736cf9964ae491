"""Reading columns of one file into flat arrays: one joint read, whatever the layout of the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from na62dump.errors import InputFileError, MissingColumnError, nearest
from na62dump.events.columns import Column, column
from na62dump.events.conversion import converted
from na62dump.events.files import find_tree, is_rntuple, opened
from na62dump.events.layouts import survey
from na62dump.events.table import Events, empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from na62dump.events.files import Tree
    from na62dump.events.layouts import Layout
    from na62dump.events.renaming import Renames
    from na62dump.events.sources import Source

Content: TypeAlias = Any
"""A layout of awkward, which has no types."""

PLAIN_CHAR = re.compile(r"(?:.*<)?char>?")
"""Types whose sign uproot loses when it reads an RNTuple."""


def read(
    path: str | Path,
    columns: Sequence[str],
    *,
    start: int = 0,
    stop: int | None = None,
    uuid: str | None = None,
    entries: int | None = None,
    renames: Renames | None = None,
    cache: Path | None = None,
) -> Events:
    """Read some columns of some events.

    Parameters
    ----------
    path : str or Path
        The file, or its address: a TTree with counters or vectors, or an RNTuple with vectors or records.
    columns : sequence of str
        Names from the table of columns.
    start, stop : int
        Range of events; to the end by default.
    uuid : str, optional
        Identity that the file must have.
    entries : int, optional
        Number of events that the file must have.
    renames : Renames, optional
        Names in foreign ntuples.
    cache : Path, optional
        Folder for a copy of a remote file.

    Returns
    -------
    Events
        ``stop - start`` events; flat native arrays of the types and units in the table of columns.

    Raises
    ------
    InputFileError
        If the file is missing, damaged, or holds something else than the contract says.
    MissingColumnError
        If it lacks a column.
    UnknownNameError
        If the contract has no such column.
    """
    wanted = [column(name) for name in dict.fromkeys(columns)]
    with opened(path, cache=cache) as file:
        _require_uuid(str(file.file.uuid), uuid, path=path)
        tree = find_tree(file, path, renames=renames)
        _require_entries(int(tree.num_entries), entries, path=path)
        layout = survey(tree, path, renames=renames)
        require_columns(tree, layout, columns=columns, path=path)
        stop = _checked_stop(tree, start, stop, path=path)
        if start == stop:
            return empty([c.name for c in wanted])
        found = fetch(tree, [layout.sources[c.name].key for c in wanted], start=start, stop=stop)
        _restore_sign(tree, found, wanted, layout)
    return assembled(found, wanted, sources=layout.sources, n=stop - start, path=path)


def _require_uuid(found: str, wanted: str | None, *, path: str | Path) -> None:
    if wanted is not None and found != wanted:
        msg = f"{path}: replaced since it was planned (its uuid was {wanted} and is {found}); plan again in another folder"
        raise InputFileError(msg)


def _require_entries(found: int, wanted: int | None, *, path: str | Path) -> None:
    if wanted is not None and found != wanted:
        msg = f"{path}: written again since it was planned (it had {wanted} events and has {found}); plan again in another folder"
        raise InputFileError(msg)


def require_columns(tree: Tree, layout: Layout, *, columns: Iterable[str], path: str | Path) -> None:
    """Refuse a tree that lacks a column.

    Parameters
    ----------
    tree : tree
        A TTree or an RNTuple.
    layout : Layout
        What it offers.
    columns : iterable of str
        What is needed.
    path : str or Path
        Its file, for messages.

    Raises
    ------
    MissingColumnError
        The first column that is not there, and what is.
    """
    for name in columns:
        if name not in layout.sources:
            msg = (
                f"{path}: tree '{tree.name}' has no column '{name}'; {nearest(name, tree.keys())}; "
                "a column of another name is declared in experiment/columns.toml"
            )
            raise MissingColumnError(msg)


def _checked_stop(tree: Tree, start: int, stop: int | None, *, path: str | Path) -> int:
    entries = int(tree.num_entries)
    end = entries if stop is None else stop
    if not 0 <= start <= end <= entries:
        msg = f"{path}: events {start} to {end} were asked for; the file has 0 to {entries}: plan again if it was replaced"
        raise InputFileError(msg)
    return end


def fetch(tree: Tree, keys: Sequence[str], *, start: int, stop: int) -> dict[str, Content]:
    """One joint read of whole columns.

    Parameters
    ----------
    tree : tree
        A TTree or an RNTuple.
    keys : sequence of str
        Names of branches, or of fields.
    start, stop : int
        Range of events.

    Returns
    -------
    dict of str to layout
        Keyed like `keys`; awkward layouts of one value, or one list, per event.
    """
    chosen = set(keys)
    arrays = tree.arrays(filter_name=chosen.__contains__, entry_start=start, entry_stop=stop, library="ak")
    record = arrays.layout
    return {key: _walk(record, key) for key in chosen}


def _walk(record: Content, key: str) -> Content:
    if key in record.fields:
        return record[key]
    collection, _, field = key.partition(".")
    return record[collection][field]


def _restore_sign(tree: Tree, found: dict[str, Content], wanted: Iterable[Column], layout: Layout) -> None:
    """Read ``char`` as signed: uproot takes it for unsigned in an RNTuple, where RDataFrame writes int8 as char."""
    if not is_rntuple(tree):
        return
    for entry in wanted:
        key = layout.sources[entry.name].key
        if entry.dtype == "int8" and PLAIN_CHAR.fullmatch(tree[key].typename):
            content = found[key].content
            found[key] = found[key].copy(content=content.copy(data=content.data.view(np.int8)))


def assembled(
    found: Mapping[str, Content], wanted: Iterable[Column], *, sources: Mapping[str, Source], n: int, path: str | Path
) -> Events:
    """Put columns together into events.

    Parameters
    ----------
    found : mapping of str to layout
        Layouts of awkward, by name in the file.
    wanted : iterable of Column
        What they are to become.
    sources : mapping of str to Source
        Name in the file, and factor, of each column.
    n : int
        Number of events that must have come.
    path : str or Path
        Their file, for messages.

    Returns
    -------
    Events
        In the types and units of the table of columns.

    Raises
    ------
    InputFileError
        If something else came.
    """
    columns: dict[str, NDArray[Any]] = {}
    offsets: dict[str, NDArray[np.int64]] = {}
    first: dict[str, str] = {}
    for entry in wanted:
        source = sources[entry.name]
        values = found[source.key]
        if len(values) != n:
            msg = f"{path}: column '{entry.name}' gave {len(values)} of {n} events; the file is damaged: copy it again"
            raise InputFileError(msg)
        if not entry.collection:
            flat = _scalar(values, entry, path=path)
        else:
            flat, edges = _jagged(values, entry, path=path)
            other = first.setdefault(entry.collection, entry.name)
            _require_same(offsets.setdefault(entry.collection, edges), edges, other, entry.name, path=path)
        columns[entry.name] = converted(flat, entry, path=path, factor=source.factor)
    return Events(n, columns, offsets)


def _scalar(layout: Content, entry: Column, *, path: str | Path) -> NDArray[Any]:
    if not _is_flat(layout):
        msg = f"{path}: column '{entry.name}' is {_described(layout)}; it must be one {entry.dtype} per event"
        raise InputFileError(msg)
    return np.asarray(layout.data)


def _jagged(layout: Content, entry: Column, *, path: str | Path) -> tuple[NDArray[Any], NDArray[np.int64]]:
    if not hasattr(layout, "starts") or layout.parameter("__array__") is not None:
        msg = f"{path}: column '{entry.name}' is {_described(layout)}; it must be a list of {entry.dtype} per event"
        raise InputFileError(msg)
    if not hasattr(layout, "offsets"):
        layout = layout.to_ListOffsetArray64(start_at_zero=True)
    edges: NDArray[np.int64] = np.asarray(layout.offsets.data, dtype=np.int64)
    begin, end = int(edges[0]), int(edges[-1])
    content = layout.content[begin:end]
    if not _is_flat(content):
        msg = f"{path}: column '{entry.name}' is {_described(layout)}; it must be a list of {entry.dtype} per event"
        raise InputFileError(msg)
    return np.asarray(content.data), edges - begin if begin else edges


def _is_flat(layout: Content) -> bool:
    return hasattr(layout, "data") and layout.data.ndim == 1 and layout.parameter("__array__") is None


def _described(layout: Content) -> str:
    return f"one '{layout.form.type}' per event"


def _require_same(
    ours: NDArray[np.int64], theirs: NDArray[np.int64], one: str, other: str, *, path: str | Path
) -> None:
    if ours is theirs or np.array_equal(ours, theirs):
        return
    where = int(np.flatnonzero(np.diff(ours) != np.diff(theirs))[0])
    counts = int(np.diff(ours)[where]), int(np.diff(theirs)[where])
    msg = (
        f"{path}: columns '{one}' and '{other}' have {counts[0]} and {counts[1]} elements in event {where} of those read; "
        "columns of one collection must have the same number"
    )
    raise InputFileError(msg)
