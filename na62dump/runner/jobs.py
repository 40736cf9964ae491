"""One unit of work: done, or a failure on record."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.datasets import Access, WorkUnit
from na62dump.errors import MergeError, SilentServerError
from na62dump.runner.failures import Failure
from na62dump.runner.logs import Log, join_logs, log_of

if TYPE_CHECKING:
    from na62dump.runner.ledger import AddUp, Ledger

Work = Callable[[WorkUnit], bytes]
"""From a unit to its result, a zip archive."""

ONCE = Access(tries=1)
"""A single try."""


@dataclass(frozen=True)
class Job:
    """A function and the ledger that keeps what it returns; engines send it to workers, so it must pickle.

    Attributes
    ----------
    work : callable
        From a unit to its result, the bytes of a zip archive.
    ledger : Ledger
        Where results and failures go.
    add_up : callable or None
        From the results of a shard to their sum; None keeps all results one by one.
    access : Access
        How often a unit is tried whose input cannot be read, and the wait before.
    """

    work: Work
    ledger: Ledger
    add_up: AddUp | None = None
    access: Access = ONCE

    def __call__(self, unit: WorkUnit) -> Failure | None:
        """Do one unit; see `run_unit`."""
        with self.ledger.working(unit):
            failure = run_unit(unit, self.work, ledger=self.ledger, access=self.access)
            self.seal(unit)
        return failure

    def seal(self, unit: WorkUnit) -> None:
        """Put together the results of the shard of a unit, if all are there.

        Where it cannot be done, or another worker does it, results stay as they are: nothing is lost.
        """
        if self.add_up is not None:
            with contextlib.suppress(OSError, MergeError):
                if self.ledger.seal_shard(unit, add_up=self.add_up):
                    join_logs(self.ledger.places, unit.shard)

    def tidy(self, units: Iterable[WorkUnit]) -> None:
        """Put together the shards that a worker left because it was killed: those of which there is a folder still."""
        left = self.ledger.places.open_shards()
        for unit in {unit.shard: unit for unit in units if unit.shard in left}.values():
            self.seal(unit)


def run_unit(unit: WorkUnit, work: Work, *, ledger: Ledger, access: Access = ONCE) -> Failure | None:
    """Do one unit of work and keep its result, or the reason why there is none.

    Parameters
    ----------
    unit : WorkUnit
        What to work on.
    work : callable
        From a unit to its result, the bytes of a zip archive.
    ledger : Ledger
        Where results and failures go.
    access : Access
        A second time helps against a network, not against a bug: only what cannot be read is tried again, and not where
        its server was waited for in vain, for that takes minutes.

    Returns
    -------
    Failure or None
        None if the ledger now has the result. A failure comes back even if the disk is too full to record it.
    """
    with log_of(unit, ledger.places) as log:
        # after the last try there is no wait
        for attempts, pause in enumerate([*access.pauses, None], start=1):
            failure, again = _attempt(unit, work, ledger=ledger, attempts=attempts, log=log)
            if pause is None or not again:
                break
            log.write(f"waits {pause:g} s before it is tried again")
            time.sleep(pause)
        return failure if failure is None else ledger.try_to_record(unit, failure)


def _attempt(unit: WorkUnit, work: Work, *, ledger: Ledger, attempts: int, log: Log) -> tuple[Failure | None, bool]:
    """Failure, if it is one, and whether another try may help."""
    storing = True
    begin = time.perf_counter()
    try:
        # another run may have been faster
        if ledger.has(unit):
            log.write("another run has done it")
            return None, False
        storing = False
        result = work(unit)
        storing = True
        ledger.store(unit, result)
    except KeyboardInterrupt:
        log.write("stopped from outside")
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a unit raises, even SystemExit, the others go on
        failure = Failure.of(unit, error, attempts=attempts, storing=storing)
        log.fail(failure, error)
        return failure, failure.kind == "input" and not isinstance(error, SilentServerError)
    log.end(unit, seconds=time.perf_counter() - begin)
    return None, False
