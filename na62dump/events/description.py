"""What a file is and holds, without reading its events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pyarrow import BufferReader, parquet

from na62dump.datasets import Burst
from na62dump.errors import InputFileError, MissingColumnError, nearest
from na62dump.events import remote
from na62dump.events.addresses import Address, is_remote
from na62dump.events.checksums import blocks_of, summed
from na62dump.events.columns import BURSTS
from na62dump.events.copies import copied
from na62dump.events.files import find_tree, guarded, is_rntuple, is_tree, opened, require_local
from na62dump.events.layouts import survey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.events.files import RootFile, Tree
    from na62dump.events.layouts import Layout, LayoutName
    from na62dump.events.renaming import Renames

PROVENANCE = "provenance"
"""Key under which a file says what made it."""

BURST_COLUMNS = {"run": "uint32", "burst": "uint32", "pot": "float64", "duration_ns": "float64", "good": "bool"}
"""Columns of the table of bursts; the duration is in ns."""

BURST_LIMITS = {"run": 2**32 - 1, "burst": 2**32 - 1, "good": 1}
"""Largest value of the columns that hold whole numbers from 0 on."""

BURST_SUFFIX = ".bursts.parquet"
"""Ending of the name of a table of bursts that lies beside a file."""


@dataclass(frozen=True)
class Description:
    """One file as it was found.

    Attributes
    ----------
    uuid : str
        Identity that the file itself carries.
    entries : int
        Events in it.
    clusters : tuple of int
        Boundaries at which reading may be cut for nothing, from 0 to ``entries``; ``(0,)`` if there are no events.
    columns : frozenset of str
        The contract's columns that are there, by the contract's names.
    layout : str
        ``"counter"``, ``"vector"`` or ``"rntuple"``.
    bursts : tuple of Burst
        What the table of bursts in the file, or beside it, holds.
    simulated : bool
        Whether the file says that a simulation made it.
    provenance : mapping
        What the file says about what made it; empty if it says nothing.
    """

    uuid: str
    entries: int
    clusters: tuple[int, ...]
    columns: frozenset[str]
    layout: LayoutName
    bursts: tuple[Burst, ...]
    simulated: bool
    provenance: Mapping[str, Any]


def describe(path: str | Path, *, renames: Renames | None = None) -> Description:
    """Describe a file.

    Parameters
    ----------
    path : str or Path
        The file.
    renames : Renames, optional
        Names in foreign ntuples.

    Returns
    -------
    Description
        Without a single event read.

    Raises
    ------
    InputFileError
        If the file is missing, damaged, or has no tree of events.
    """
    with opened(path) as file:
        tree = find_tree(file, path, renames=renames)
        layout = survey(tree, path, renames=renames)
        provenance = _provenance(file, path)
        return Description(
            uuid=str(file.file.uuid),
            entries=int(tree.num_entries),
            clusters=_clusters(tree, layout),
            columns=frozenset(layout.sources),
            layout=layout.name,
            bursts=_bursts(file, path, _name(renames)),
            simulated=provenance.get("simulated") is True,
            provenance=provenance,
        )


def _clusters(tree: Tree, layout: Layout) -> tuple[int, ...]:
    entries = int(tree.num_entries)
    if is_rntuple(tree):
        inner = {int(cluster.num_first_entry) for cluster in tree.cluster_summaries}
    else:
        keys = {source.key for source in layout.sources.values()}
        inner = {int(edge) for edge in tree.common_entry_offsets(filter_name=keys.__contains__)}
    return tuple(sorted({0, entries} | {edge for edge in inner if edge < entries}))


def _provenance(file: RootFile, path: str | Path) -> dict[str, Any]:
    if file.classnames(cycle=False).get(PROVENANCE) != "TObjString":
        return {}
    try:
        made = json.loads(str(file[PROVENANCE]))
    except json.JSONDecodeError as error:
        msg = f"{path}: its '{PROVENANCE}' is no JSON: {error}; write the file again"
        raise InputFileError(msg) from error
    return made if isinstance(made, dict) else {}


def read_bursts(path: str | Path, *, renames: Renames | None = None, cache: Path | None = None) -> tuple[Burst, ...]:
    """Read the table of bursts in a file, or beside it.

    Parameters
    ----------
    path : str or Path
        The file of events, or its address.
    renames : Renames, optional
        Names in foreign ntuples.
    cache : Path, optional
        Folder for a copy of a remote file.

    Returns
    -------
    tuple of Burst
        In its order; none if there is no table.

    Raises
    ------
    InputFileError
        If it cannot be read, or holds what no burst has.
    MissingColumnError
        If it lacks a column.
    """
    with opened(path, cache=cache) as file:
        return _bursts(file, path, _name(renames))


def _name(renames: Renames | None) -> str:
    return BURSTS if renames is None else renames.bursts


def _bursts(file: RootFile, path: str | Path, name: str) -> tuple[Burst, ...]:
    if is_tree(file.classnames(cycle=False).get(name, "")):
        tree = file[name]
        _require_burst_columns(set(tree.keys()), f"{path}: tree '{name}'")
        if tree.num_entries == 0:
            return ()
        arrays = tree.arrays(filter_name=BURST_COLUMNS.__contains__, library="np")
        return _rows({key: np.asarray(arrays[key]) for key in BURST_COLUMNS}, f"{path}: tree '{name}'")
    return _bursts_beside(path)


def _bursts_beside(path: str | Path) -> tuple[Burst, ...]:
    where = beside(path)
    with guarded(str(where), here=True):
        content = (where.read_bytes() if where.exists() else None) if isinstance(where, Path) else remote.content(where)
        if content is None:
            return ()
        table = parquet.read_table(BufferReader(content))
        _require_burst_columns(set(table.column_names), str(where))
        return _rows({key: table[key].to_numpy() for key in BURST_COLUMNS}, str(where))


def _require_burst_columns(there: set[str], where: str) -> None:
    for name in BURST_COLUMNS:
        if name not in there:
            msg = f"{where} has no column '{name}'; {nearest(name, there)}"
            raise MissingColumnError(msg)


def _rows(columns: dict[str, NDArray[Any]], where: str) -> tuple[Burst, ...]:
    for name, values in columns.items():
        if values.dtype.kind not in "biuf":
            msg = f"{where}: column '{name}' holds {values.dtype}; it must hold {BURST_COLUMNS[name]}"
            raise InputFileError(msg)
        if name in BURST_LIMITS:
            _require_whole(values, BURST_LIMITS[name], where=f"{where}: column '{name}'")
    run, burst, pot, duration, good = (columns[name].tolist() for name in BURST_COLUMNS)
    return tuple(
        Burst(run=int(r), burst=int(b), pot=float(p), duration_ns=float(d), good=bool(g))
        for r, b, p, d, g in zip(run, burst, pot, duration, good, strict=True)
    )


def _require_whole(values: NDArray[Any], most: int, *, where: str) -> None:
    """Refuse what would become another number, or another burst, when it is turned into a whole number."""
    wrong = ~((values >= 0) & (values <= most) & (values == np.floor(values)))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        allowed = "0 (not good) or 1 (good)" if most == 1 else f"whole numbers from 0 to {most}"
        msg = f"{where} holds {values[row].item()} in row {row}; allowed: {allowed}; write the table of bursts again"
        raise InputFileError(msg)


def checksum(path: str | Path, *, cache: Path | None = None) -> str:
    """Checksum of the bytes of a file.

    Parameters
    ----------
    path : str or Path
        A file of this machine, or an address: the server is asked, and the file is read if it does not know.
    cache : Path, optional
        Folder for a copy of a remote file, which is what counts then.

    Returns
    -------
    str
        ``"adler32:xxxxxxxx"``, as the grid's storage computes it.

    Raises
    ------
    InputFileError
        If it cannot be read.
    """
    if not is_remote(path):
        require_local(path)
        with guarded(path):
            return summed(blocks_of(Path(path)))
    address = Address.of(str(path))
    copy = copied(address, cache, verify=True) if cache else None
    if copy is not None:
        with guarded(path, here=True):
            return summed(blocks_of(copy))
    return remote.told_checksum(address) or summed(remote.blocks(address))


def beside(path: str | Path) -> Path | Address:
    """Where the table of bursts lies that is not in the file itself.

    Parameters
    ----------
    path : str or Path
        The file of events.

    Returns
    -------
    Path or Address
        It need not be there.
    """
    if is_remote(path):
        address = Address.of(str(path))
        return address.at(str(address.name.with_suffix(BURST_SUFFIX)))
    return Path(path).with_name(f"{Path(path).stem}{BURST_SUFFIX}")
