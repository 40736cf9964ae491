"""How far a run is, read from its ledger, and so the same for every engine."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.failures import Failure
    from na62dump.runner.ledger import Ledger

PAUSE_SECONDS = 0.2
"""Least pause between two looks at the ledger, s."""

PAUSE_PER_LOOK = 10.0
"""Pause in units of the time that a look takes: looking costs at most a tenth of one core."""


@dataclass(frozen=True)
class Progress:
    """How far a call of `execute` is.

    Attributes
    ----------
    units : int
        Units that it was given and that have a result or a failure now.
    units_left : int
        Units that have neither.
    events : int
        Events of those that have a result.
    events_left : int
        Events of those that have neither.
    failures : tuple of Failure
        On record so far, in the order in which they were seen.
    """

    units: int
    units_left: int
    events: int
    events_left: int
    failures: tuple[Failure, ...] = ()


@contextmanager
def watching(units: Sequence[WorkUnit], ledger: Ledger, *, on_progress: Callable[[Progress], object]) -> Iterator[None]:
    """Report before the body runs, while it does, and once more when it ends.

    Parameters
    ----------
    units : sequence of WorkUnit
        What is being run.
    ledger : Ledger
        Where results and failures appear.
    on_progress : callable
        Gets how far it is; called from another thread until the end.

    Yields
    ------
    None
        Nothing.
    """
    tally = _Tally(units, ledger)
    stop = threading.Event()

    def look() -> None:
        # a disk that is away for a moment is no reason to stop looking
        with suppress(OSError):
            on_progress(tally.look())

    def watch() -> None:
        pause = PAUSE_SECONDS
        while not stop.wait(pause):
            begin = time.perf_counter()
            look()
            pause = max(PAUSE_SECONDS, PAUSE_PER_LOOK * (time.perf_counter() - begin))

    look()
    thread = threading.Thread(target=watch, name="na62dump progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        look()


class _Tally:
    """What was seen is not looked for again: the label of a sealed shard is read once, a failure's record once."""

    def __init__(self, units: Sequence[WorkUnit], ledger: Ledger) -> None:
        self._ledger = ledger
        self._left = {unit.name: unit for unit in units}
        self._total = len(self._left)
        self._events = 0
        self._events_left = sum(map(_events, units))
        self._shards: set[str] = set()
        self._failed: dict[str, Failure] = {}

    def look(self) -> Progress:
        """How far it is now."""
        places = self._ledger.places
        # failures first: one that is cleared by a result in between is then seen as a result
        failed = places.failed_names()
        # single results before shards: a shard that is sealed in between is seen twice, not never
        single = places.single_names()
        sealed = places.sealed_names(known=self._shards)
        self._shards |= sealed.keys()
        self._count(single.union(*sealed.values()))
        self._note(self._left[name] for name in sorted(failed & self._left.keys()))
        left = len(self._left)
        return Progress(self._total - left, left, self._events, self._events_left, tuple(self._failed.values()))

    def _count(self, done: Iterable[str]) -> None:
        for name in done:
            unit = self._left.pop(name, None)
            if unit is not None:
                self._events += _events(unit)
                self._events_left -= _events(unit)

    def _note(self, failed: Iterable[WorkUnit]) -> None:
        for unit in list(failed):
            failure = self._ledger.failure(unit)
            if failure is not None:
                self._failed[unit.name] = failure
                self._events_left -= _events(self._left.pop(unit.name))


def _events(unit: WorkUnit) -> int:
    return unit.stop - unit.start
