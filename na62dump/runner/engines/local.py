"""Work in this process or in processes of this machine, by coffea's executors; imported only to run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from coffea import processor
from coffea.util import coffea_console

from na62dump.runner.engines.patience import Patient
from na62dump.runner.engines.pool import Processes, kill_processes
from na62dump.runner.statuses import Statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from na62dump.runner.execution import Execution, Local


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
    return reports(processor.IterativeExecutor(status=False, compression=None, retries=0), items, function=function)


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
    try:
        return pooled(Patient(Processes(execution.workers)), items, function=function)
    except KeyboardInterrupt:
        kill_processes()
        raise


def pooled(pool: Patient, items: Sequence[object], *, function: Callable[..., Statuses]) -> Statuses:
    """Do items in a pool whose workers may die.

    Parameters
    ----------
    pool : Patient
        Of processes, wherever they are.
    items : sequence
        What to do, usually units.
    function : callable
        From an item to its report; it must pickle.

    Returns
    -------
    Statuses
        Reports of all items, and a loss for each that a dead worker took along.
    """
    executor = processor.FuturesExecutor(pool=pool, status=False, compression=None, retries=0)
    return reports(executor, items, function=function)


def reports(
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


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence coffea's own progress bar: ``status=False`` does not, and the ledger is watched anyway."""
    before = coffea_console.quiet
    coffea_console.quiet = True
    try:
        yield
    finally:
        coffea_console.quiet = before
