"""Writing ntuples of the contract: large clusters, fast compression, and never half a file."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias
from uuid import UUID, uuid4

import awkward as ak
import numpy as np
import uproot

from na62dump.errors import InputFileError
from na62dump.events.columns import BURSTS, TREE, Column, collections, column
from na62dump.events.conversion import converted
from na62dump.events.description import BURST_COLUMNS, PROVENANCE
from na62dump.events.files import CONTRACT
from na62dump.events.table import Events, concatenate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from na62dump.datasets import Burst

Output: TypeAlias = Any
"""A writable file, tree, or array of uproot and awkward, which have no types."""

CLUSTER = 100_000
"""Events in a cluster: enough that reading is not slowed by its number, few enough to hold in memory."""

LEVEL = 1
"""Level of ZSTD: higher ones write several times slower and read no faster."""


class Writer:
    """A new file of events, which appears under its name only when it is complete.

    Parameters
    ----------
    path : str or Path
        The file; one of that name is replaced.
    layout : str
        ``"ttree"``, branches that share one counter per collection, or ``"rntuple"``, fields of vectors.
    columns : sequence of str
        Names from the table of columns.
    provenance : mapping
        What makes the file, as JSON would hold it; ``{"simulated": True}`` in a simulation.
    uuid : UUID, optional
        Identity of the file; random by default.

    Raises
    ------
    UnknownNameError
        If the contract has no such column.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        layout: Literal["ttree", "rntuple"] = "ttree",
        columns: Sequence[str],
        provenance: Mapping[str, Any],
        uuid: UUID | None = None,
    ) -> None:
        self._path = Path(path)
        self._partial = self._path.with_name(f".{uuid4().hex}.partial")
        self._rntuple = layout == "rntuple"
        self._groups = collections([column(name).name for name in columns])
        self._provenance = json.dumps(dict(provenance), sort_keys=True)
        self._uuid = uuid or uuid4()
        self._parts: list[Events] = []
        self._pending = 0
        self._bursts: list[Burst] = []

    def __enter__(self) -> Self:
        """Open a file of another name in the same folder."""
        with _complaining(self._path):
            self._stream = self._partial.open("x+b")
        try:
            with _complaining(self._path):
                compression = uproot.ZSTD(LEVEL)
                self._file = uproot.recreate(self._stream, compression=compression, uuid_function=lambda: self._uuid)
                self._tree = self._make_tree()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Complete the file and give it its name, or leave nothing."""
        if error is not None:
            self._discard()
            return
        try:
            with _complaining(self._path):
                self._complete()
        except BaseException:
            self._discard()
            raise

    def extend(self, events: Events) -> None:
        """Append events.

        Parameters
        ----------
        events : Events
            With at least the columns of the file; their number is free. Their arrays must not be changed before
            the file is complete.

        Raises
        ------
        MissingColumnError
            If they lack a column.
        InputFileError
            If a value does not fit into the column's type, or the disk is full.
        ValueError
            If offsets and values of a collection do not belong together.
        """
        for name, entries in self._groups.items():
            _require_consistent(events, name, entries)
        if len(events):
            self._parts.append(events)
            self._pending += len(events)
        # What is left at the end is then never much smaller than a cluster, nor much larger.
        while self._pending >= CLUSTER + CLUSTER // 2:
            self._flush(CLUSTER)

    def write_bursts(self, bursts: Sequence[Burst]) -> None:
        """Append to the table of bursts.

        Parameters
        ----------
        bursts : sequence of Burst
            One row each.
        """
        self._bursts.extend(bursts)

    def _make_tree(self) -> Output:
        if self._rntuple:
            fields = {c.name: _form(c) for entries in self._groups.values() for c in entries}
            form = ak.forms.RecordForm(list(fields.values()), list(fields))
            return self._file.mkrntuple(TREE, form, CONTRACT)
        types: dict[str, Output] = {c.name: np.dtype(c.dtype) for c in self._groups.get("", [])}
        for name, entries in self._groups.items():
            if name:
                numbers = [ak.types.NumpyType(c.dtype) for c in entries]
                types[name] = ak.types.ListType(ak.types.RecordType(numbers, [c.field for c in entries]))
        return self._file.mktree(TREE, types, title=CONTRACT)

    def _flush(self, n: int) -> None:
        taken: list[Events] = []
        missing = n
        while missing:
            part = self._parts.pop(0)
            if len(part) > missing:
                self._parts.insert(0, part.take(missing, len(part)))
                part = part.take(0, missing)
            taken.append(part)
            missing -= len(part)
        self._pending -= n
        self._append(taken[0] if len(taken) == 1 else concatenate(taken))

    def _append(self, events: Events) -> None:
        values = {
            c.name: converted(events[c.name], c, path=self._path) for entries in self._groups.values() for c in entries
        }
        with _complaining(self._path):
            if self._rntuple:
                lists = {
                    c.name: _content(values[c.name], c, events) for entries in self._groups.values() for c in entries
                }
                self._tree.extend(ak.Array(ak.contents.RecordArray(list(lists.values()), list(lists))))
                return
            branches: dict[str, Output] = {c.name: values[c.name] for c in self._groups.get("", [])}
            for name, entries in self._groups.items():
                if name:
                    contents = [ak.contents.NumpyArray(values[c.name]) for c in entries]
                    records = ak.contents.RecordArray(contents, [c.field for c in entries])
                    branches[name] = ak.Array(ak.contents.ListOffsetArray(_index(events, name), records))
            self._tree.extend(branches)

    def _complete(self) -> None:
        if self._pending:
            self._flush(self._pending)
        if self._bursts:
            self._save_bursts()
        self._file[PROVENANCE] = self._provenance
        self._file.close()  # closes the stream too
        with self._partial.open("r+b") as stream:
            os.fsync(stream.fileno())
        self._partial.replace(self._path)

    def _save_bursts(self) -> None:
        rows = {
            name: np.array([getattr(burst, name) for burst in self._bursts], dtype=dtype)
            for name, dtype in BURST_COLUMNS.items()
        }
        if self._rntuple:
            self._file.mkrntuple(BURSTS, rows, CONTRACT)
        else:
            self._file.mktree(BURSTS, {name: values.dtype for name, values in rows.items()}).extend(rows)

    def _discard(self) -> None:
        with suppress(OSError):
            self._stream.close()
        self._partial.unlink(missing_ok=True)


@contextmanager
def _complaining(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, InputFileError):
            raise
        msg = f"{path}: cannot be written: {error.strerror or error}; check the folder, its permissions and its space"
        raise InputFileError(msg) from error


def _require_consistent(events: Events, name: str, entries: list[Column]) -> None:
    expected = int(events.offsets[name][-1]) if name else len(events)
    for entry in entries:
        if len(events[entry.name]) != expected or (name and len(events.offsets[name]) != len(events) + 1):
            msg = (
                f"column '{entry.name}' has {len(events[entry.name])} values; its {len(events)} events need {expected}"
            )
            raise ValueError(msg)


def _form(entry: Column) -> Output:
    number = ak.forms.NumpyForm(entry.dtype)
    return ak.forms.ListOffsetForm("i64", number) if entry.collection else number


def _index(events: Events, name: str) -> Output:
    return ak.index.Index64(np.asarray(events.offsets[name], dtype=np.int64))


def _content(values: Output, entry: Column, events: Events) -> Output:
    numbers = ak.contents.NumpyArray(values)
    return ak.contents.ListOffsetArray(_index(events, entry.collection), numbers) if entry.collection else numbers
