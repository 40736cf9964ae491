"""One unit of work: done, or a failure on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.datasets import WorkUnit
from na62dump.runner.failures import Failure

if TYPE_CHECKING:
    from na62dump.runner.ledger import Ledger

Work = Callable[[WorkUnit], bytes]
"""From a unit to its result, a zip archive."""

TRIES = 2
"""How often a unit is tried whose input could not be read: a second time helps against a network, not a bug."""


@dataclass(frozen=True)
class Job:
    """A function and the ledger that keeps what it returns; engines send it to workers, so it must pickle.

    Attributes
    ----------
    work : callable
        From a unit to its result, the bytes of a zip archive.
    ledger : Ledger
        Where results and failures go.
    """

    work: Work
    ledger: Ledger

    def __call__(self, unit: WorkUnit) -> Failure | None:
        """Do one unit; see `run_unit`."""
        return run_unit(unit, self.work, ledger=self.ledger)


def run_unit(unit: WorkUnit, work: Work, *, ledger: Ledger) -> Failure | None:
    """Do one unit of work and keep its result, or the reason why there is none.

    Parameters
    ----------
    unit : WorkUnit
        What to work on.
    work : callable
        From a unit to its result, the bytes of a zip archive.
    ledger : Ledger
        Where results and failures go.

    Returns
    -------
    Failure or None
        None if the ledger now has the result. A failure comes back even if the disk is too full to record it.
    """
    attempts = 0
    while True:
        attempts += 1
        failure = _attempt(unit, work, ledger=ledger, attempts=attempts)
        if failure is None or failure.kind != "input" or attempts == TRIES:
            return failure if failure is None else _recorded(unit, failure, ledger=ledger)


def _attempt(unit: WorkUnit, work: Work, *, ledger: Ledger, attempts: int) -> Failure | None:
    storing = True
    try:
        # another run may have been faster
        if not ledger.has(unit):
            storing = False
            result = work(unit)
            storing = True
            ledger.store(unit, result)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a unit raises, even SystemExit, the others go on
        return Failure.of(unit, error, attempts=attempts, storing=storing)
    return None


def _recorded(unit: WorkUnit, failure: Failure, *, ledger: Ledger) -> Failure:
    try:
        ledger.record_failure(unit, failure)
    except OSError as error:
        note = f"{failure.reason}; not on record, because {type(error).__name__}: {error.strerror}"
        return failure.model_copy(update={"reason": note})
    return failure
