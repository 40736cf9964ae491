"""How far a run is: results counted against the plan, never against a queue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from na62dump.configuration import Many, Settings
from na62dump.datasets import Rejected
from na62dump.runner import Failure, worked_on
from na62dump.runner.batch import Remark
from na62dump.runs.submission import remarks_of_jobs
from na62dump.runs.verification import Differing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from na62dump.datasets import WorkUnit
    from na62dump.runs.folder import Run


class SampleStatus(Settings):
    """One sample.

    Attributes
    ----------
    sample : str
        Its name.
    units, done, failed, worked_on : int
        Units planned; those with a result; without one, those that failed, and those being worked on.
    entries, entries_done : int
        Entries planned and done.
    rejected : int
        Files that planning could not use.
    """

    sample: str
    units: int
    done: int
    failed: int
    worked_on: int
    entries: int
    entries_done: int
    rejected: int

    @property
    def missing(self) -> int:
        """Units that have neither a result nor a failure."""
        return self.units - self.done - self.failed


class FailedUnit(Failure):
    """A unit that failed.

    Attributes
    ----------
    sample : str
        Its sample.
    log : str or None
        File that says what happened; None if there is none.
    """

    sample: str
    log: str | None


class Status(Settings):
    """A whole run.

    Attributes
    ----------
    analysis : str
        Its analysis.
    opened : tuple of str
        Hidden regions that are open.
    samples : tuple of SampleStatus
        In order.
    failures : tuple of FailedUnit
        Units that failed, with the reason, by sample, file and name.
    rejected : tuple of Rejected
        Files that planning could not use, with the reason, by sample and file.
    jobs : tuple of Remark
        What jobs of a batch system say whose units are missing, by reason.
    differing : tuple of Differing
        Files that are not as planned although nothing of them is missing; only who compares them knows.
    """

    analysis: str
    opened: Many[str]
    samples: Many[SampleStatus]
    failures: Many[FailedUnit]
    rejected: Many[Rejected]
    jobs: Many[Remark] = ()
    differing: Many[Differing] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, and no file is known to differ from the plan."""
        return not (self.rejected or self.differing) and all(sample.done == sample.units for sample in self.samples)


def status(run: Run) -> Status:
    """How far a run is.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    Status
        Counted from the ledger.
    """
    units = run.plan.units
    done = {unit.name for unit in run.ledger.done(units)}
    left = [unit for unit in units if unit.name not in done]
    failures = _failures(run, left)
    failed = {failure.unit for failure in failures}
    begun = worked_on((unit for unit in left if unit.name not in failed), run.ledger.places)
    of_sample: dict[str, list[WorkUnit]] = {name: [] for name in run.plan.samples}
    for unit in units:
        of_sample[unit.sample].append(unit)
    rejected = Counter(item.sample for item in run.plan.rejected)
    samples = [
        SampleStatus(
            sample=name,
            units=len(own),
            done=_count(own, done),
            failed=_count(own, failed),
            worked_on=_count(own, begun),
            entries=sum(map(_entries, own)),
            entries_done=sum(_entries(unit) for unit in own if unit.name in done),
            rejected=rejected[name],
        )
        for name, own in of_sample.items()
    ]
    return Status(
        analysis=run.analysis.name,
        opened=run.open_regions,
        samples=tuple(samples),
        failures=tuple(sorted(failures, key=lambda failure: (failure.sample, failure.path, failure.unit))),
        rejected=tuple(sorted(run.plan.rejected, key=lambda item: (item.sample, item.path))),
        jobs=tuple(remarks_of_jobs(run)),
    )


def _failures(run: Run, units: list[WorkUnit]) -> list[FailedUnit]:
    by_name = {unit.name: unit for unit in units}
    found = []
    for failure in run.ledger.failures(units):
        unit = by_name[failure.unit]
        log = run.ledger.places.log(unit)
        found.append(FailedUnit(**failure.model_dump(), sample=unit.sample, log=str(log) if log.exists() else None))
    return found


def _count(units: Iterable[WorkUnit], names: set[str]) -> int:
    return sum(unit.name in names for unit in units)


def _entries(unit: WorkUnit) -> int:
    return unit.stop - unit.start
