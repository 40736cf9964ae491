"""What is done and what is not: one file per unit, in folders that any number of runs may share."""

from __future__ import annotations

import contextlib
import os
import secrets
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from na62dump.errors import MergeError
from na62dump.runner.atomic import write_atomically
from na62dump.runner.failures import Failure
from na62dump.runner.seals import label_of, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from na62dump.datasets import WorkUnit

DAMAGED = ".damaged"
"""Ending that a result gets when it is set aside."""

_RESULT = ".zip"
_FAILURE = ".json"
_DIGITS = 16


@dataclass(frozen=True)
class Ledger:
    """Results and failures of one run, as files.

    Each result carries its fingerprint, the name of its unit and a digest: a file in the wrong place, or with a bit
    changed, is noticed.

    Attributes
    ----------
    folder : Path
        Output folder of the run; made when needed.
    fingerprint : str
        Run digest: results made under another one are never looked at.
    check : callable
        Takes the bytes of a result whose digest is right, and raises anything if they are no good all the same.
    """

    folder: Path
    fingerprint: str
    check: Callable[[bytes], object] = len

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
        return [unit for unit in units if unit.name not in present or not self.has(unit)]

    def has(self, unit: WorkUnit) -> bool:
        """Whether a unit has a sound result; a damaged one is set aside.

        Parameters
        ----------
        unit : WorkUnit
            Which.

        Returns
        -------
        bool
            False if it is to be computed.
        """
        path = self.result_path(unit)
        return path.exists() and (self._passes(path, unit) or self._set_aside(path, unit))

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
        write_atomically(self.result_path(unit), seal(result, label=self._label(unit)))
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
            A zip archive, as it was stored.

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
            label = label_of(content)
        except zipfile.BadZipFile as error:
            msg = f"{path} is damaged ({error}); run again, and this unit is computed anew"
            raise MergeError(msg) from error
        if label != self._label(unit):
            msg = f"{path} was made for '{label}', not for '{self._label(unit)}'"
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
        """Forget an earlier failure, if there is one and the disk allows it: next to a result it counts for nothing."""
        with contextlib.suppress(OSError):
            self._failure_path(unit).unlink(missing_ok=True)

    def failures(self, units: Iterable[WorkUnit]) -> list[Failure]:
        """Failures on record for those of some units that have no result.

        Parameters
        ----------
        units : iterable of WorkUnit
            In any order.

        Returns
        -------
        list of Failure
            In the same order; a damaged record is a failure as well.
        """
        present = self.failed_names() - self.names()
        found = [self._failure(unit) for unit in units if unit.name in present]
        return [failure for failure in found if failure is not None]

    def _failure(self, unit: WorkUnit) -> Failure | None:
        """Record of one unit; None if another run has just cleared it."""
        try:
            return Failure.model_validate_json(self._failure_path(unit).read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            reason = "its record is damaged: run again"
            return Failure(unit=unit.name, path=unit.path, reason=reason, kind="disk", attempts=0)

    def _failure_path(self, unit: WorkUnit) -> Path:
        return self._failures / f"{unit.name}{_FAILURE}"

    def _label(self, unit: WorkUnit) -> str:
        return f"{self.fingerprint} {unit.name}"

    def _passes(self, path: Path, unit: WorkUnit) -> bool:
        try:
            content = path.read_bytes()
            self.check(content)
            return label_of(content) == self._label(unit)
        except Exception:  # noqa: BLE001 - whatever a check makes of a damaged file, the file is damaged
            return False

    def _set_aside(self, path: Path, unit: WorkUnit) -> bool:
        """Move a damaged result out of the way; True if another run had replaced it by a sound one meanwhile."""
        aside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(2)}{DAMAGED}")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        if self._passes(aside, unit):
            aside.replace(path)
            return True
        return False


def _stems(folder: Path, suffix: str) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {name.removesuffix(suffix) for name in names if name.endswith(suffix) and not name.startswith(".")}
