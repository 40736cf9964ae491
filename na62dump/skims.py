"""Surviving rows, as columns of primitives, to Parquet and back."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from na62dump.archives import unpacked_limit
from na62dump.errors import BlindingError, InputFileError, MergeError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

SAMPLE = "sample"
KEYS = (SAMPLE, "run", "burst", "event", "row")
"""Columns that every skim has: they name a row."""

_PRIMITIVES = "biufU"
_TEXT = "U"
_WHOLE = "iu"
_PROVENANCE = b"na62dump"


@dataclass(frozen=True, eq=False)
class Skim:
    """Rows of candidates.

    Attributes
    ----------
    columns : mapping of str to array[row]
        Booleans, whole numbers, floats or text, in base units (mm, ns, MeV, MeV/c, rad); `KEYS` are among them.
        ``sample`` is text, the other keys are whole numbers.
    """

    columns: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        columns = {name: np.asarray(column) for name, column in self.columns.items()}
        _check(columns)
        object.__setattr__(self, "columns", columns)

    def __len__(self) -> int:
        return len(self.columns[SAMPLE])

    def __add__(self, other: Skim) -> Skim:
        if _kinds(self.columns) != _kinds(other.columns):
            differing = sorted(dict(_kinds(self.columns).items() ^ _kinds(other.columns).items()))
            msg = f"skims differ in columns or their types and cannot be joined: {', '.join(differing)}"
            raise MergeError(msg)
        return Skim({name: np.concatenate([column, other.columns[name]]) for name, column in self.columns.items()})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Skim):
            return NotImplemented
        return _kinds(self.columns) == _kinds(other.columns) and all(
            np.array_equal(column, other.columns[name], equal_nan=column.dtype.kind == "f")
            for name, column in self.columns.items()
        )

    __hash__ = None  # type: ignore[assignment]  # it holds arrays, and its base declares a method

    def sorted(self) -> Skim:
        """Rows in the one order that does not depend on how they were found.

        Returns
        -------
        Skim
            By sample, run, burst, event and row, then by all other columns.
        """
        others = sorted(set(self.columns) - set(KEYS))
        # lexsort takes the most important key last
        order = np.lexsort([self.columns[name] for name in reversed([*KEYS, *others])])
        return Skim({name: column[order] for name, column in self.columns.items()})

    def to_parquet(
        self,
        file: BinaryIO,
        provenance: Mapping[str, object],
        *,
        simulated: Collection[str],
        hidden: Callable[[Mapping[str, NDArray[Any]]], NDArray[np.bool_]],
    ) -> None:
        """Write the rows, unless one of them ought to be hidden.

        Equal rows and equal provenance give equal bytes. Provenance is metadata of the schema, beside the rows.

        Parameters
        ----------
        file : binary file
            Open for writing; nothing is written to it if the check fails.
        provenance : mapping
            What made the rows; JSON only.
        simulated : collection of str
            Samples that are simulation. Rows of all others are data, and are checked.
        hidden : callable
            From the columns of data rows to bool[row]: whether each is hidden.

        Raises
        ------
        BlindingError
            If a data row is hidden.
        """
        self._refuse_hidden(simulated, hidden)
        arrays = {name: pa.array(column, type=_stored_type(column)) for name, column in self.columns.items()}
        text = json.dumps(provenance, sort_keys=True)
        table = pa.table(arrays).replace_schema_metadata({_PROVENANCE: text})
        pq.write_table(table, file, compression="zstd", use_dictionary=[SAMPLE])

    @classmethod
    def from_parquet(cls, file: Path | BinaryIO) -> tuple[Skim, dict[str, object]]:
        """Read what `to_parquet` wrote.

        Parameters
        ----------
        file : Path or binary file
            Where from.

        Returns
        -------
        Skim
            The rows.
        dict
            Their provenance.

        Raises
        ------
        InputFileError
            If it is no skim.
        """
        try:
            # a partitioned data set is never meant, whatever the folders above are called
            parquet = pq.ParquetFile(file)
            _require_possible(parquet.metadata, file)
            table = parquet.read()
            provenance = json.loads((table.schema.metadata or {})[_PROVENANCE])
            columns = {name: _array(table.column(name)) for name in table.column_names}
            return cls(columns), provenance
        except (pa.ArrowException, KeyError, ValueError, OSError) as error:
            msg = f"{file} is no skim of na62dump: {error}"
            raise InputFileError(msg) from error

    def _refuse_hidden(
        self, simulated: Collection[str], hidden: Callable[[Mapping[str, NDArray[Any]]], NDArray[np.bool_]]
    ) -> None:
        is_data = ~np.isin(self.columns[SAMPLE], sorted(simulated))
        data = {name: column[is_data] for name, column in self.columns.items()}
        verdict = np.asarray(hidden(data))
        samples = data[SAMPLE]
        if verdict.shape != samples.shape or verdict.dtype != np.bool_:
            msg = f"the check for hidden rows answered {verdict.dtype}{verdict.shape} for {samples.shape} data rows"
            raise BlindingError(msg)
        if verdict.any():
            names = ", ".join(sorted(set(samples[verdict].tolist())))
            msg = f"{int(verdict.sum())} rows of sample {names} lie in a hidden region: nothing was written"
            raise BlindingError(msg)


def _require_possible(metadata: pq.FileMetaData, file: Path | BinaryIO) -> None:
    """Refuse more rows than a file of its size can mean: one number a column, repeated, takes no room."""
    size = file.stat().st_size if isinstance(file, os.PathLike) else file.seek(0, io.SEEK_END)
    numbers, limit = metadata.num_rows * metadata.num_columns, unpacked_limit(size) // np.dtype(np.float64).itemsize
    if numbers > limit:
        msg = f"its {size} bytes stand for {numbers} numbers, more than the {limit} allowed"
        raise ValueError(msg)


def _check(columns: Mapping[str, NDArray[Any]]) -> None:
    absent = [name for name in KEYS if name not in columns]
    if absent:
        msg = f"a skim needs the columns {', '.join(KEYS)}; missing: {', '.join(absent)}"
        raise ValueError(msg)
    for name, column in columns.items():
        if column.ndim != 1 or column.dtype.kind not in _PRIMITIVES:
            msg = f"column '{name}' is {column.dtype}{column.shape}: a skim takes one primitive a row"
            raise ValueError(msg)
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        msg = f"columns of a skim have one length; these have {lengths}"
        raise ValueError(msg)
    for name in KEYS:
        if columns[name].dtype.kind not in (_TEXT if name == SAMPLE else _WHOLE):
            msg = f"column '{name}' is {columns[name].dtype}: '{SAMPLE}' must be text, the other keys whole numbers"
            raise ValueError(msg)


def _kinds(columns: Mapping[str, NDArray[Any]]) -> dict[str, str]:
    """Types of columns; texts of any length are one type."""
    return {name: _TEXT if c.dtype.kind == _TEXT else c.dtype.str for name, c in columns.items()}


def _stored_type(column: NDArray[Any]) -> Any:  # noqa: ANN401 - pyarrow is untyped

    return pa.string() if column.dtype.kind == _TEXT else pa.from_numpy_dtype(column.dtype)


def _array(column: Any) -> NDArray[Any]:  # noqa: ANN401 - pyarrow is untyped

    if column.type == pa.string():
        return np.asarray(column.to_pylist(), dtype=np.str_)
    return np.asarray(column.to_numpy())
