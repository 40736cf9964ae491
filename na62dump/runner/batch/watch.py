"""A job that watches itself: it ends what needs too much before the batch system ends all of it."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

from na62dump.runner.failures import Failure
from na62dump.runner.holders import holder
from na62dump.units import MEMORY, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

    from na62dump.datasets import WorkUnit
    from na62dump.runner.batch.portions import Lack
    from na62dump.runner.batch.submissions import Given
    from na62dump.runner.ledger import Ledger

PAUSE_SECONDS = 0.5
"""Between two looks, s."""

BYTES_PER_MB = 1e6
BYTES_PER_GB = BYTES_PER_MB * MEMORY["GB"]


class Watch:
    """Memory and time of this process and its children.

    Attributes
    ----------
    out_of_time : bool
        Whether the work was stopped because its time was over.
    stopped : frozenset of str
        Names of the units that were worked on when the batch system told the job to end.
    """

    def __init__(self, units: Sequence[WorkUnit], ledger: Ledger, *, given: Given) -> None:
        self.out_of_time = False
        self.stopped: frozenset[str] = frozenset()
        self._units = units
        self._ledger = ledger
        self._given = given
        self._job = psutil.Process()
        self._late: list[WorkUnit] = []

    def look(self) -> bool:
        """Look once; whether to look again."""
        used = time.time() - self._job.create_time()
        left = seconds(self._given.time - self._given.time_kept) - used
        if left <= 0:
            self._end_all(used)
            return False
        most = self._given.memory_share * self._given.memory * BYTES_PER_MB
        processes = [self._job, *self._children()]
        # what processes share (libraries, above all) counts once for the batch system: that is slow to find out
        if sum(map(_resident, processes)) > most:
            sizes = {process: _own_part(process) for process in processes}
            total = sum(sizes.values())
            if total > most:
                self._end_one(sizes, total=total)
        return True

    def _end_one(self, sizes: Mapping[psutil.Process, int], *, total: int) -> None:
        """End the largest worker; its unit, which stays marked, is tried alone, and only if it is alone is it to blame.

        Helpers of the engine (a server that forks, a tracker of resources) work on nothing and are not to blame.
        """
        working = self._own()
        workers = {child: size for child, size in sizes.items() if child.pid in working}
        if not workers:
            return
        child, size = max(workers.items(), key=lambda worker: worker[1])
        unit = working[child.pid]
        if len(working) > 1:
            with suppress(psutil.NoSuchProcess):
                child.kill()
            return
        asked = self._given.memory / MEMORY["GB"]
        reason = f"its job held {total / BYTES_PER_GB:.2f} GB of {asked:g} GB, {size / BYTES_PER_GB:.2f} GB for it"
        # on record first: whoever sees the worker die looks there for the reason
        self._record(unit, "memory", reason=reason)
        with suppress(psutil.NoSuchProcess):
            child.kill()
        self._ledger.unmark(unit)

    def _end_all(self, used: float) -> None:
        """Stop the work as a person would with Ctrl-C; the engine ends its workers."""
        asked = seconds(self._given.time)
        self._late = list(self._own().values())
        for unit in self._late:
            self._record(unit, "time", reason=f"not done when its job had used {used:.0f} s of {asked:g} s")
        self.out_of_time = True
        main = threading.main_thread().ident
        if main is not None:
            signal.pthread_kill(main, signal.SIGINT)

    def close(self) -> None:
        """Take away the marks of what was stopped; the workers are gone."""
        for unit in self._late:
            self._ledger.unmark(unit)

    def note(self) -> None:
        """Keep what is worked on, before the engine ends its workers and their marks are taken away."""
        self.stopped = frozenset(unit.name for unit in self._working().values())

    def _children(self) -> list[psutil.Process]:
        return list(self._job.children(recursive=True))

    def _own(self) -> dict[int, WorkUnit]:
        """Units that workers of this job are working on, by process."""
        own = {child.pid for child in self._children()}
        return {process: unit for process, unit in self._working().items() if process in own}

    def _working(self) -> dict[int, WorkUnit]:
        """Units that processes of this host are working on."""
        found: dict[int, WorkUnit] = {}
        names = self._ledger.places.marked_names()
        for unit in (unit for unit in self._units if unit.name in names):
            worker = holder(self._ledger.places.mark(unit))
            if worker is not None and worker.is_here:
                found[worker.process] = unit
        return found

    def _record(self, unit: WorkUnit, lack: Lack, *, reason: str) -> None:
        failure = Failure(unit=unit.name, path=unit.path, reason=reason, kind=lack, attempts=1)
        self._ledger.try_to_record(unit, failure)


@contextmanager
def watching_itself(units: Sequence[WorkUnit], ledger: Ledger, *, given: Given) -> Iterator[Watch]:
    """Watch memory and time while the body runs, in the main thread.

    Parameters
    ----------
    units : sequence of WorkUnit
        What the job works on.
    ledger : Ledger
        Where it says what it works on, and where failures go.
    given : Given
        What the job asked for.

    Yields
    ------
    Watch
        Which knows whether the time is over. The body gets a `KeyboardInterrupt` then, and when SIGTERM tells the job to
        end.
    """
    watch = Watch(units, ledger, given=given)
    stop = threading.Event()

    def look() -> None:
        again = True
        while again and not stop.wait(PAUSE_SECONDS):
            # a process that ends while it is looked at is no reason to stop looking
            with suppress(psutil.Error, OSError):
                again = watch.look()

    def end(number: int, frame: FrameType | None) -> None:
        watch.note()
        outer = before[signal.SIGTERM]
        if callable(outer):
            outer(number, frame)
        raise KeyboardInterrupt

    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: end}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    thread = threading.Thread(target=look, name="na62dump watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()
        for number, handler in before.items():
            signal.signal(number, handler)
        watch.close()


def _resident(process: psutil.Process) -> int:
    """Memory that a process holds, bytes; what it shares with others is counted for each."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _own_part(process: psutil.Process) -> int:
    """Memory that a process holds, bytes; what it shares with others is divided among them."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0
    except (psutil.AccessDenied, AttributeError):
        return _resident(process)
