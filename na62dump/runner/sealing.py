"""Result files: each says under which conditions it was made, and of which units, and notices any change."""

from __future__ import annotations

import os
import secrets
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.errors import MergeError
from na62dump.runner.atomic import write_atomically
from na62dump.runner.places import label
from na62dump.runner.seals import label_of, seal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAMAGED = ".damaged"
"""Ending that a result gets when it is set aside."""

_SHOWN = 120
"""Characters of a label in a message."""


@dataclass(frozen=True)
class Sealing:
    """Writing and reading result files of one fingerprint.

    Attributes
    ----------
    fingerprint : str
        Run digest.
    """

    fingerprint: str

    def write(self, path: Path, result: bytes, *, names: Sequence[str]) -> None:
        """Write the result of some units in one step; `OSError` if that fails, and nothing is changed then."""
        sealed = seal(result, label=label(self.fingerprint, names))
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_atomically(path, sealed)
        except FileNotFoundError:
            # another run has sealed the shard and removed its folder meanwhile
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, sealed)

    def read(self, path: Path, *, names: Sequence[str]) -> bytes:
        """Bytes of the result of some units; `MergeError` if it is none of them, `FileNotFoundError` if there is none."""
        content = path.read_bytes()
        try:
            found = label_of(content)
        except zipfile.BadZipFile as error:
            msg = f"{path} is damaged ({error}); run again, and it is computed anew"
            raise MergeError(msg) from error
        if found != (wanted := label(self.fingerprint, names)):
            msg = f"{path} was made for '{found[:_SHOWN]}', not for '{wanted[:_SHOWN]}'; remove it and run again"
            raise MergeError(msg)
        return content

    def members(self, path: Path, *, only: str | None = None) -> frozenset[str]:
        """Names of the units that a file holds; none if it is not there, or was no good and is set aside.

        Parameters
        ----------
        path : Path
            The file.
        only : str, optional
            The one unit it is allowed to hold.

        Returns
        -------
        frozenset of str
            Names of units.

        Raises
        ------
        OSError
            If it cannot be read now: it stays where it is.
        """
        if not path.exists():
            return frozenset()
        return self._members(path, only) or self._set_aside(path, only)

    def _members(self, path: Path, only: str | None) -> frozenset[str]:
        try:
            fingerprint, *names = label_of(path.read_bytes()).split()
        except (FileNotFoundError, IsADirectoryError, ValueError, zipfile.BadZipFile):
            # any other OSError says nothing of the file, and goes on to the caller
            return frozenset()
        fits = fingerprint == self.fingerprint and (only is None or names == [only])
        return frozenset(names) if fits else frozenset()

    def _set_aside(self, path: Path, only: str | None) -> frozenset[str]:
        """Move a damaged file away; what is in it if another run had replaced it by a sound one meanwhile."""
        aside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(2)}{DAMAGED}")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return frozenset()
        found = self._members(aside, only)
        if found:
            aside.replace(path)
        return found
