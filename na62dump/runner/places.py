"""Where a run keeps what: results by shard, failures, marks of units that are being worked on, logs."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from na62dump.runner.seals import tail_label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from na62dump.datasets import WorkUnit

RESULT = ".zip"
RECORD = ".json"
LOG = ".log"

_DIGITS = 16


@dataclass(frozen=True)
class Places:
    """Folders and files of one run under one fingerprint.

    Attributes
    ----------
    folder : Path
        Output folder of the run.
    fingerprint : str
        Run digest.
    """

    folder: Path
    fingerprint: str

    @property
    def results(self) -> Path:
        """Folder of the results."""
        return self._below("results")

    def result(self, unit: WorkUnit) -> Path:
        """Where the result of a unit is as long as its shard is not sealed."""
        return self.single(unit.shard, unit.name)

    def single(self, shard: int, name: str) -> Path:
        """Where the result of a unit of a given name is as long as its shard is not sealed."""
        return self.results / _number(shard) / f"{name}{RESULT}"

    def single_names_of(self, shard: int) -> list[str]:
        """Names, in order, of the units of a shard that have a result of their own, unread."""
        return sorted(map(_stem, _files(self.results / _number(shard), RESULT)))

    def shard(self, unit: WorkUnit) -> Path:
        """Where the sum over the shard of a unit is, once all its units are done."""
        return self.results / f"{_number(unit.shard)}-{unit.shard_key}{RESULT}"

    def file_with(self, name: str) -> Path:
        """File that holds the result of a unit of a given name, whatever plan it is of; the folder, if there is none."""
        single = (folder / f"{name}{RESULT}" for folder in self._entries(folders=True))
        sealed = (path for path, members in self._sealed(()) if name in members)
        return next((path for path in chain(single, sealed) if path.exists()), self.results)

    def failure(self, unit: WorkUnit) -> Path:
        """Where a unit's failure is on record."""
        return self._below("failures") / f"{unit.name}{RECORD}"

    def mark(self, unit: WorkUnit) -> Path:
        """Where it says that a unit is being worked on."""
        return self._below("working") / f"{unit.name}{RECORD}"

    def log(self, unit: WorkUnit) -> Path:
        """Log of a unit, until its shard is sealed."""
        return self.logs_of(unit.shard) / f"{unit.name}{LOG}"

    def logs_of(self, shard: int) -> Path:
        """Folder of the logs of a shard's units."""
        return self._below("logs") / _number(shard)

    def joined_log(self, shard: int) -> Path:
        """Log of all units of a sealed shard."""
        return self._below("logs") / f"{_number(shard)}{LOG}"

    def open_shards(self) -> set[int]:
        """Numbers of the shards of which units have results of their own."""
        return {int(folder.name) for folder in self._entries(folders=True) if folder.name.isdecimal()}

    def single_names(self) -> set[str]:
        """Names of the units that have a result of their own, unread."""
        return {_stem(name) for folder in self._entries(folders=True) for name in _files(folder, RESULT)}

    def sealed_names(self, *, known: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
        """Names of the units in each sealed shard, by the name of the shard, from the labels alone; not of known ones."""
        return {_stem(path.name): tuple(members) for path, members in self._sealed(known)}

    def failed_names(self) -> set[str]:
        """Names of the units that have a failure on record, unread."""
        return {_stem(name) for name in _files(self._below("failures"), RECORD)}

    def marked_names(self) -> set[str]:
        """Names of the units that somebody has begun and not ended."""
        return {_stem(name) for name in _files(self._below("working"), RECORD)}

    def _below(self, kind: str) -> Path:
        return self.folder / kind / self.fingerprint[:_DIGITS]

    def _entries(self, *, folders: bool) -> Iterator[Path]:
        try:
            with os.scandir(self.results) as entries:
                found = sorted(entry.name for entry in entries if entry.is_dir() == folders)
        except (FileNotFoundError, NotADirectoryError):
            return
        yield from (self.results / name for name in found if not name.startswith("."))

    def _sealed(self, known: Collection[str]) -> Iterator[tuple[Path, list[str]]]:
        for path in self._entries(folders=False):
            if path.suffix == RESULT and path.stem not in known:
                try:
                    fingerprint, *members = tail_label(path).split()
                except (OSError, ValueError, zipfile.BadZipFile):
                    continue
                if fingerprint == self.fingerprint:
                    yield path, members


def label(fingerprint: str, names: Iterable[str]) -> str:
    """What the seal of a result says: under which conditions it was made, and of which units."""
    return " ".join([fingerprint, *names])


def _number(shard: int) -> str:
    return f"{shard:06d}"


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _files(folder: Path, suffix: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [name for name in names if name.endswith(suffix) and not name.startswith(".")]
