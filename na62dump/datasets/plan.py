"""The frozen plan: what a run reads, as a small header beside tables of files and of units."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from na62dump.configuration import FileName, Many, Settings
from na62dump.datasets import columnar
from na62dump.datasets.bursts import Bursts, Exposure
from na62dump.datasets.samples import Kind
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from na62dump.datasets.records import FileRecord, WorkUnit

_NAME_DIGITS = 16
"""Digits of a table's digest that are in its name: what is being replaced stays whole until its header is."""

_Write = Callable[[Path, bytes], object]


class Rejected(Settings):
    """A file that was asked for and cannot be used, with the reason in one line."""

    sample: str
    path: str
    reason: str


class Declared(Settings):
    """What a sample was declared to be, and what it is called in figures."""

    kind: Kind
    label: str


class _Tables(Settings):
    """SHA-256 of the tables that belong to a header."""

    files: str
    units: str


class _Header(Settings):
    """What is not in the tables."""

    analysis: FileName
    digest: str
    home: str
    samples: Mapping[str, Declared]
    columns: Mapping[Kind, Many[str]]
    rejected: Many[Rejected]
    tables: _Tables


@dataclass(frozen=True)
class Plan:
    """All that a run reads, frozen.

    Attributes
    ----------
    analysis : str
        Name of the analysis.
    digest : str
        Analysis digest at planning time.
    home : str
        Folder that the analysis came from: the only place where the blinding record is looked for.
    samples : mapping of str to Declared
        By name, in the order in which samples are booked.
    columns : mapping of str to tuple of str
        Columns to read, by kind of sample.
    rejected : tuple of Rejected
        Files that were asked for and cannot be used: the run is not complete without them.
    files : tuple of FileRecord
        Inputs, in order of sample and path.
    units : tuple of WorkUnit
        Work, in order of files and events.
    """

    analysis: str
    digest: str
    home: str
    samples: Mapping[str, Declared]
    columns: Mapping[Kind, tuple[str, ...]]
    rejected: tuple[Rejected, ...]
    files: tuple[FileRecord, ...]
    units: tuple[WorkUnit, ...]

    @cached_property
    def by_uuid(self) -> Mapping[str, FileRecord]:
        """Files by the identity that they carry."""
        return {file.uuid: file for file in self.files}

    @cached_property
    def by_name(self) -> Mapping[str, WorkUnit]:
        """Units by their names."""
        return {unit.name: unit for unit in self.units}

    @cached_property
    def simulated(self) -> frozenset[str]:
        """Names of the samples of which a file says that a simulation made it."""
        return frozenset(file.sample for file in self.files if file.simulated)

    def bursts(self, sample: str) -> Bursts:
        """Bursts of all files of one sample, good or not."""
        return Bursts.joined(file.bursts for file in self.files if file.sample == sample)

    def exposure(self, sample: str) -> Exposure:
        """Exposure of one sample, from the good bursts of its files.

        Parameters
        ----------
        sample : str
            Its name.

        Returns
        -------
        Exposure
            Protons on target and spill time (ns).
        """
        return Exposure.of(self.bursts(sample))

    def good_bursts(self, sample: str) -> frozenset[tuple[int, int]]:
        """Run and burst numbers of the good bursts of one sample."""
        return self.bursts(sample).good()

    def durations(self, sample: str) -> dict[tuple[int, int], float]:
        """Durations (ns) of the good bursts of one sample by run and burst number."""
        return self.bursts(sample).durations()

    def save(self, path: Path, *, write: _Write = Path.write_bytes) -> None:
        """Write a header, and tables beside it; an earlier plan there is whole until its header is replaced.

        Only tables of the header that was there are removed: others may be of a plan that is being written by somebody.

        Parameters
        ----------
        path : Path
            Where the header goes.
        write : callable
            Writes bytes to a path.

        Raises
        ------
        KeyError
            If a unit is of no file of the plan.
        OSError
            If it cannot be written.
        """
        packed = {"files": columnar.pack_files(self.files), "units": columnar.pack_units(self.units, self.files)}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in packed.items()}
        header = _Header(
            analysis=self.analysis,
            digest=self.digest,
            home=self.home,
            samples=self.samples,
            columns=self.columns,
            rejected=self.rejected,
            tables=_Tables(**digests),
        )
        places = {name: _place(path, name, digests[name]) for name in packed}
        before = _named(path)
        for name, content in packed.items():
            write(places[name], content)
        write(path, header.model_dump_json(indent=1).encode())
        for old in before.difference(places.values(), _named(path)):
            old.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Read what `save` wrote.

        Parameters
        ----------
        path : Path
            The header.

        Returns
        -------
        Plan
            As it was.

        Raises
        ------
        OSError
            If the header cannot be read.
        ConfigurationError
            If it is none of this version of the package, or a table beside it is not the one it was saved with.
        """
        return cls.identified(path)[0]

    @classmethod
    def identified(cls, path: Path) -> tuple[Plan, str]:
        """Read what `save` wrote, also while somebody replaces it; see `load`.

        Parameters
        ----------
        path : Path
            The header.

        Returns
        -------
        Plan, str
            As it was, and the digest of its header, which holds those of its tables.

        Raises
        ------
        OSError
            If the header cannot be read.
        ConfigurationError
            If it is none of this version of the package, or a table beside it is not the one it was saved with.
        """
        header = path.read_bytes()
        try:
            found = cls._of_header(header, path)
        except ConfigurationError:
            # its tables go when another plan takes its place
            before, header = header, path.read_bytes()
            if header == before:
                raise
            found = cls._of_header(header, path)
        return found, hashlib.sha256(header).hexdigest()

    @classmethod
    def _of_header(cls, content: bytes, path: Path) -> Plan:
        try:
            header = _Header.model_validate_json(content)
            with _no_collections():
                files, _ = columnar.unpack_files(_table(path, "files", header.tables.files))
                units = columnar.unpack_units(_table(path, "units", header.tables.units), files)
        except ConfigurationError:
            raise
        except (ValueError, LookupError) as error:
            msg = f"{path}: not a plan of this version of na62dump; {_again(path)}"
            raise ConfigurationError(msg) from error
        known = {name: getattr(header, name) for name in _Header.model_fields if name != "tables"}
        return cls(**known, files=tuple(files), units=tuple(units))


@contextmanager
def _no_collections() -> Iterator[None]:
    """Spare Python its looks for garbage at all objects there are, while very many are made and none is thrown away."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _place(path: Path, name: str, digest: str) -> Path:
    return path.with_name(f"{path.stem}-{name}-{digest[:_NAME_DIGITS]}.parquet")


def _named(path: Path) -> set[Path]:
    """Tables that a header names; none if there is no header that can be read."""
    try:
        tables = _Header.model_validate_json(path.read_bytes()).tables
    except (OSError, ValueError):
        return set()
    return {_place(path, name, digest) for name, digest in tables}


def _again(path: Path) -> str:
    return f"plan again: remove the folder {path.parent} first, or give another one with -o"


def _table(path: Path, name: str, digest: str) -> bytes:
    place = _place(path, name, digest)
    try:
        content = place.read_bytes()
    except OSError as error:
        msg = f"{path}: its table {place.name} cannot be read ({error.strerror}); copy it beside the plan, or {_again(path)}"
        raise ConfigurationError(msg) from error
    if hashlib.sha256(content).hexdigest() != digest:
        msg = f"{path}: its table {place.name} was changed after it was written; {_again(path)}"
        raise ConfigurationError(msg)
    return content
