"""Sending what is missing to a batch system, and nothing twice."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from na62dump.configuration import Settings, one_line
from na62dump.runner.batch.commands import Queue, RefusedError
from na62dump.runner.batch.past import last_places, past_of, vanished
from na62dump.runner.batch.portions import Need, decide
from na62dump.runner.batch.submissions import JOBS, Given, Submission, create, history
from na62dump.runner.batch.systems import SYSTEMS
from na62dump.runner.claim import claimed
from na62dump.runner.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.batch.portions import Past
    from na62dump.runner.batch.settings import Batch
    from na62dump.runner.batch.submissions import Conditions, Sent
    from na62dump.runner.ledger import Ledger

CLAIM = "submitting.json"
"""File in the folder of the submissions, as long as one is being made."""

STARTING_S = 120.0
"""Time in which the script of a job comes to na62dump, s: before, its silence says nothing."""

_TOKEN_BYTES = 8


@dataclass(frozen=True)
class Submitted:
    """What was sent.

    Attributes
    ----------
    jobs : int
        Jobs sent now.
    units : int
        Units in them.
    waiting : int
        Units in jobs that were sent before, and wait or run.
    alone : int
        Units that have a job of their own now.
    raised : int
        Units whose job has more memory or time now than the settings say.
    refused : int
        Units that need more than the settings allow.
    identifiers : tuple of str
        What the batch system calls the jobs.
    remarks : tuple of str
        What a person should know.
    """

    jobs: int
    units: int
    waiting: int
    alone: int
    raised: int
    refused: int
    identifiers: tuple[str, ...]
    remarks: tuple[str, ...]


def submit(units: Sequence[WorkUnit], ledger: Ledger, *, execution: Batch, conditions: Conditions) -> Submitted:
    """Send units that have no result and are in no job.

    Parameters
    ----------
    units : sequence of WorkUnit
        All of a plan, in its order.
    ledger : Ledger
        What is done.
    execution : Batch
        Batch system and resources.
    conditions : Conditions
        Under which the jobs may work.

    Returns
    -------
    Submitted
        What was sent; each submission is on disk before it is sent.

    Raises
    ------
    BatchSystemError
        If the queue cannot be asked (then nothing is sent), or if the batch system refuses.
    DamagedJobError
        If what was sent before cannot be read.
    ClaimedError
        If another process submits.
    """
    run = Path(one_line(conditions.run))
    (run / JOBS).mkdir(parents=True, exist_ok=True)
    with claimed(run / JOBS / CLAIM, doing="is submitting this run"):
        before = history(run, conditions)
        queue = _asked(before)
        busy = _busy(before, queue.alive)
        # asked after the queue: a job that has just left it has its results in the ledger
        missing = ledger.missing(units)
        left = [unit for unit in missing if unit.name not in busy]
        past = past_of(before, ledger, units=left)
        decision = decide(left, past, resources=execution.resources, size=execution.units_per_job)
        _record_refusals(left, past, refused=decision.refused, ledger=ledger)
        remarks = [*queue.remarks, *_remarks(before, {unit.name for unit in left}, known=queue.removed)]
        sent = []
        for need, parts in decision.portions.items():
            most = execution.most_together or len(parts)
            several = (parts[begin : begin + most] for begin in range(0, len(parts), most))
            sent += [_send(each, need, execution=execution, conditions=conditions) for each in several]
    return Submitted(
        jobs=sum(len(each.submission.slices) for each in sent),
        units=len(left) - len(decision.refused),
        waiting=len(missing) - len(left),
        alone=decision.alone,
        raised=decision.raised,
        refused=len(decision.refused),
        identifiers=tuple(each.identifier or "?" for each in sent),
        remarks=(*remarks, *(f"{name} is not sent again: {why}" for name, why in decision.refused.items())),
    )


class Remark(Settings):
    """What jobs say that have not done all of their work.

    Attributes
    ----------
    jobs : int
        How many say it; 0 if that is not known.
    reason : str
        Why they refused to work, or stopped early; what the shell wrote last, if na62dump has not begun there.
    log : str
        Standard error of the first of them; empty if there is none.
    """

    jobs: int
    reason: str
    log: str


def reasons(before: Sequence[Sent], names: Collection[str]) -> list[Remark]:
    """Why the newest jobs of some units refused to work, stopped early, or did not begin; sorted by reason."""
    logs: dict[str, list[str]] = {}
    for place in sorted(set(last_places(before, names, began=None).values())):
        sent = before[place.submission]
        logs.setdefault(_word(sent, place.slice), []).append(str(sent.log_path(place.slice)))
    return [Remark(jobs=len(own), reason=reason, log=own[0]) for reason, own in sorted(logs.items()) if reason]


def _asked(before: Sequence[Sent]) -> Queue:
    """What the queues say of jobs that have not ended."""
    open_ones = [each for each in before if each.unfinished()]
    several = {engine: [each for each in open_ones if each.submission.engine == engine] for engine in SYSTEMS}
    told = [SYSTEMS[engine].waiting(own) for engine, own in several.items() if own]
    alive, removed = (
        set[tuple[str, int]]().union(*jobs) for jobs in ([q.alive for q in told], [q.removed for q in told])
    )
    return Queue(alive, removed, tuple(remark for queue in told for remark in queue.remarks))


def _busy(before: Sequence[Sent], alive: Collection[tuple[str, int]]) -> set[str]:
    """Names of the units of jobs that wait or run."""
    return {
        name
        for each in before
        for number in each.unfinished()
        if (each.submission.token, number) in alive
        for name in each.submission.slices[number]
    }


def _send(parts: list[list[WorkUnit]], need: Need, *, execution: Batch, conditions: Conditions) -> Sent:
    """Write a submission and send it; if that fails half way, its token still finds its jobs in the queue."""
    system, asked = SYSTEMS[execution.engine], execution.resources
    given = Given(
        cpus=asked.cpus,
        memory=need.memory,
        time=need.time,
        memory_share=asked.memory_share,
        time_kept=asked.time_kept,
        raised=need != Need(asked.memory, asked.time),
    )
    submission = Submission(
        engine=execution.engine,
        schedd=system.queue_name(),
        token=f"na62dump-{secrets.token_hex(_TOKEN_BYTES)}",
        conditions=conditions,
        given=given,
        slices=tuple(tuple(unit.name for unit in part) for part in parts),
    )
    sent = create(Path(conditions.run), submission)
    try:
        sent.write_identifier(system.send(sent, execution))
    except RefusedError as error:
        # kept: a server that has timed out may have taken the jobs, and its queue is asked for them
        sent.write_refused(str(error))
        raise
    return sent


def _record_refusals(units: Sequence[WorkUnit], past: Past, *, refused: Mapping[str, str], ledger: Ledger) -> None:
    """Keep why units are not sent again, where status shows it."""
    for unit in units:
        if unit.name in refused:
            kind, reason = past.lacks[unit.name], refused[unit.name]
            ledger.try_to_record(unit, Failure(unit=unit.name, path=unit.path, reason=reason, kind=kind, attempts=1))


def _word(sent: Sent, number: int) -> str:
    """Why a job is not at work; empty if it is, or has left nothing that could say it."""
    report = sent.report(number)
    if report is not None:
        return report.reason
    lines = sent.log(number).split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if last:
        return f"na62dump has not begun there; last message of its script: {last}"
    is_late = _age(sent.log_path(number)) > STARTING_S
    return "na62dump has not begun there, and its script has left no message" if is_late else ""


def _age(path: Path) -> float:
    """Time since a file was last written, s; 0 if there is none."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _jobs(number: int) -> str:
    return f"{number} job" if number == 1 else f"{number} jobs"


def _remarks(before: Sequence[Sent], left: set[str], *, known: Collection[tuple[str, int]]) -> list[str]:
    """What became of the last jobs of units that are missing, if neither they nor the queue have said it."""
    lost = [(sent, number) for sent, number in vanished(before, left) if (sent.submission.token, number) not in known]
    begun = [(sent, number) for sent, number in lost if sent.log_path(number).exists()]
    found = []
    if len(begun) < len(lost):
        found.append(f"{_jobs(len(lost) - len(begun))} left the queue before na62dump began: cancelled, or removed")
    if begun:
        sent, number = begun[0]
        log = sent.log(number).splitlines()
        last = f", which ends with: {log[-1].strip()}" if log else ", which is empty"
        found.append(f"{_jobs(len(begun))} ended without a word; the log of the first is {sent.log_path(number)}{last}")
    return found
