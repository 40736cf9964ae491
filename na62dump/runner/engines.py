"""Where the work is done: here, in processes of this machine, or on a dask cluster; a table says which."""

from __future__ import annotations

import pkgutil
from typing import TYPE_CHECKING, Protocol, cast

from na62dump.errors import IncompleteError
from na62dump.runner.progress import watching
from na62dump.runner.statuses import Reporting, Statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.execution import Execution
    from na62dump.runner.failures import Failure
    from na62dump.runner.jobs import Job

ENGINES = {
    "iterative": "na62dump.runner.executors:iterative",
    "futures": "na62dump.runner.executors:futures",
    "dask": "na62dump.runner.cluster:dask",
}
"""Engine to the function that drives it, by name, because coffea takes seconds to import."""


class Engine(Protocol):
    """Runs a job on every unit and returns the sum of the reports."""

    def __call__(self, units: list[WorkUnit], function: Reporting, *, execution: Execution) -> Statuses:
        """Run."""
        ...


def execute(
    units: Sequence[WorkUnit],
    job: Job,
    *,
    execution: Execution,
    on_progress: Callable[[int], object] = lambda _done: None,
) -> list[Failure]:
    """Run a job on every unit and wait.

    Parameters
    ----------
    units : sequence of WorkUnit
        What to do, usually ``ledger.missing(plan.units)``.
    job : Job
        The work and the ledger that keeps its results.
    execution : Execution
        Engine and workers.
    on_progress : callable
        Gets the number of these units that are finished, from another thread, a few times a second.

    Returns
    -------
    list of Failure
        Units that have no result and why, in the order of ``units``; empty if all went well.

    Raises
    ------
    IncompleteError
        If workers died. Results of finished units are kept; running again does the rest.
    """
    for unit in units:
        job.ledger.clear_failure(unit)
    with watching(units, job.ledger, on_progress=on_progress):
        statuses = _engine(execution.engine)(list(units), Reporting(job), execution=execution)
    if statuses.lost:
        msg = (
            f"{len(statuses.lost)} of {len(units)} units were lost with their workers ({statuses.lost[0]}). "
            "Finished results are kept: run again, and only the rest is computed. If workers die again, try fewer of "
            "them (memory), or engine 'iterative', which dies in the unit that is at fault"
        )
        raise IncompleteError(msg)
    order = {unit.name: i for i, unit in enumerate(units)}
    return sorted(statuses.failures, key=lambda failure: order[failure.unit])


def _engine(name: str) -> Engine:
    return cast("Engine", pkgutil.resolve_name(ENGINES[name]))
