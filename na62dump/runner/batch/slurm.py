"""Job arrays of Slurm: sending them, asking for them, and what Slurm leaves in a job's log."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from na62dump.errors import BatchSystemError
from na62dump.runner.batch.commands import answer
from na62dump.runner.batch.scripts import ARRAY_INDEX, SCRIPT, write_script
from na62dump.units import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.runner.batch.portions import Lack
    from na62dump.runner.batch.settings import Slurm
    from na62dump.runner.batch.submissions import Given, Sent

_IDENTIFIER = re.compile(r"(\d+)(;[\w.-]+)?\n?")
_QUEUED = re.compile(r"([\w-]+)\|(\d+|N/A)\|([A-Z]{1,3})")
_GONE = frozenset({"BF", "CA", "CD", "DL", "F", "NF", "OOM", "PR", "RV", "TO"})
"""States of jobs that have ended, in squeue's short form (man squeue, job state codes)."""

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


def waiting(several: Sequence[Sent]) -> set[tuple[str, int]]:
    """Jobs that wait or run, as tokens of their submission and number of their slice."""
    tokens = ",".join(sent.submission.token for sent in several)
    said = answer(["squeue", "--noheader", "--array", "--states=all", f"--name={tokens}", "--format=%j|%K|%t"])
    return alive(said)


def alive(said: str) -> set[tuple[str, int]]:
    """Jobs that wait or run, from what squeue prints in the form that `waiting` asks for.

    Parameters
    ----------
    said : str
        Lines such as ``"token|7|PD"``.

    Returns
    -------
    set of (str, int)
        Token of the submission and number of the slice.

    Raises
    ------
    BatchSystemError
        If a line is none of these.
    """
    found = set()
    for line in said.splitlines():
        match = _QUEUED.fullmatch(line.strip())
        if match is None or match[2] == "N/A":
            msg = f"squeue answers {line!r}, which is no line of a job array; nothing is submitted"
            raise BatchSystemError(msg)
        if match[3] not in _GONE:
            found.add((match[1], int(match[2])))
    return found


def lacking(sent: Sent) -> dict[int, Lack]:
    """What jobs had too little of, by Slurm's own words in their logs; by number of the slice."""
    logs = {number: sent.log(number) for number in sent.unfinished()}
    said = {number: [lack for pattern, lack in _SAYS if pattern.search(log)] for number, log in logs.items()}
    return {number: lacks[-1] for number, lacks in said.items() if lacks}


def _limits(given: Given) -> list[str]:
    minutes = math.ceil(given.time / TIME["min"])
    return [f"--cpus-per-task={given.cpus}", f"--mem={math.ceil(given.memory)}M", f"--time={minutes}"]
