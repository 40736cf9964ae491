"""How far a run is: results counted against the plan, never against a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Many, Settings
from na62dump.datasets import Rejected
from na62dump.runner import Failure

if TYPE_CHECKING:
    from na62dump.runs.folder import Run


class SampleStatus(Settings):
    """One sample: units planned and done, entries planned and done, files rejected."""

    sample: str
    units: int
    done: int
    failed: int
    entries: int
    entries_done: int
    rejected: int


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
    failures : tuple of Failure
        Units that failed, with the reason.
    rejected : tuple of Rejected
        Files that planning could not use, with the reason.
    """

    analysis: str
    opened: Many[str]
    samples: Many[SampleStatus]
    failures: Many[Failure]
    rejected: Many[Rejected]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.rejected and all(sample.done == sample.units for sample in self.samples)


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
    failures = [failure for failure in run.ledger.failures(units) if failure.unit not in done]
    failed = {failure.unit for failure in failures}
    samples = []
    for name in run.plan.samples:
        own = [unit for unit in units if unit.sample == name]
        samples.append(
            SampleStatus(
                sample=name,
                units=len(own),
                done=sum(unit.name in done for unit in own),
                failed=sum(unit.name in failed for unit in own),
                entries=sum(unit.stop - unit.start for unit in own),
                entries_done=sum(unit.stop - unit.start for unit in own if unit.name in done),
                rejected=sum(item.sample == name for item in run.plan.rejected),
            )
        )
    return Status(
        analysis=run.analysis.name,
        opened=run.open_regions,
        samples=tuple(samples),
        failures=tuple(failures),
        rejected=run.plan.rejected,
    )
