"""Work on units by any engine; a unit that kills its worker is found and named, its neighbours are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.errors import IncompleteError
from na62dump.runner.engines.table import engine_of
from na62dump.runner.failures import Failure
from na62dump.runner.marks import remove_stale
from na62dump.runner.progress import Progress, watching
from na62dump.runner.statuses import Reporting, Statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.execution import Execution
    from na62dump.runner.jobs import Job


def execute(
    units: Sequence[WorkUnit],
    job: Job,
    *,
    execution: Execution,
    on_progress: Callable[[Progress], object] = lambda _: None,
) -> list[Failure]:
    """Run a job on every unit and wait.

    If workers die, what they were doing is tried again, one unit at a time with nothing beside it; a unit that ends its
    worker even then is a failure, and the rest goes on.

    Parameters
    ----------
    units : sequence of WorkUnit
        What to do, usually ``ledger.missing(plan.units)``.
    job : Job
        The work and the ledger that keeps its results.
    execution : Execution
        Engine and workers.
    on_progress : callable
        Gets how far it is: at once, from another thread a few times a second, and at the end.

    Returns
    -------
    list of Failure
        Units that have no result and why, in the order of ``units``; empty if all went well.

    Raises
    ------
    IncompleteError
        If workers died before they began anything. Results of finished units are kept; running again does the rest.
    KeyboardInterrupt
        If it is stopped; workers are gone then, and finished results are kept.
    """
    for unit in units:
        job.ledger.clear_failure(unit)
    try:
        with watching(units, job.ledger, on_progress=on_progress):
            found = _until_done(units, job, execution=execution)
    except KeyboardInterrupt:
        # workers were ended in mid unit: nobody works on what they have marked
        remove_stale(units, job.ledger.places)
        raise
    return [found[unit.name] for unit in units if unit.name in found]


def _until_done(units: Sequence[WorkUnit], job: Job, *, execution: Execution) -> dict[str, Failure]:
    found: dict[str, Failure] = {}
    left = list(units)
    while left:
        statuses = _run(left, job, execution=execution)
        found |= {failure.unit: failure for failure in statuses.failures}
        if not statuses.lost:
            break
        before, left = left, _unfinished(left, job, found)
        found |= _alone(left, job, execution=execution)
        left = _unfinished(left, job, found)
        if len(left) == len(before):
            raise _before_the_first(statuses.lost[0], len(left))
    return found


def _run(units: list[WorkUnit], job: Job, *, execution: Execution) -> Statuses:
    return engine_of(execution)(units, Reporting(job), execution=execution)


def _unfinished(units: Sequence[WorkUnit], job: Job, found: dict[str, Failure]) -> list[WorkUnit]:
    """Units with neither a result nor a failure, whether reported or, by a worker that died later, only on record."""
    on_record = {failure.unit: failure for failure in job.ledger.failures(units)}
    found |= on_record
    return [unit for unit in job.ledger.missing(units) if unit.name not in found]


def _before_the_first(reason: str, left: int) -> IncompleteError:
    msg = (
        f"workers died before they began a unit ({reason}); {left} units are left. Finished results are kept: "
        "run again, and only the rest is computed. If workers die again, try fewer of them (memory), or engine "
        "'iterative', which shows what ends them"
    )
    return IncompleteError(msg)


def _alone(units: Sequence[WorkUnit], job: Job, *, execution: Execution) -> dict[str, Failure]:
    """Failures of those that workers were doing when they died, each tried alone."""
    marked = job.ledger.places.marked_names()
    failures: dict[str, Failure] = {}
    for unit in [unit for unit in units if unit.name in marked]:
        statuses = _run([unit], job, execution=execution)
        failures |= {failure.unit: failure for failure in statuses.failures}
        if statuses.lost and not job.ledger.has(unit):
            # whoever ended the worker may have said why
            on_record = job.ledger.failures([unit])
            failures[unit.name] = on_record[0] if on_record else _crash(unit, job, reason=statuses.lost[0])
    return failures


def _crash(unit: WorkUnit, job: Job, *, reason: str) -> Failure:
    told = f"it ends its worker, also alone: {reason}"
    failure = Failure(unit=unit.name, path=unit.path, reason=told, kind="crash", attempts=2)
    job.ledger.unmark(unit)
    job.ledger.try_to_record(unit, failure)
    return failure
