"""Ctrl-C is told by the process that was started, not by its workers."""

from __future__ import annotations

import signal


def leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl-C, which a terminal sends to all processes: the parent ends its workers, and only it tells."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def dask_setup(_worker: object) -> None:
    """The same for a worker of dask, which calls what a module of this name has ("preload")."""
    leave_interrupts_to_the_parent()
