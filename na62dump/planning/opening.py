"""Opening many files: here as long as that is quick, then in processes of this machine."""

from __future__ import annotations

import time
from concurrent.futures import as_completed
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from loky import get_reusable_executor
from loky.process_executor import BrokenProcessPool

from na62dump.errors import IncompleteError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

A = TypeVar("A")
B = TypeVar("B")

ALONE_SECONDS = 4.0
"""How long files are opened here before processes are started, s: about what their start takes."""

BATCH = 20
"""Files that a process opens before it reports."""

IDLE_SECONDS = 3600
"""How long a process waits for more files, s: loky warns if it ends while others are at work, as after its own 10 s."""


def each(items: Sequence[A], look: Callable[[A], B], *, workers: int) -> Generator[tuple[int, B]]:
    """Apply a function to items, each once.

    Parameters
    ----------
    items : sequence
        What to look at; with several workers these must pickle.
    look : callable
        From an item to what was found; with several workers it must pickle.
    workers : int
        Processes; with one, or with little to do, this one.

    Yields
    ------
    tuple of int and object
        Number of an item and what was found, in whatever order they are done.

    Raises
    ------
    IncompleteError
        If a process dies.
    """
    begin = time.monotonic()
    for number, item in enumerate(items):
        if workers > 1 and time.monotonic() - begin > ALONE_SECONDS:
            yield from _in_pool(items, look, first=number, workers=workers)
            return
        yield number, look(item)


def _in_pool(items: Sequence[A], look: Callable[[A], B], *, first: int, workers: int) -> Generator[tuple[int, B]]:
    pool = get_reusable_executor(max_workers=workers, timeout=IDLE_SECONDS)
    try:
        starts = range(first, len(items), BATCH)
        tasks = {pool.submit(_look_at, look, list(islice(items, start, start + BATCH))): start for start in starts}
        for task in as_completed(tasks):
            yield from enumerate(task.result(), start=tasks.pop(task))
    except BrokenProcessPool as error:
        msg = (
            f"a process died while it opened files ({str(error).splitlines()[0]}); what was found is kept: plan again, and only the rest is "
            "opened. If it dies again, try one worker, which shows what ends it"
        )
        raise IncompleteError(msg) from error
    except BaseException:
        # nobody waits for the rest
        pool.shutdown(wait=False, kill_workers=True)
        raise


def _look_at(look: Callable[[A], B], items: Sequence[A]) -> list[B]:
    return [look(item) for item in items]
