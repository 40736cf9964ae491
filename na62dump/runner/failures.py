"""What went wrong with a unit, as a record."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from na62dump.configuration import Settings
from na62dump.errors import InputFileError

if TYPE_CHECKING:
    from na62dump.datasets import WorkUnit

Fault = Literal["input", "code", "disk", "crash", "memory", "time"]

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_LONGEST_REASON = 500


class Failure(Settings):
    """Why one unit has no result.

    Attributes
    ----------
    unit : str
        Name of the unit.
    path : str
        File it reads.
    reason : str
        One line.
    kind : str
        ``"input"`` (the unit's file could not be read), ``"code"`` (an error of the analysis or the package, also with
        files of its own), ``"disk"`` (the output could not be written), ``"crash"`` (it ends its worker), ``"memory"``
        or ``"time"`` (it needs more than its job was given).
    attempts : int
        How often it was tried.
    """

    unit: str
    path: str
    reason: str
    kind: Fault
    attempts: int

    @classmethod
    def read(cls, path: Path, unit: WorkUnit) -> Failure:
        """Read a record.

        Parameters
        ----------
        path : Path
            The file.
        unit : WorkUnit
            The unit that it is about.

        Returns
        -------
        Failure
            Of kind ``"disk"`` if the file is damaged, or is about another unit.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        content = path.read_bytes()
        try:
            found = cls.model_validate_json(content)
        except ValidationError:
            found = None
        if found is not None and (found.unit, found.path) == (unit.name, unit.path):
            return found
        return cls(unit=unit.name, path=unit.path, reason="its record is damaged: run again", kind="disk", attempts=0)

    @classmethod
    def of(cls, unit: WorkUnit, error: BaseException, *, attempts: int, storing: bool) -> Failure:
        """Record of an error.

        Parameters
        ----------
        unit : WorkUnit
            Which work failed.
        error : BaseException
            What it raised.
        attempts : int
            How often it was tried.
        storing : bool
            Whether it was raised by looking for or storing the result, not by the work.

        Returns
        -------
        Failure
            Ready to be stored.
        """
        kind = fault(error, storing=storing)
        return cls(unit=unit.name, path=unit.path, reason=_reason(error), kind=kind, attempts=attempts)


def fault(error: BaseException, *, storing: bool) -> Fault:
    """Whose fault an error is.

    Only what reading of the package itself gave up (`InputFileError`) is the input's: a selection that misses a file of
    its own is not mended by waiting.

    Parameters
    ----------
    error : BaseException
        What was raised.
    storing : bool
        Whether it was raised by looking for or storing the result, not by the work.

    Returns
    -------
    str
        ``"input"``, ``"code"``, ``"memory"`` or ``"disk"``.
    """
    if isinstance(error, MemoryError):
        return "memory"
    if not isinstance(error, OSError):
        return "code"
    number = _number(error)
    if number == errno.ENOMEM:
        return "memory"
    if number in _FILES:
        return "code"
    if storing or error.errno in _DISK:
        return "disk"
    return "input" if isinstance(error, InputFileError) else "code"


def _number(error: BaseException) -> int | None:
    """Number of an error of the system, also of one that reading has put into words."""
    for one in (error, error.__cause__):
        if isinstance(one, OSError) and one.errno is not None:
            return one.errno
    return None


def _reason(error: BaseException) -> str:
    """Type, message and the line of code it came from, on one line."""
    text = " ".join(str(error).split()) or "no message"
    if _number(error) in _FILES:
        text = f"too many files are open at once: close those that a selection opens, or raise 'ulimit -n'; {text}"
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text[:_LONGEST_REASON]}{where}"
