"""Ctrl-C is told by the process that was started, not by its workers, however young they are."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDING = (signal.SIGINT, signal.SIGTERM)


def leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl-C, which a terminal sends to all processes: the parent ends its workers, and only it tells."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def dask_setup(_worker: object) -> None:
    """The same for a worker of dask, which calls what a module of this name has ("preload")."""
    leave_interrupts_to_the_parent()


@contextmanager
def held_back() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until workers are started: one that is half started is known to nobody.

    Workers begin with Ctrl-C blocked, so that it does not reach them while they import, and call
    `leave_interrupts_to_the_parent` then.

    Yields
    ------
    None
        Nothing.
    """
    # it lifts the block when it starts, so it starts before
    resource_tracker.ensure_running()
    held: list[int] = []
    handlers = {}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    try:
        if threading.current_thread() is threading.main_thread():
            # other threads do not block, and what they receive is handled in this one
            for number in _ENDING:
                handlers[number] = signal.signal(number, lambda received, _: held.append(received))
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for received in held:
            signal.raise_signal(received)
