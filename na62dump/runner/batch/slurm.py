"""Job arrays of Slurm: sending them, asking for them, and what Slurm leaves in a job's log."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from na62dump.errors import BatchSystemError
from na62dump.runner.batch.commands import Queue, answer
from na62dump.runner.batch.scripts import ARRAY_INDEX, SCRIPT, write_script
from na62dump.units import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.runner.batch.portions import Lack
    from na62dump.runner.batch.settings import Slurm
    from na62dump.runner.batch.submissions import Given, Sent

_IDENTIFIER = re.compile(r"(\d+)(;[\w.-]+)?\n?")
_QUEUED = re.compile(r"([\w-]+)\|(\d+|N/A)\|([A-Z]{1,3})\|(.*)")
_GONE = frozenset({"BF", "CA", "CD", "DL", "F", "NF", "OOM", "PR", "RV", "TO"})
"""States of jobs that have ended, in squeue's short form (man squeue, job state codes)."""

_NEVER = re.compile(
    r"PartitionTimeLimit|PartitionNodeLimit|PartitionConfig|BadConstraints|InvalidAccount|InvalidQOS|AccountNotAllowed"
    r"|QOSNotAllowed|\w+PerJob(Limit)?"
)
"""Reasons for which a job does not start however long it waits (man squeue, job reason codes)."""

_SAYS: Sequence[tuple[re.Pattern[str], Lack]] = (
    (re.compile(r"\boom[_-]kill|exceeded (job|step) memory limit", re.IGNORECASE), "memory"),
    (re.compile(r"CANCELLED AT \S+ DUE TO TIME LIMIT"), "time"),
)
"""What slurmstepd writes on a job's standard error when it ends the job, and what the job had too little of."""


def words(sent: Sent, execution: Slurm) -> list[str]:
    """Command that sends an array, to be called in its folder."""
    given = sent.submission.given
    last = len(sent.submission.slices) - 1
    some = {name: getattr(execution, name) for name in ("partition", "account", "qos", "constraint")}
    return [
        "sbatch",
        "--parsable",
        f"--job-name={sent.submission.token}",
        f"--array=0-{last}" + (f"%{execution.at_once}" if execution.at_once else ""),
        "--output=%a.out",
        "--error=%a.err",
        "--open-mode=truncate",
        "--ntasks=1",
        *_limits(given),
        "--export=NONE",
        "--no-requeue",
        *(f"--{name}={value}" for name, value in some.items() if value),
        *execution.options,
        SCRIPT,
    ]


def queue_name() -> str:
    """Nothing: sbatch and squeue ask the same one from any machine of a cluster."""
    return ""


def send(sent: Sent, execution: Slurm) -> str:
    """Send an array; its number, with the cluster where there are several."""
    write_script(sent.folder, execution, slice_from=ARRAY_INDEX)
    said = answer(words(sent, execution), folder=sent.folder)
    if not _IDENTIFIER.fullmatch(said):
        msg = f"sbatch answers {said!r} instead of the number of a job; see the queue before you run again"
        raise BatchSystemError(msg)
    return said.strip()


def waiting(several: Sequence[Sent]) -> Queue:
    """What the queue says of the jobs of some submissions."""
    tokens = ",".join(sent.submission.token for sent in several)
    said = answer(["squeue", "--noheader", "--array", "--states=all", f"--name={tokens}", "--format=%j|%K|%t|%r"])
    return queue(said)


def queue(said: str) -> Queue:
    """What squeue prints in the form that `waiting` asks for.

    Parameters
    ----------
    said : str
        Lines such as ``"token|7|PD|Priority"``; a job that was cancelled while it waited may have lost its number.

    Returns
    -------
    Queue
        Jobs that wait or run, with a remark on those that never will.

    Raises
    ------
    BatchSystemError
        If a line is none of these.
    """
    alive: set[tuple[str, int]] = set()
    never: Counter[tuple[str, str]] = Counter()
    for line in said.splitlines():
        match = _QUEUED.fullmatch(line.strip())
        if match is None or (match[2] == "N/A" and match[3] not in _GONE):
            msg = f"squeue answers {line!r}, which is no job of an array of ours; nothing is submitted; ask again later"
            raise BatchSystemError(msg)
        token, number, state, reason = match.groups()
        if state not in _GONE:
            alive.add((token, int(number)))
            never[token, reason] += state == "PD" and bool(_NEVER.fullmatch(reason))
    return Queue(alive, remarks=tuple(_remark(*key, jobs=jobs) for key, jobs in sorted(never.items()) if jobs))


def _remark(token: str, reason: str, *, jobs: int) -> str:
    return (
        f"{jobs} of the jobs that wait will not start, Slurm says ({reason}): change [resources], partition or account of "
        f"the execution file, cancel them (scancel --name={token}), and run again"
    )


def lacking(sent: Sent) -> dict[int, Lack]:
    """What jobs had too little of, by Slurm's own words in their logs; by number of the slice."""
    logs = {number: sent.log(number) for number in sent.unfinished()}
    said = {number: [lack for pattern, lack in _SAYS if pattern.search(log)] for number, log in logs.items()}
    return {number: lacks[-1] for number, lacks in said.items() if lacks}


def _limits(given: Given) -> list[str]:
    minutes = math.ceil(given.time / TIME["min"])
    return [f"--cpus-per-task={given.cpus}", f"--mem={math.ceil(given.memory)}M", f"--time={minutes}"]
