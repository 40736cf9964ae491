"""Decisions over several submissions, with a batch system that is a list."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from na62dump import configuration as conf
from na62dump.datasets import Access, WorkUnit
from na62dump.errors import BatchSystemError
from na62dump.runner import Failure, HTCondor, Ledger, Slurm, Submitted
from na62dump.runner.batch import Conditions, Sent, condor, history, slurm
from na62dump.runner.batch.commands import Queue, RefusedError
from na62dump.runner.batch.submissions import STOPPED, DamagedJobError
from na62dump.runner.batch.submitting import reasons, submit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

UNITS = [WorkUnit(sample="s", kind="data", path="/f", uuid="u", start=i, stop=i + 1) for i in range(6)]
WAITING = slurm.waiting
NAMES = [unit.name for unit in UNITS]


class Site:
    """A run, and a queue that keeps what it is sent until told otherwise."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.ledger = Ledger(folder, "f")
        self.queue: set[tuple[str, int]] = set()
        self.refuses = ""
        self.held: set[tuple[str, int]] = set()
        self.remarks: tuple[str, ...] = ()
        monkeypatch.setattr(slurm, "waiting", self._asked)
        monkeypatch.setattr(slurm, "send", self._send)

    def _asked(self, several: list[Sent]) -> Queue:
        tokens = {sent.submission.token for sent in several}
        return Queue({job for job in self.queue if job[0] in tokens}, self.held, self.remarks)

    def _send(self, sent: Sent, _: Slurm) -> str:
        if self.refuses:
            msg = "no"
            raise RefusedError(msg) if self.refuses == "surely" else BatchSystemError(msg)
        self.queue |= {(sent.submission.token, number) for number in range(len(sent.submission.slices))}
        return sent.folder.name

    def run_htcondor(self) -> Submitted:
        execution = conf.load_text(conf.read_toml(conf.find("execution/htcondor")), HTCondor, where="x")
        return submit(UNITS, self.ledger, execution=execution, conditions=self.conditions)

    def run(self, **changes: object) -> Submitted:
        tables = conf.read_toml(conf.find("execution/slurm")) | {"units_per_job": 3} | changes
        execution = conf.load_text(tables, Slurm, where="x")
        return submit(UNITS, self.ledger, execution=execution, conditions=self.conditions)

    @property
    def conditions(self) -> Conditions:
        run = str(self.folder)
        return Conditions(version="1", run=run, fingerprint="f", opened=(), verify=False, files=Access())

    @property
    def sent(self) -> list[Sent]:
        return history(self.folder, self.conditions)

    def fail(self, unit: WorkUnit, kind: str) -> None:
        record = {"unit": unit.name, "path": "/f", "reason": "r", "kind": kind, "attempts": 1}
        self.ledger.record_failure(unit, Failure.model_validate(record))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_nothing_is_sent_twice_while_it_waits(site: Site) -> None:
    assert (site.run().jobs, site.run().jobs, site.run().waiting) == (2, 0, 6)
    token = site.sent[0].submission.token
    site.queue.remove((token, 1))
    again = site.run()
    assert (again.units, again.waiting) == (3, 3)
    assert site.sent[1].submission.slices == (tuple(NAMES[3:]),)
    assert "1 job left the queue before na62dump began" in again.remarks[0]


def test_each_submission_is_asked_of_the_system_that_has_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def waiting(several: list[Sent]) -> Queue:
        asked.extend(sent.identifier for sent in several)
        return Queue(set())

    monkeypatch.setattr(condor, "queue_name", lambda: "bigbird7")
    monkeypatch.setattr(condor, "send", lambda *_: "12")
    monkeypatch.setattr(condor, "waiting", waiting)
    site.run()
    site.queue = {(site.sent[0].submission.token, 0)}
    assert (site.run_htcondor().units, site.run_htcondor().units) == (3, 3)
    assert asked == ["12"]
    told = [(sent.submission.engine, sent.submission.schedd) for sent in site.sent]
    assert told == [("slurm", ""), ("htcondor", "bigbird7"), ("htcondor", "bigbird7")]


def test_a_job_that_says_it_has_ended_is_not_waited_for(site: Site) -> None:
    site.run()
    site.sent[0].write_report(0, "ended")
    assert site.run().units == 3


def test_what_the_batch_system_says_raises_what_its_job_was_doing(site: Site) -> None:
    site.run()
    first = site.sent[0]
    for number, words in ((0, "oom_kill"), (1, "CANCELLED AT x DUE TO TIME LIMIT")):
        first.write_report(number, "working")
        (first.folder / f"{number}.err").write_text(words)
    site.queue.clear()
    with site.ledger.working(UNITS[1]):
        found = site.run()
    # of the second job nobody knows what it was doing: each of its units has more time, alone
    assert (found.alone, found.raised) == (4, 4)
    given = {sent.submission.given.memory: sent.submission.slices for sent in site.sent[1:]}
    assert given[4000.0] == ((NAMES[1],),)


def test_failures_are_raised_from_what_the_last_job_had(site: Site) -> None:
    memory = []
    for _ in range(3):
        site.run()
        last = site.sent[-1]
        memory.append(last.submission.given.memory)
        for sent in site.sent:
            for number in sent.unfinished():
                sent.write_report(number, "ended")
        for unit in UNITS:
            site.fail(unit, "memory")
    assert memory == [2000.0, 4000.0, 8000.0]
    assert site.run().jobs == 6  # 16 GB is the most: alone
    for number in range(6):
        site.sent[-1].write_report(number, "ended")
    last_of_all = site.run()
    assert (last_of_all.jobs, last_of_all.refused) == (0, 6)
    assert all("needs more than 16 GB" in failure.reason for failure in site.ledger.failures(UNITS))


def test_code_failures_and_crashes_are_sent_again_as_they_are(site: Site) -> None:
    site.run()
    for number in (0, 1):
        site.sent[0].write_report(number, "ended")
    site.fail(UNITS[0], "code")
    site.fail(UNITS[1], "crash")
    found = site.run()
    assert (found.units, found.raised, found.alone) == (6, 0, 0)


def test_a_queue_that_cannot_be_asked_stops_all(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.run()
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(slurm, "waiting", WAITING)
    with pytest.raises(BatchSystemError, match="'squeue' is not on the path"):
        site.run()
    assert len(site.sent) == 1


def said(site: Site, names: Iterable[str] = NAMES) -> list[tuple[int, str]]:
    return [(remark.jobs, remark.reason) for remark in reasons(site.sent, set(names))]


def test_what_was_refused_is_no_lost_job_and_asked_for_all_the_same(site: Site) -> None:
    site.refuses = "surely"
    with pytest.raises(RefusedError, match="no"):
        site.run()
    site.refuses = ""
    token = site.sent[0].submission.token
    site.queue.add((token, 0))  # the answer was lost on the way
    again = site.run()
    assert (again.units, again.waiting, again.remarks) == (3, 3, ())


def test_a_refusal_hides_no_reason(site: Site) -> None:
    site.run()
    site.sent[0].write_report(0, "ended", reason="why")
    site.refuses = "surely"
    with pytest.raises(RefusedError):
        site.run()
    assert said(site) == [(1, "why")]


def test_a_job_told_to_end_says_nothing_against_its_units(site: Site) -> None:
    site.run()
    first = site.sent[0]
    first.write_report(0, "ended", reason=STOPPED, working=NAMES[:1])
    assert site.run().waiting == 6  # HTCondor queues it again
    site.queue.remove((first.submission.token, 0))
    again = site.run()
    assert (again.units, again.alone, again.raised, again.remarks) == (3, 0, 0, ())


def test_what_ended_it_raises_what_it_was_doing(site: Site) -> None:
    site.run()
    first = site.sent[0]
    first.write_report(0, "ended", reason=STOPPED, working=NAMES[1:2])
    (first.folder / "0.err").write_text("CANCELLED AT x DUE TO TIME LIMIT")
    site.queue.remove((first.submission.token, 0))
    assert (site.run().alone, site.sent[1].submission.given.time) == (1, 16 * 3600e9)


def test_a_submission_that_fails_half_way_loses_nothing(site: Site) -> None:
    site.refuses = "perhaps"
    with pytest.raises(BatchSystemError, match="no"):
        site.run(array_most=1)
    assert len(site.sent) == 1
    site.refuses = ""
    assert site.run(array_most=1).jobs == 2
    assert [sent.identifier for sent in site.sent] == [None, "0002", "0003"]
    assert site.run().waiting == 6


def test_what_was_sent_and_cannot_be_read_stops_all_and_is_told(site: Site) -> None:
    site.run()
    (sent,) = site.sent
    job = sent.folder / "job.json"
    job.write_bytes(job.read_bytes()[:-5])
    with pytest.raises(DamagedJobError, match=rf"{job}: damaged, .* remove {sent.folder}"):
        site.run()


def test_reasons_are_of_the_last_jobs_of_what_is_missing(site: Site) -> None:
    site.run()
    for number in (0, 1):
        site.sent[0].write_report(number, "refused", reason="another version")
    assert said(site) == [(2, "another version")]
    assert said(site, NAMES[:1]) == [(1, "another version")]
    assert said(site, ()) == []
    site.run()
    assert said(site) == []


def test_a_job_that_ended_before_na62dump_began_is_quoted_with_its_log(site: Site) -> None:
    site.run()
    (sent,) = site.sent
    sent.log_path(0).write_text("loading\nline 1 of setup failed: source x\n\n")
    sent.log_path(1).write_text("\n")
    (remark,) = reasons(site.sent, set(NAMES))
    assert remark.reason == "na62dump has not begun there; last message of its script: line 1 of setup failed: source x"
    assert (remark.jobs, remark.log) == (1, str(sent.log_path(0)))
    sent.write_report(0, "working")
    assert said(site) == []


def test_what_is_told_of_lost_jobs_is_what_is_known(site: Site) -> None:
    site.run(units_per_job=2)
    (sent,) = site.sent
    site.queue.clear()
    token = sent.submission.token
    site.held, site.remarks = {(token, 0)}, ("1 held jobs were removed: by me",)
    sent.log_path(1).write_text("Killed")
    assert site.run().remarks == (
        "1 held jobs were removed: by me",
        "1 job left the queue before na62dump began: cancelled, or removed",
        f"1 job ended without a word; the log of the first is {sent.log_path(1)}, which ends with: Killed",
    )


def test_a_script_that_has_been_silent_for_long_is_told(site: Site) -> None:
    site.run()
    (sent,) = site.sent
    sent.log_path(0).touch()
    assert said(site) == []
    os.utime(sent.log_path(0), (0, 0))
    assert said(site) == [(1, "na62dump has not begun there, and its script has left no message")]
