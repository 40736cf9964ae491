"""Opening many files: here as long as that is quick, then in processes of this machine."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from loky.process_executor import BrokenProcessPool

from na62dump.runner.engines.pool import Processes, kill_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from concurrent.futures import Future

A = TypeVar("A")
B = TypeVar("B")

ALONE_SECONDS = 4.0
"""How long files are opened here before processes are started, s: about what their start takes."""

BATCH = 20
"""Files that a process opens before it reports."""


def each(
    items: Sequence[A], look: Callable[[A], B], *, workers: int, died: Callable[[A, str], B], alone: bool = True
) -> Generator[tuple[int, B]]:
    """Apply a function to items, each once.

    Parameters
    ----------
    items : sequence
        What to look at; with several workers these must pickle.
    look : callable
        From an item to what was found; with several workers it must pickle.
    workers : int
        Processes; with one, or with little to do, this one.
    died : callable
        From an item that ends the process that looks at it, and how it ended, to what is given for it.
    alone : bool
        Whether this process may look at items; if not, nothing that they do ends it.

    Yields
    ------
    tuple of int and object
        Number of an item and what was found, in whatever order they are done.
    """
    begin = time.monotonic()
    for number, item in enumerate(items):
        if not alone or (workers > 1 and time.monotonic() - begin > ALONE_SECONDS):
            yield from _Pool(items, look, workers, died).each(first=number)
            return
        yield number, look(item)


@dataclass(frozen=True)
class _Pool(Generic[A, B]):
    """Processes that look at items, and are started again when one dies."""

    items: Sequence[A]
    look: Callable[[A], B]
    workers: int
    died: Callable[[A, str], B]

    def each(self, *, first: int) -> Generator[tuple[int, B]]:
        """All items from one on."""
        size = len(self.items)
        waiting = deque(range(start, min(start + BATCH, size)) for start in range(first, size, BATCH))
        tasks: dict[Future[list[B]], range] = {}
        try:
            while waiting or tasks:
                # few at a time: when a process dies, only these are suspected
                while waiting and len(tasks) < 2 * self.workers:
                    numbers = waiting.popleft()
                    tasks[self._sent(numbers, workers=self.workers)] = numbers
                for task in wait(tasks, return_when=FIRST_COMPLETED).done:
                    numbers = tasks.pop(task)
                    try:
                        found = task.result()
                    except BrokenProcessPool:
                        yield from self._suspected([numbers, *tasks.values()])
                        tasks.clear()
                        break
                    yield from zip(numbers, found, strict=True)
        except BaseException:
            # nobody waits for the rest
            kill_processes()
            raise

    def _sent(self, numbers: range, *, workers: int) -> Future[list[B]]:
        items = [self.items[number] for number in numbers]
        while True:
            # processes that broke are replaced, unless they break just now
            with contextlib.suppress(BrokenProcessPool):
                return Processes(workers).submit(_look_at, self.look, items)

    def _suspected(self, several: Iterable[range]) -> Generator[tuple[int, B]]:
        """Items of which some end a process: by one process, and in halves until these are alone."""
        for numbers in several:
            try:
                yield from zip(numbers, self._sent(numbers, workers=1).result(), strict=True)
            except BrokenProcessPool as error:
                half = len(numbers) // 2
                if half:
                    yield from self._suspected([numbers[:half], numbers[half:]])
                else:
                    yield numbers[0], self.died(self.items[numbers[0]], str(error).splitlines()[0])


def _look_at(look: Callable[[A], B], items: Sequence[A]) -> list[B]:
    return [look(item) for item in items]
