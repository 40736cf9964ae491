"""What is done and what is not: one file per unit, in folders that any number of runs may share."""

from __future__ import annotations

import io
import os
import secrets
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.errors import MergeError
from na62dump.runner.atomic import write_atomically
from na62dump.runner.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from na62dump.datasets import WorkUnit

DAMAGED = ".damaged"
"""Ending that a result gets when it is set aside."""

_RESULT = ".zip"
_FAILURE = ".json"
_DIGITS = 16


def check_zip(content: bytes) -> None:
    """Accept a zip whose members all have the checksums they declare.

    Parameters
    ----------
    content : bytes
        A stored result.

    Raises
    ------
    zipfile.BadZipFile
        If it is none.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        bad = archive.testzip()
    if bad is not None:
        msg = f"member {bad} is damaged"
        raise zipfile.BadZipFile(msg)


@dataclass(frozen=True)
class Ledger:
    """Results and failures of one run, as files.

    Each result carries its fingerprint and the name of its unit, so that a file put in the wrong place is noticed.

    Attributes
    ----------
    folder : Path
        Output folder of the run; made when needed.
    fingerprint : str
        Run digest: results made under another one are never looked at.
    check : callable
        Takes the bytes of a result and raises anything if they are no good.
    """

    folder: Path
    fingerprint: str
    check: Callable[[bytes], object] = check_zip

    @property
    def results(self) -> Path:
        """Folder of the results."""
        return self.folder / "results" / self.fingerprint[:_DIGITS]

    @property
    def _failures(self) -> Path:
        return self.folder / "failures" / self.fingerprint[:_DIGITS]

    def result_path(self, unit: WorkUnit) -> Path:
        """Where the result of a unit is, or will be."""
        return self.results / f"{unit.name}{_RESULT}"

    def names(self) -> set[str]:
        """Names of all units that have a result here, unread."""
        return _stems(self.results, _RESULT)

    def failed_names(self) -> set[str]:
        """Names of all units that have a failure here, unread."""
        return _stems(self._failures, _FAILURE)

    def missing(self, units: Iterable[WorkUnit]) -> list[WorkUnit]:
        """Those of some units that have no sound result; damaged results are set aside.

        Parameters
        ----------
        units : iterable of WorkUnit
            In any order.

        Returns
        -------
        list of WorkUnit
            In the same order.
        """
        present = self.names()
        return [unit for unit in units if unit.name not in present or not self._sound(unit)]

    def done(self, units: Iterable[WorkUnit]) -> list[WorkUnit]:
        """Those of some units that have a sound result; damaged results are set aside.

        Parameters
        ----------
        units : iterable of WorkUnit
            In any order.

        Returns
        -------
        list of WorkUnit
            In the same order.
        """
        wanted = list(units)
        missing = {unit.name for unit in self.missing(wanted)}
        return [unit for unit in wanted if unit.name not in missing]

    def store(self, unit: WorkUnit, result: bytes) -> None:
        """Keep the result of a unit, in one step, and forget an earlier failure.

        Parameters
        ----------
        unit : WorkUnit
            What was worked on.
        result : bytes
            A zip archive.

        Raises
        ------
        OSError
            If it cannot be written; nothing is changed then.
        zipfile.BadZipFile
            If it is no zip archive.
        """
        self.results.mkdir(parents=True, exist_ok=True)
        write_atomically(self.result_path(unit), self._labelled(unit, result))
        self.clear_failure(unit)

    def read(self, unit: WorkUnit) -> bytes:
        """Bytes of the result of a unit.

        Parameters
        ----------
        unit : WorkUnit
            Which.

        Returns
        -------
        bytes
            A zip archive; not checked beyond its label.

        Raises
        ------
        MergeError
            If the file was made for another unit or under another fingerprint, or is no archive.
        FileNotFoundError
            If there is none.
        """
        path = self.result_path(unit)
        content = path.read_bytes()
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                label = archive.comment
        except zipfile.BadZipFile as error:
            msg = f"{path} is damaged ({error}); run again, and this unit is computed anew"
            raise MergeError(msg) from error
        if label != self._label(unit):
            msg = f"{path} was made for '{label.decode(errors='replace')}', not for '{self._label(unit).decode()}'"
            raise MergeError(msg)
        return content

    def record_failure(self, unit: WorkUnit, failure: Failure) -> None:
        """Keep why a unit has no result.

        Parameters
        ----------
        unit : WorkUnit
            Which.
        failure : Failure
            Why.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._failures.mkdir(parents=True, exist_ok=True)
        write_atomically(self._failure_path(unit), failure.model_dump_json(indent=1).encode())

    def clear_failure(self, unit: WorkUnit) -> None:
        """Forget an earlier failure, if there is one."""
        self._failure_path(unit).unlink(missing_ok=True)

    def failures(self, units: Iterable[WorkUnit]) -> list[Failure]:
        """Failures on record for some units.

        Parameters
        ----------
        units : iterable of WorkUnit
            In any order.

        Returns
        -------
        list of Failure
            In the same order.
        """
        present = self.failed_names()
        paths = [self._failure_path(unit) for unit in units if unit.name in present]
        return [Failure.model_validate_json(text) for path in paths if (text := _text(path))]

    def _failure_path(self, unit: WorkUnit) -> Path:
        return self._failures / f"{unit.name}{_FAILURE}"

    def _label(self, unit: WorkUnit) -> bytes:
        return f"{self.fingerprint} {unit.name}".encode()

    def _labelled(self, unit: WorkUnit, result: bytes) -> bytes:
        buffer = io.BytesIO(result)
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.comment = self._label(unit)
        return buffer.getvalue()

    def _sound(self, unit: WorkUnit) -> bool:
        if self._passes(self.result_path(unit)):
            return True
        return self._set_aside(unit)

    def _passes(self, path: Path) -> bool:
        try:
            self.check(path.read_bytes())
        except Exception:  # noqa: BLE001 - whatever a check makes of a damaged file, the file is damaged
            return False
        return True

    def _set_aside(self, unit: WorkUnit) -> bool:
        """Move a damaged result out of the way; True if another run had replaced it by a sound one meanwhile."""
        path = self.result_path(unit)
        aside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(2)}{DAMAGED}")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        if self._passes(aside):
            aside.replace(path)
            return True
        return False


def _stems(folder: Path, suffix: str) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except FileNotFoundError:
        return set()
    return {name.removesuffix(suffix) for name in names if name.endswith(suffix) and not name.startswith(".")}


def _text(path: Path) -> str:
    """Text of a record; empty if another run has just cleared it."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
