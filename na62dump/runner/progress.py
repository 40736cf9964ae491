"""How far a run is, read from its ledger, and so the same for every engine."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.ledger import Ledger

PAUSE_SECONDS = 0.2
"""Least pause between two looks at the ledger, s."""

PAUSE_PER_LOOK = 10.0
"""Pause in units of the time that a look takes: looking costs at most a tenth of one core."""


@contextmanager
def watching(units: Sequence[WorkUnit], ledger: Ledger, *, on_progress: Callable[[int], object]) -> Iterator[None]:
    """Report while the body runs, and once more when it ends.

    Parameters
    ----------
    units : sequence of WorkUnit
        What is being run.
    ledger : Ledger
        Where results and failures appear.
    on_progress : callable
        Gets the number of units that have a result or a failure; called from another thread until the end.

    Yields
    ------
    None
        Nothing.
    """
    names = {unit.name for unit in units}
    stop = threading.Event()

    def look() -> None:
        # a disk that is away for a moment is no reason to stop looking
        with suppress(OSError):
            on_progress(len(names & (ledger.names() | ledger.places.failed_names())))

    def watch() -> None:
        pause = PAUSE_SECONDS
        while not stop.wait(pause):
            begin = time.perf_counter()
            look()
            pause = max(PAUSE_SECONDS, PAUSE_PER_LOOK * (time.perf_counter() - begin))

    thread = threading.Thread(target=watch, name="na62dump progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        look()
