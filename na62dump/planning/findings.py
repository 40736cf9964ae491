"""What was found in each file, kept as planning goes, so that no file is opened twice for nothing."""

from __future__ import annotations

import contextlib
import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.datasets import pack_files, unpack_files
from na62dump.runner import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from na62dump.datasets import FileRecord

_SUFFIX = ".parquet"

WRITE_SECONDS = 5.0
"""Least time between two writings, s: what a kill can cost."""


@dataclass(frozen=True, slots=True)
class Key:
    """A file as it was, and what was asked of it.

    Attributes
    ----------
    path : str
        Absolute path, or address.
    stamp : str
        What changes when the file does; a file without one is always opened.
    asked : str
        Digest of what was asked of it.
    """

    path: str
    stamp: str
    asked: str


class Findings:
    """Usable files that have been opened, in a folder; what is damaged there is opened again.

    Parameters
    ----------
    folder : Path or None
        Where they are kept; None keeps nothing.
    fresh : bool
        Whether to forget what is kept there.
    """

    def __init__(self, folder: Path | None, *, fresh: bool = False) -> None:
        self._folder = folder
        self._new: dict[Key, FileRecord] = {}
        self._written = time.monotonic()
        self._known: dict[Key, FileRecord] = {}
        for path in [] if fresh else self._pieces():
            self._known |= _read(path)

    def get(self, key: Key) -> FileRecord | None:
        """What was found, if it was; never for a file without a stamp."""
        return self._known.get(key) if key.stamp else None

    def add(self, key: Key, record: FileRecord) -> None:
        """Keep what was found in a file that has a stamp; it is written some seconds later, or by `write`."""
        if self._folder is None or not key.stamp:
            return
        self._known[key] = self._new[key] = record
        if time.monotonic() - self._written > WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        """Write what has not been written, if the disk allows it: without it, files are opened once more."""
        with contextlib.suppress(OSError):
            self._write(self._new)
        self._new = {}
        self._written = time.monotonic()

    def tidy(self, keys: Iterable[Key]) -> None:
        """Keep no more than some, in one file."""
        before = self._pieces()
        with contextlib.suppress(OSError):
            here = self._write({key: self._known[key] for key in keys if key in self._known})
            for path in before:
                if path != here:
                    path.unlink(missing_ok=True)

    def _write(self, some: Mapping[Key, FileRecord]) -> Path | None:
        if self._folder is None or not some:
            return None
        also = {"stamp": [key.stamp for key in some], "asked": [key.asked for key in some]}
        content = pack_files(list(some.values()), also)
        path = self._folder / f"{hashlib.sha256(content).hexdigest()}{_SUFFIX}"
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        return path

    def _pieces(self) -> list[Path]:
        return [] if self._folder is None else sorted(self._folder.glob(f"*{_SUFFIX}"))


def _read(path: Path) -> dict[Key, FileRecord]:
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    if f"{hashlib.sha256(content).hexdigest()}{_SUFFIX}" != path.name:
        return {}
    try:
        files, also = unpack_files(content)
        keys = [Key(f.path, stamp, asked) for f, stamp, asked in zip(files, also["stamp"], also["asked"], strict=True)]
    except (ValueError, LookupError):
        # of another version
        return {}
    return dict(zip(keys, files, strict=True))
