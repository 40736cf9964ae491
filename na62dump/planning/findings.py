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
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from na62dump.datasets import FileRecord

_SUFFIX = ".parquet"

_BEGUN = "begun"

WRITE_SECONDS = 5.0
"""Least time between two writings, s: what a kill can cost."""


@dataclass(frozen=True, slots=True)
class Key:
    """A file, and what was asked of it.

    Attributes
    ----------
    path : str
        Absolute path, or address.
    asked : str
        Digest of what was asked of it.
    """

    path: str
    asked: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found in a file.

    Attributes
    ----------
    stamp : str
        What changes when the file does.
    record : FileRecord
        What was found.
    """

    stamp: str
    record: FileRecord


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
        self._new: dict[Key, Kept] = {}
        self._written = time.monotonic()
        self._known: dict[Key, Kept] = {}
        for path in [] if fresh else self._pieces():
            self._known |= _read(path)

    @property
    def keeps(self) -> bool:
        """Whether what is found is kept."""
        return self._folder is not None

    def get(self, key: Key) -> Kept | None:
        """What was found, if it was; of use only if the stamp of the file is still the same."""
        return self._known.get(key)

    def add(self, key: Key, found: Kept) -> None:
        """Keep what was found in a file that has a stamp; it is written some seconds later, or by `write`."""
        if self._folder is None or not found.stamp or self._known.get(key) == found:
            return
        self._known[key] = self._new[key] = found
        if time.monotonic() - self._written > WRITE_SECONDS:
            self.write()

    @contextlib.contextmanager
    def marked(self) -> Iterator[bool]:
        """Leave a mark while files are opened; gives whether no mark was there, left by a process that was killed."""
        mark = None if self._folder is None else self._folder / _BEGUN
        ended = mark is None or not mark.exists()
        if mark is not None:
            with contextlib.suppress(OSError):
                mark.parent.mkdir(parents=True, exist_ok=True)
                mark.touch()
        try:
            yield ended
        finally:
            if mark is not None:
                with contextlib.suppress(OSError):
                    mark.unlink(missing_ok=True)

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

    def _write(self, some: Mapping[Key, Kept]) -> Path | None:
        if self._folder is None or not some:
            return None
        also = {"stamp": [found.stamp for found in some.values()], "asked": [key.asked for key in some]}
        content = pack_files([found.record for found in some.values()], also)
        path = self._folder / f"{hashlib.sha256(content).hexdigest()}{_SUFFIX}"
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        return path

    def _pieces(self) -> list[Path]:
        return [] if self._folder is None else sorted(self._folder.glob(f"*{_SUFFIX}"))


def _read(path: Path) -> dict[Key, Kept]:
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    if f"{hashlib.sha256(content).hexdigest()}{_SUFFIX}" != path.name:
        return {}
    try:
        files, also = unpack_files(content)
        rows = zip(files, also["stamp"], also["asked"], strict=True)
        return {Key(file.path, asked): Kept(stamp, file) for file, stamp, asked in rows}
    except (ValueError, LookupError):
        # of another version
        return {}
