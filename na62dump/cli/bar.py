"""The bar of a run: how much is done, how fast, how long still, and each failure as it comes."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import TaskID

    from na62dump.runner import Failure, Progress

MOST_TOLD = 20
"""Failures of one run that are told line by line."""


FIRST_STALL = 120.0
"""Time without a finished unit after which that is told, s; told again when it has doubled."""


@dataclass(frozen=True)
class Pace:
    """How fast events are processed.

    Attributes
    ----------
    events : int
        Done so far.
    events_left : int
        Still to do.
    seconds : float
        That this took, s.
    """

    events: int
    events_left: int
    seconds: float

    def __str__(self) -> str:
        if not self.events or self.seconds <= 0:
            return "- events/s, - left"
        speed = self.events / self.seconds
        return f"{speed:,.0f} events/s, {timedelta(seconds=round(self.events_left / speed))} left"


class RunBar:
    """Tells how far a run is; on a terminal as a bar, elsewhere only what fails.

    Parameters
    ----------
    bar : rich.progress.Progress
        Where it is drawn.
    task : int
        Its task, with the number of all units of the plan as total.
    clock : callable
        Gives the time, s.
    """

    def __init__(self, bar: Bar, task: TaskID, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._bar = bar
        self._task = task
        self._clock = clock
        self._begin = clock()
        self._told: set[str] = set()
        self._last = (-1, self._begin)
        self._stall = FIRST_STALL

    def __call__(self, progress: Progress) -> None:
        """Show how far it is, and tell new failures."""
        self.tell(progress.failures)
        now = self._clock()
        self._tell_stall(progress.units_left, now)
        # what was done before counts as done, but not as work of this run
        done = int(self._bar.tasks[self._task].total or 0) - progress.units_left
        pace = Pace(progress.events, progress.events_left, now - self._begin)
        failed = f", {len(progress.failures)} failed" if progress.failures else ""
        self._bar.update(self._task, completed=done, pace=f"{pace}{failed}")

    def tell(self, failures: Iterable[Failure]) -> None:
        """Tell those failures that were not told before, above the bar."""
        for failure in failures:
            if failure.unit not in self._told:
                self._told.add(failure.unit)
                self._say(failure)

    def _tell_stall(self, left: int, now: float) -> None:
        """Tell that nothing has finished for a while, which a server that does not answer looks like."""
        before, since = self._last
        if left != before:
            self._last, self._stall = (left, now), FIRST_STALL
        elif left and now - since >= self._stall:
            self._stall *= 2
            self._print(
                f"no unit has finished for {now - since:.0f} s: they are long, or a server of files does not answer and is "
                "waited for; 'na62dump status' counts what is worked on"
            )

    def _say(self, failure: Failure) -> None:
        number = len(self._told)
        if number <= MOST_TOLD:
            self._print(f"failed: {failure.path}: {failure.reason}")
        elif number == MOST_TOLD + 1:
            self._print("failed: more units, which are counted and no longer listed here; 'na62dump status' lists them")

    def _print(self, line: str) -> None:
        self._bar.console.print(line, soft_wrap=True, highlight=False, markup=False)


@contextmanager
def run_bar(what: str, units: int) -> Iterator[RunBar]:
    """Show a run on standard error while it goes on.

    Parameters
    ----------
    what : str
        Its name.
    units : int
        All units of its plan.

    Yields
    ------
    RunBar
        To be called with how far it is.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} units, {task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Bar(*columns, console=console, disable=not console.is_terminal) as bar:
        yield RunBar(bar, bar.add_task(what, total=units, pace="", completed=0))
