"""Jobs of HTCondor: sending them, by DAGMan if they are many, and asking for them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from na62dump.errors import BatchSystemError
from na62dump.runner.atomic import write_atomically
from na62dump.runner.batch.commands import Queue, answer
from na62dump.runner.batch.condor_events import EVENTS, read_events
from na62dump.runner.batch.scripts import FIRST_WORD, SCRIPT, write_script
from na62dump.units import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from na62dump.runner.batch.portions import Lack
    from na62dump.runner.batch.settings import HTCondor
    from na62dump.runner.batch.submissions import Sent

SUBMIT_FILE = "job.sub"
DAG_FILE = "jobs.dag"
_REMOVED, _COMPLETED, _HELD = 3, 4, 5
"""JobStatus (HTCondor manual, job ClassAd attributes)."""

_SCHEDULER = 7
"""JobUniverse of DAGMan itself (HTCondor manual, job ClassAd attributes)."""

_SCHEDD = re.compile(r"^-- Schedd: (\S+) : <", re.MULTILINE)
_CLUSTER = re.compile(r"submitted to cluster (\d+)")
_SHORT = 80
_TOKEN, _SLICE = "NA62DumpSubmission", "NA62DumpSlice"
_ASKED = (_TOKEN, _SLICE, "JobStatus", "JobUniverse", "ClusterId", "ProcId", "HoldReason")


class Queued(NamedTuple):
    """A job in the queue: token, number of its slice (None for DAGMan), why it is held (empty if it is not), its identifier."""

    token: str
    slice: int | None
    held: str
    identifier: str


def submit_file(sent: Sent, execution: HTCondor) -> str:
    """Text of the submit file: no files are transferred, all nodes see the same ones.

    The time is allowed_job_duration, which counts from the match; allowed_execute_duration is not looked at by HTCondor
    23.9 for a job that begins in the second in which it is matched.

    Parameters
    ----------
    sent : Sent
        What is sent.
    execution : HTCondor
        What the site wants in it.

    Returns
    -------
    str
        One queue statement over all slices, or, where DAGMan gives the number of the slice, for one.
    """
    given = sent.submission.given
    whole = math.floor(seconds(given.time))
    lines = [
        "universe = vanilla",
        f"executable = {_plain(str(sent.folder / SCRIPT))}",
        "arguments = $(slice)",
        f"initialdir = {_plain(str(sent.folder))}",
        "output = $(slice).out",
        "error = $(slice).err",
        f"log = {EVENTS}",
        "getenv = false",
        "should_transfer_files = NO",
        f"request_cpus = {given.cpus}",
        f"request_memory = {math.ceil(given.memory)}",
        f"allowed_job_duration = {whole}",
        "on_exit_remove = true",
        f'+{_TOKEN} = "{sent.submission.token}"',
        f"+{_SLICE} = $(slice)",
        *([f"{execution.time_attribute} = {whole}"] if execution.time_attribute else []),
        *([f"requirements = {execution.requirements}"] if execution.requirements else []),
        *execution.attributes,
    ]
    if _by_dag(sent, execution):
        return "\n".join([*lines, "queue", ""])
    numbers = map(str, range(len(sent.submission.slices)))
    return "\n".join([*lines, "queue slice from (", *numbers, ")", ""])


def dag_file(sent: Sent) -> str:
    """Text of DAGMan's file: a node for each slice, none after another, none tried twice."""
    nodes = range(len(sent.submission.slices))
    return "".join(f'JOB s{n} {SUBMIT_FILE}\nVARS s{n} slice="{n}"\nRETRY s{n} 0\n' for n in nodes)


def send(sent: Sent, execution: HTCondor) -> str:
    """Send jobs; the number of their cluster, or of DAGMan's."""
    write_script(sent.folder, execution, slice_from=FIRST_WORD)
    write_atomically(sent.folder / SUBMIT_FILE, submit_file(sent, execution).encode())
    words = ["condor_submit", SUBMIT_FILE]
    if _by_dag(sent, execution):
        write_atomically(sent.folder / DAG_FILE, dag_file(sent).encode())
        most = ["-maxjobs", str(execution.at_once)] if execution.at_once else []
        mark = ["-append", f'+{_TOKEN} = "{sent.submission.token}"']
        words = ["condor_submit_dag", *most, *mark, DAG_FILE]
    said = answer(words, folder=sent.folder)
    match = _CLUSTER.search(said)
    if match is None:
        msg = f"{words[0]} answers {said!r}, in which there is no cluster; see the queue before you run again"
        raise BatchSystemError(msg)
    return match[1]


def queue_name() -> str:
    """Name of the queue that takes jobs from this machine now; another machine, or another day, may mean another."""
    said = answer(["condor_q", "-totals"])
    match = _SCHEDD.search(said)
    if match is None:
        msg = f"condor_q answers {said[:_SHORT]!r}, which names no schedd; nothing is submitted"
        raise BatchSystemError(msg)
    return match[1]


def waiting(several: Sequence[Sent]) -> Queue:
    """What the queues say of the jobs of some submissions, each asked by its name; held jobs are removed."""
    names = sorted({sent.submission.schedd for sent in several})
    found = [_waiting_at(name, [sent for sent in several if sent.submission.schedd == name]) for name in names]
    return Queue(
        alive=set().union(*(each.alive for each in found)),
        removed=set().union(*(each.removed for each in found)),
        remarks=tuple(remark for each in found for remark in each.remarks),
    )


def _waiting_at(name: str, several: Sequence[Sent]) -> Queue:
    where = ["-name", name] if name else []
    tokens = " || ".join(f'{_TOKEN} == "{sent.submission.token}"' for sent in several)
    jobs = queued(answer(["condor_q", *where, "-constraint", tokens, "-json", "-attributes", ",".join(_ASKED)]))
    held = [job.identifier for job in jobs if job.held]
    if held:
        answer(["condor_rm", *where, *held])
    found = {(job.token, job.slice) for job in jobs if job.slice is not None and not job.held}
    gone = {(job.token, job.slice) for job in jobs if job.held}
    for sent in several:
        token = sent.submission.token
        if any(job.token == token and job.slice is None and not job.held for job in jobs):
            # DAGMan submits a node when it comes to it: what has not ended will be done
            ended = {(token, number) for number in read_events(sent.folder / EVENTS).ended}
            found |= {(token, number) for number in range(len(sent.submission.slices))} - ended - gone
    removed = {(job.token, job.slice) for job in jobs if job.held and job.slice is not None}
    reasons = Counter(job.held for job in jobs if job.held)
    return Queue(
        found, removed, tuple(f"{n} held jobs were removed: {reason}" for reason, n in sorted(reasons.items()))
    )


def queued(said: str) -> list[Queued]:
    """Jobs that have not ended, from what condor_q prints in the form that `waiting` asks for.

    Parameters
    ----------
    said : str
        A list of objects in JSON; nothing if there is no job.

    Returns
    -------
    list of Queued
        Also those that are held.

    Raises
    ------
    BatchSystemError
        If it is something else.
    """
    try:
        jobs = [_queued(job) for job in json.loads(said or "[]")]
    except (ValueError, KeyError, TypeError) as error:
        msg = f"condor_q answers {said[:_SHORT]!r}, which is no list of jobs ({error}); nothing is submitted"
        raise BatchSystemError(msg) from error
    return [job for job in jobs if job is not None]


def lacking(sent: Sent) -> Mapping[int, Lack]:
    """What jobs had too little of when HTCondor held them, by number of the slice."""
    return read_events(sent.folder / EVENTS).lacking


def _queued(job: dict[str, object]) -> Queued | None:
    if job["JobStatus"] in {_REMOVED, _COMPLETED}:
        return None
    number = None if job["JobUniverse"] == _SCHEDULER else int(str(job[_SLICE]))
    held = str(job.get("HoldReason") or "no reason given") if job["JobStatus"] == _HELD else ""
    return Queued(str(job[_TOKEN]), number, held, f"{job['ClusterId']}.{job['ProcId']}")


def _by_dag(sent: Sent, execution: HTCondor) -> bool:
    return len(sent.submission.slices) > execution.dag_above


def _plain(text: str) -> str:
    """Text in which HTCondor replaces nothing."""
    return text.replace("$", "$(DOLLAR)")
