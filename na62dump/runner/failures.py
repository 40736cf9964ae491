"""What went wrong with a unit, as a record."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from na62dump.configuration import Settings
from na62dump.errors import InputFileError, NA62DumpError

if TYPE_CHECKING:
    from na62dump.datasets import WorkUnit

Fault = Literal["input", "code", "disk", "crash", "memory", "time"]

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
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
        ``"input"`` (the file could not be read), ``"code"`` (an error of the analysis or the package), ``"disk"``
        (the output could not be written), ``"crash"`` (it ends its worker), ``"memory"`` or ``"time"`` (it needs more
        than its job was given).
    attempts : int
        How often it was tried.
    """

    unit: str
    path: str
    reason: str
    kind: Fault
    attempts: int

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
    if storing or error.errno in _DISK:
        return "disk"
    # a BlindingError is an OSError to its callers, but no second reading of the file will mend it
    own = isinstance(error, NA62DumpError) and not isinstance(error, InputFileError)
    return "code" if own else "input"


def _reason(error: BaseException) -> str:
    """Type, message and the line of code it came from, on one line."""
    text = " ".join(str(error).split()) or "no message"
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text[:_LONGEST_REASON]}{where}"
