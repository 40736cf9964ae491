"""What workers report, small enough to travel: results themselves go through the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.datasets import WorkUnit
    from na62dump.runner.failures import Failure
    from na62dump.runner.jobs import Job

_LONGEST = 100


@dataclass(frozen=True)
class Statuses:
    """Reports of some units; they add up.

    Attributes
    ----------
    failures : tuple of Failure
        Units without a result.
    lost : tuple of str
        Why workers died, one line per unit that went with them.
    """

    failures: tuple[Failure, ...] = ()
    lost: tuple[str, ...] = ()

    def __add__(self, other: Statuses) -> Statuses:
        return Statuses(self.failures + other.failures, self.lost + other.lost)

    @classmethod
    def of_lost_worker(cls, error: BaseException) -> Statuses:
        """Report in place of the one that a dead worker did not send.

        Parameters
        ----------
        error : BaseException
            What the engine raised.

        Returns
        -------
        Statuses
            One loss.
        """
        text = " ".join(str(error).split())
        return cls(lost=(f"{type(error).__name__}: {text[:_LONGEST]}",))


@dataclass(frozen=True)
class Reporting:
    """A job in the form that coffea's executors add up; it pickles if the job does."""

    job: Job

    @property
    def folder(self) -> Path:
        """Folder of the run."""
        return self.job.ledger.folder

    def __call__(self, unit: WorkUnit) -> Statuses:
        """Do one unit."""
        failure = self.job(unit)
        return Statuses() if failure is None else Statuses((failure,))
