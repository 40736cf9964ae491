"""Ctrl-C, and the signal by which batch systems end a job."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM stop the body as Ctrl-C does, in order; the second of them ends the process at once.

    Yields
    ------
    None
        Nothing.
    """

    def stop(*_: object) -> NoReturn:
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
