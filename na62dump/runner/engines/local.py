"""Work in this process or in processes of this machine, by coffea's executors; imported only to run."""

from __future__ import annotations

import signal
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from coffea import processor
from coffea.util import coffea_console
from loky import get_reusable_executor

from na62dump.runner.statuses import Statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from na62dump.runner.execution import Execution, Local

_EXIT_CODES = "The exit codes of the workers are "
"""What loky's message says before, for instance, ``{SIGKILL(-9)}``."""


def iterative(items: Sequence[object], function: Callable[..., Statuses], *, execution: Execution) -> Statuses:
    """Do one item after the other, here.

    Parameters
    ----------
    items : sequence
        What to do, usually units.
    function : callable
        From an item to its report.
    execution : Execution
        Not looked at.

    Returns
    -------
    Statuses
        Reports of all items.
    """
    del execution
    return total(processor.IterativeExecutor(status=False, compression=None, retries=0), items, function=function)


def futures(items: Sequence[object], function: Callable[..., Statuses], *, execution: Local) -> Statuses:
    """Do items in a pool of processes, which later calls use again.

    Parameters
    ----------
    items : sequence
        What to do, usually units.
    function : callable
        From an item to its report; it must pickle.
    execution : Execution
        How many processes.

    Returns
    -------
    Statuses
        Reports of all items, and a loss for each that a dead worker took along.
    """
    pool = get_reusable_executor(max_workers=execution.workers, initializer=leave_interrupts_to_the_parent)
    try:
        return pooled(pool, items, function=function)
    except KeyboardInterrupt:
        pool.shutdown(kill_workers=True)
        raise


def leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl-C, which a terminal sends to all processes: the parent ends its workers, and only it tells."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def pooled(pool: Executor, items: Sequence[object], *, function: Callable[..., Statuses]) -> Statuses:
    """Do items in a pool whose workers may die.

    Parameters
    ----------
    pool : Executor
        Of processes, wherever they are; the caller shuts it down.
    items : sequence
        What to do, usually units.
    function : callable
        From an item to its report; it must pickle.

    Returns
    -------
    Statuses
        Reports of all items, and a loss for each that a dead worker took along.
    """
    executor = processor.FuturesExecutor(pool=_Patient(pool), status=False, compression=None, retries=0)
    return total(executor, items, function=function)


def total(
    executor: Callable[[list[object], Callable[..., Statuses], Statuses], tuple[object, object]],
    items: Sequence[object],
    *,
    function: Callable[..., Statuses],
) -> Statuses:
    """Call a coffea executor, without its progress bar.

    Parameters
    ----------
    executor : callable
        One of coffea's executors.
    items : sequence
        What to do, usually units.
    function : callable
        From an item to its report.

    Returns
    -------
    Statuses
        Sum of all reports.
    """
    if not items:
        return Statuses()
    with _quiet():
        return cast("Statuses", executor(list(items), function, Statuses())[0])


class _Patient(Executor):
    """A pool whose dead workers are reported like results, so that one death does not hide the other reports."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def submit(self, function: Callable[..., Any], /, *args: object, **kwargs: object) -> Future[Any]:
        outer: Future[Any] = Future()

        def pass_on(inner: Future[Any]) -> None:
            # a pool that loses its scheduler cancels
            error = CancelledError("its cluster is gone") if inner.cancelled() else inner.exception()
            outer.set_result(inner.result() if error is None else Statuses.of_lost_worker(_signal_first(error)))

        try:
            self._pool.submit(function, *args, **kwargs).add_done_callback(pass_on)
        except RuntimeError as error:
            # a pool that is already broken refuses
            outer.set_result(Statuses.of_lost_worker(error))
        return outer


def _signal_first(error: BaseException) -> BaseException:
    """The same error, with what ended the worker, if that is known, at the begin of its long message."""
    _, found, codes = str(error).rpartition(_EXIT_CODES)
    return type(error)(f"a worker ended by {codes}: {error}") if found else error


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence coffea's own progress bar: ``status=False`` does not, and the ledger is watched anyway."""
    before = coffea_console.quiet
    coffea_console.quiet = True
    try:
        yield
    finally:
        coffea_console.quiet = before
