"""A run as jobs of a batch system: sending them, and doing one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from na62dump import __version__, runner
from na62dump.datasets import Access
from na62dump.errors import ConfigurationError, NA62DumpError
from na62dump.runner import Local, batch
from na62dump.runs.folder import open_run
from na62dump.runs.verification import require_checksums
from na62dump.runs.work import job

if TYPE_CHECKING:
    from na62dump.runner import Batch, Failure, Submitted
    from na62dump.runner.batch import Conditions, Remark, Sent, Submission
    from na62dump.runs.folder import Run

_DIGITS = 16
"""Digits of a digest that are shown."""

_MEND_THE_NODE = "mend 'python' or 'setup' of the execution file, which say what the node uses, and run again"
_RUN_AGAIN = "run again: that sends jobs for what is there now"

KILLED = "SIGKILL"
"""How a system ends a process when it has no memory left; nothing else of ours does it to a unit that is alone."""


def submit(run: Run, execution: Batch, *, verify: bool = False, skip_failed: bool = False) -> Submitted:
    """Send what is missing, and in no job yet, to a batch system.

    Parameters
    ----------
    run : Run
        The run; its folder must be where the nodes see it by the same name.
    execution : Batch
        Batch system and resources.
    verify : bool
        Whether the jobs compare each file that they read with what was planned; of the others none is looked at.
    skip_failed : bool
        Whether to leave out what has failed before.

    Returns
    -------
    Submitted
        What was sent.

    Raises
    ------
    BatchSystemError
        If the queue cannot be asked (then nothing is sent), or the batch system refuses.
    ClaimedError
        If another process submits.
    """
    if verify:
        require_checksums(run)
    conditions = _conditions(run, execution.files, verify=verify)
    failed = run.ledger.places.failed_names() if skip_failed else set()
    units = [unit for unit in run.plan.units if unit.name not in failed]
    return batch.submit(units, run.ledger, execution=execution, conditions=conditions)


def remarks_of_jobs(run: Run) -> list[Remark]:
    """Why the last jobs of what is missing refused to work, stopped early, or did not begin; sorted by reason."""
    if not (run.folder / batch.JOBS).exists():
        return []
    try:
        before = batch.history(run.folder.absolute(), _conditions(run, Access(), verify=False))
    except batch.DamagedJobError as error:
        return [batch.Remark(jobs=0, reason=str(error), log="")]
    return batch.reasons(before, {unit.name for unit in run.plan.units} - run.ledger.names())


def do_slice(path: Path, number: int) -> list[Failure]:
    """Do what is missing of one job's slice, within what the job asked for.

    Parameters
    ----------
    path : Path
        ``job.json`` of a submission.
    number : int
        Of the slice.

    Returns
    -------
    list of Failure
        Units without a result, and why. Without failures there may still be units that the job's time was too short for.

    Raises
    ------
    ConfigurationError
        If the job was made for another version of na62dump, another analysis, or other open regions than it finds, or
        for units that the plan has no more; that is on record too.
    KeyboardInterrupt
        If the batch system tells it to end (SIGTERM, by `batch.watching_itself` while the work runs); that is on record, and workers are gone.
    """
    submission = batch.load(path)
    sent = batch.Sent(path.absolute().parent, submission)
    if not 0 <= number < len(submission.slices):
        msg = f"{path}: no slice {number}; there are {len(submission.slices)}, counted from 0"
        raise ConfigurationError(msg)
    try:
        run = _run_of(submission, number)
    except NA62DumpError as error:
        sent.write_report(number, "refused", reason=str(error))
        raise
    sent.write_report(number, "working")
    try:
        failures, reason = _work(run, sent, number)
    except KeyboardInterrupt as stop:
        sent.write_report(number, "ended", reason=batch.STOPPED, working=stop.args)
        raise
    except Exception as error:
        sent.write_report(number, "ended", reason=f"{type(error).__name__}: {error}")
        raise
    sent.write_report(number, "ended", reason=reason)
    return failures


def _work(run: Run, sent: Sent, number: int) -> tuple[list[Failure], str]:
    """Failures, and why the job stopped before all was tried, if it did; an interrupt tells what was worked on."""
    submission = sent.submission
    given = submission.given
    wanted = set(submission.slices[number])
    units = run.ledger.missing(unit for unit in run.plan.units if unit.name in wanted)
    work = job(run, submission.conditions.files, verify=submission.conditions.verify)
    here = Local(engine="futures", workers=given.cpus, files=submission.conditions.files)
    reason = ""
    watch = None
    try:
        with batch.watching_itself(units, run.ledger, given=given) as watch:
            found = runner.execute(units, work, execution=here)
    except KeyboardInterrupt as stop:
        if watch is None or not watch.out_of_time:
            raise KeyboardInterrupt(*(watch.stopped if watch else ())) from stop
        found = run.ledger.failures(units)
        reason = "stopped shortly before its time was over"
    return [_as_memory(failure, run) for failure in found], reason


def _as_memory(failure: Failure, run: Run) -> Failure:
    """Failure of a unit that was killed twice, the second time alone, as a lack of memory."""
    if failure.kind != "crash" or KILLED not in failure.reason:
        return failure
    told = failure.model_copy(
        update={"kind": "memory", "reason": f"killed twice, as for lack of memory: {failure.reason}"}
    )
    return run.ledger.try_to_record(run.plan.by_name[failure.unit], told)


def _conditions(run: Run, files: Access, *, verify: bool) -> Conditions:
    return batch.Conditions(
        version=__version__,
        run=str(run.folder.absolute()),
        fingerprint=run.ledger.fingerprint,
        opened=run.open_regions,
        verify=verify,
        files=files,
    )


def _run_of(submission: Submission, number: int) -> Run:
    """The run of a job, if all that the job needs is as it was when it was sent; files may have been added."""
    kept = submission.conditions
    _require(kept.version, __version__, what="version of na62dump", remedy=_MEND_THE_NODE)
    run = open_run(Path(kept.run))
    _require(", ".join(kept.opened), ", ".join(run.open_regions), what="set of open regions", remedy=_RUN_AGAIN)
    found = run.ledger.fingerprint
    _require(kept.fingerprint, found, what="analysis, or other samples,", remedy=_RUN_AGAIN, shown=_DIGITS)
    wanted = set(submission.slices[number])
    there = wanted.intersection(unit.name for unit in run.plan.units)
    _require(f"{len(wanted)} units", f"{len(there)} units", what="plan", remedy=_RUN_AGAIN)
    return run


def _require(sent: str, found: str, *, what: str, remedy: str, shown: int | None = None) -> None:
    if sent != found:
        msg = (
            f"this job was sent with another {what} than it finds on its node ({sent[:shown]!r} then, "
            f"{found[:shown]!r} now): nothing is done; {remedy}"
        )
        raise ConfigurationError(msg)
