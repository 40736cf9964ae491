"""Who holds a file: its host and process, as JSON, so that what a dead process holds is known."""

from __future__ import annotations

import json
import os
import platform
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


MOST_PROCESS = 2**22
"""Highest number of a process, pure number [proc_sys_kernel(5), pid_max]; 0 and below stand for groups of them."""


class Holder(NamedTuple):
    """A process.

    Attributes
    ----------
    host : str
        Name of its machine.
    process : int
        Its number there.
    """

    host: str
    process: int

    @property
    def is_here(self) -> bool:
        """Whether it is, or was, a process of this machine."""
        return self.host == platform.node()

    @property
    def is_gone(self) -> bool:
        """Whether it is no more, as far as this machine knows: of another one it knows nothing."""
        if not self.is_here:
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False


def note(**more: str) -> str:
    """Text by which this process holds a file, and what else it says."""
    return json.dumps(Holder(platform.node(), os.getpid())._asdict() | more)


def holder(path: Path) -> Holder | None:
    """Who holds a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Holder or None
        None if there is no such file, or it does not say.
    """
    try:
        return told_by(path.read_bytes())
    except OSError:
        return None


def told_by(content: bytes) -> Holder | None:
    """Who holds a file with this content; None if it does not say."""
    try:
        told = json.loads(content)
        found = Holder(str(told["host"]), int(told["process"]))
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    return found if 0 < found.process <= MOST_PROCESS else None
