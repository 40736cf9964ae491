"""The result of one unit, of some, or of all: a zip of JSON, npy and Parquet, without a pickle."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from na62dump.configuration import Many, Settings
from na62dump.cutflow import Cutflow
from na62dump.datasets import Exposure
from na62dump.datasets.samples import Kind
from na62dump.errors import InputFileError, MergeError
from na62dump.histograms import Book
from na62dump.regions import Plane, hidden_points
from na62dump.results.counts import Counts
from na62dump.skims import Skim

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO


T = TypeVar("T", Counts, Cutflow)

PROVENANCE = "provenance.json"
"""The one member of a result file that says how it was made; all others are content."""

_LONGEST_REASON = 200
_NO_RESULT = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError),
)  # what the readers of zip, JSON, npy and Parquet raise on what is none

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: dates are no content


class SampleState(Settings):
    """What one sample was declared to be; ``simulated`` says what its files are."""

    kind: Kind
    label: str
    simulated: bool


class State(Settings):
    """Under which conditions a result was made; only results of equal state add up.

    Attributes
    ----------
    analysis : str
        Name of the analysis.
    digest, run_digest : str
        Analysis digest, and run digest.
    opened, hidden : tuple of str
        Hidden regions that were open, and those that were not.
    plane : Plane
        The regions.
    samples : mapping
        What each sample was declared to be.
    """

    analysis: str
    digest: str
    run_digest: str
    opened: Many[str]
    hidden: Many[str]
    plane: Plane
    samples: Mapping[str, SampleState]

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions, in order."""
        return self.plane.names


@dataclass(frozen=True)
class Result:
    """Counts, cutflows, histograms and surviving rows.

    Attributes
    ----------
    state : State
        Under which conditions.
    counts : mapping of str to Counts
        By sample.
    cutflow : mapping of str to Cutflow
        By sample.
    book : Book
        Histograms.
    skim : Skim
        Rows that met every requirement.
    exposure : mapping of str to Exposure
        Exposure of each sample, booked from the plan when all units are together; empty before.
    """

    state: State
    counts: Mapping[str, Counts]
    cutflow: Mapping[str, Cutflow]
    book: Book
    skim: Skim
    exposure: Mapping[str, Exposure] = field(default_factory=dict)

    def __add__(self, other: Result) -> Result:
        """Result of both inputs together.

        Raises
        ------
        MergeError
            If they were made under different conditions.
        """
        if self.state != other.state:
            raise MergeError(_difference(self.state, other.state))
        if self.exposure or other.exposure:
            msg = "merged results do not add up: their exposure is that of a whole plan; merge the units of one plan"
            raise MergeError(msg)
        return Result(
            self.state,
            _added(self.counts, other.counts, self.state.samples),
            _added(self.cutflow, other.cutflow, self.state.samples),
            self.book + other.book,
            self.skim + other.skim,
        )

    def dumps(self, provenance: Mapping[str, object]) -> bytes:
        """Bytes of a result file, unless a row in it ought to be hidden.

        Parameters
        ----------
        provenance : mapping
            How it was made; JSON only.

        Returns
        -------
        bytes
            A zip archive; equal content gives equal members.
        """
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            _write(archive, "state.json", self.state.model_dump(mode="json"))
            _write(archive, "counts.json", {name: counts.to_json() for name, counts in self.counts.items()})
            _write(archive, "cutflow.json", {name: flow.to_json() for name, flow in self.cutflow.items()})
            _write(archive, "exposure.json", {name: e.model_dump() for name, e in self.exposure.items()})
            _write(archive, PROVENANCE, dict(provenance))
            self.book.write(archive)
            rows = io.BytesIO()
            self.write_skim(rows, {})
            archive.writestr(zipfile.ZipInfo("skim.parquet", _DATE), rows.getvalue())
        return buffer.getvalue()

    def write_skim(self, file: BinaryIO, provenance: Mapping[str, object]) -> None:
        """Write the surviving rows as Parquet, unless one of them ought to be hidden.

        Parameters
        ----------
        file : binary file
            Open for writing.
        provenance : mapping
            How the rows were made; JSON only.

        Raises
        ------
        BlindingError
            If a data row is in a hidden region that is not open.
        """
        plane, opened = self.state.plane, frozenset(self.state.opened)
        self.skim.to_parquet(
            file,
            provenance,
            simulated=[name for name, sample in self.state.samples.items() if sample.kind == "simulation"],
            hidden=lambda data: hidden_points(plane, data[plane.columns[0]], y=data[plane.columns[1]], opened=opened),
        )

    @classmethod
    def loads(cls, content: bytes) -> Result:
        """Read what `dumps` gave."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            counts, flows, exposure = (json.loads(archive.read(f"{n}.json")) for n in ("counts", "cutflow", "exposure"))
            return cls(
                State.model_validate_json(archive.read("state.json")),
                {name: Counts.from_json(table) for name, table in counts.items()},
                {name: Cutflow.from_json(table) for name, table in flows.items()},
                Book.read(archive),
                Skim.from_parquet(io.BytesIO(archive.read("skim.parquet")))[0],
                {name: Exposure.model_validate(table) for name, table in exposure.items()},
            )

    @classmethod
    def load(cls, path: Path) -> Result:
        """Read a result file.

        Parameters
        ----------
        path : Path
            What ``na62dump merge`` wrote, or the result of one unit.

        Returns
        -------
        Result
            Its content.

        Raises
        ------
        InputFileError
            If there is no such file, or it is no result.
        """
        content = _content(path)
        try:
            result = cls.loads(content)
            zero = Counts.zero(len(result.state.regions))
            _ = [counts + zero for counts in result.counts.values()]  # numbers that add up, or an error
            _ = [flow + Cutflow.zero(flow.names) for flow in result.cutflow.values()]
        except _NO_RESULT as error:
            raise _no_result(path, error) from error
        return result


def read_provenance(path: Path) -> dict[str, Any]:
    """How a result file was made.

    Parameters
    ----------
    path : Path
        A result file.

    Returns
    -------
    dict
        What its provenance member holds.

    Raises
    ------
    InputFileError
        If there is no such file, or it is no result.
    """
    content = _content(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return dict(json.loads(archive.read(PROVENANCE)).items())
    except _NO_RESULT as error:
        raise _no_result(path, error) from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise InputFileError(msg) from error


def _no_result(path: Path, error: Exception) -> InputFileError:
    reason = " ".join(str(error).split())[:_LONGEST_REASON]
    return InputFileError(f"{path}: not a result of na62dump: {reason}; give a file that 'na62dump merge' wrote")


def content_digest(content: bytes) -> str:
    """Digest of what a result file holds, apart from how it was made.

    Parameters
    ----------
    content : bytes
        A result file.

    Returns
    -------
    str
        SHA-256 over the names and bytes of all members but the provenance.
    """
    digest = hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in sorted(set(archive.namelist()) - {PROVENANCE}):
            digest.update(name.encode() + hashlib.sha256(archive.read(name)).digest())
    return digest.hexdigest()


def _added(one: Mapping[str, T], other: Mapping[str, T], samples: Iterable[str]) -> dict[str, T]:
    """Sums by sample, in the order of the samples, for those that either has."""
    both = {name: [part[name] for part in (one, other) if name in part] for name in samples}
    return {name: parts[0] if len(parts) == 1 else parts[0] + parts[1] for name, parts in both.items() if parts}


def _write(archive: zipfile.ZipFile, name: str, tables: Mapping[str, object]) -> None:
    text = json.dumps(tables, indent=1, ensure_ascii=False)
    archive.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED)


def _difference(one: State, other: State) -> str:
    first, second = one.model_dump(), other.model_dump()
    key = next(key for key in first if first[key] != second[key])
    return f"results of different conditions do not add up: {key} is {first[key]!r} in one and {second[key]!r} in the other"
