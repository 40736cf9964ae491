from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, Literal

import pytest

from na62dump import configuration as conf
from na62dump.datasets import Access
from na62dump.errors import BatchSystemError
from na62dump.runner import HTCondor, Slurm
from na62dump.runner.batch import Conditions, Sent, Submission, condor, history, slurm
from na62dump.runner.batch.commands import answer
from na62dump.runner.batch.condor_events import Events, read_events
from na62dump.runner.batch.scripts import ARRAY_INDEX, text
from na62dump.runner.batch.submissions import Given, create

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = """\
000 (012.000.000) 2026-01-01 00:00:00 Job submitted from host: <127.0.0.1:1>
    DAG Node: s7
...
000 (013.000.000) 2026-01-01 00:00:00 Job submitted from host: <127.0.0.1:1>
    DAG Node: s9
...
012 (012.000.000) 2026-01-01 00:00:05 Job was held.
\tError from slot1: memory usage exceeded request_memory
\tCode 34 Subcode 102
...
005 (013.000.000) 2026-01-01 00:00:09 Job terminated.
\t(1) Normal termination (return value 0)
...
"""


KNOWN_AS = "na62dump-x"


def conditions(run: Path) -> Conditions:
    return Conditions(version="1", run=str(run), fingerprint="f", opened=(), verify=False, files=Access())


def submission(run: Path, slices: int = 3, engine: Literal["slurm", "htcondor"] = "slurm") -> Submission:
    given = Given(cpus=1, memory=2000.5, time=90.5e9, memory_share=0.9, time_kept=0, raised=False)
    names = tuple((f"u{number}",) for number in range(slices))
    return Submission(engine=engine, token=KNOWN_AS, conditions=conditions(run), given=given, slices=names)


def settings(name: str, **changes: object) -> Any:  # noqa: ANN401 - of either system
    model = Slurm if name == "slurm" else HTCondor
    return conf.load_text(conf.read_toml(conf.find(f"execution/{name}")) | changes, model, where=name)


def test_the_script_hands_odd_words_on_as_they_are(tmp_path: Path) -> None:
    python = tmp_path / "a 'b' $HOME; touch x" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/bash\nprintf "%s|" "$0" "$@" "$GREETING"\n')
    python.chmod(0o755)
    script = text(settings("slurm", python=str(python), setup=["export GREETING='good day'"]), ARRAY_INDEX)
    done = subprocess.run(
        ["bash", "-c", script], env={"SLURM_ARRAY_TASK_ID": "4"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("|")[:-1] == [
        str(python),
        "-m",
        "na62dump",
        "worker",
        "job.json",
        "--slice",
        "4",
        "good day",
    ]


def test_sbatch_gets_an_array_and_no_environment(tmp_path: Path) -> None:
    sent = create(tmp_path, submission(tmp_path))
    words = slurm.words(sent, settings("slurm", constraint="a;$c", at_once=2, options=["--nice=5"]))
    wanted = {
        "--array=0-2%2",
        "--mem=2001M",
        "--time=2",
        "--export=NONE",
        "--no-requeue",
        "--constraint=a;$c",
        "--nice=5",
    }
    assert wanted <= set(words)
    assert not any(word.startswith(("--partition", "--qos", "--account")) for word in words)
    assert words[-1] == "job.sh"


def test_the_submit_file_replaces_nothing_in_a_path(tmp_path: Path) -> None:
    run = tmp_path / "$ENV(HOME) $(slice)"
    sent = create(run, submission(run, engine="htcondor"))
    lines = condor.submit_file(sent, settings("lxplus")).splitlines()
    assert f"initialdir = {tmp_path}/$(DOLLAR)ENV(HOME) $(DOLLAR)(slice)/jobs/0001" in lines
    wanted = {"request_memory = 2001", "allowed_job_duration = 90", "+MaxRuntime = 90", "getenv = false"}
    assert wanted | {"should_transfer_files = NO", '+NA62DumpSubmission = "na62dump-x"'} <= set(lines)
    assert lines[-5:] == ["queue slice from (", "0", "1", "2", ")"]


def test_many_jobs_are_nodes_of_a_dag(tmp_path: Path) -> None:
    sent = create(tmp_path, submission(tmp_path, engine="htcondor"))
    assert condor.submit_file(sent, settings("htcondor", dag_above=2)).endswith("\nqueue\n")
    assert condor.dag_file(sent).splitlines()[-3:] == ["JOB s2 job.sub", 'VARS s2 slice="2"', "RETRY s2 0"]


def test_squeue_is_read_strictly() -> None:
    said = "a|0|PD|Priority\na|1|R|None\na|2|CD|None\nb|7|OOM|OutOfMemory\nb|8|CG|None\n"
    assert slurm.queue(said) == ({("a", 0), ("a", 1), ("b", 8)}, set(), ())
    assert slurm.queue("") == (set(), set(), ())
    for wrong in ("a|0|PD", "slurm_load_jobs error", "a|N/A|R|None", "a|0|running|None"):
        with pytest.raises(BatchSystemError, match="no job of an array of ours; nothing is submitted"):
            slurm.queue(wrong)


def test_tasks_that_were_cancelled_while_they_waited_have_no_number() -> None:
    assert slurm.queue("a|N/A|CA|None\na|0|R|None\n").alive == {("a", 0)}


def test_jobs_that_never_start_are_told_with_the_reason_and_how_to_end_them() -> None:
    lines = [f"a|{n}|PD|PartitionTimeLimit" for n in range(3)] + ["a|3|PD|Resources", "b|0|PD|QOSMaxCpuPerJobLimit"]
    first, second = slurm.queue("\n".join(lines)).remarks
    assert first.startswith(
        "3 of the jobs that wait will not start, Slurm says (PartitionTimeLimit): change [resources]"
    )
    assert "(scancel --name=a)" in first
    assert second.startswith("1 of the jobs that wait will not start, Slurm says (QOSMaxCpuPerJobLimit)")


def test_condor_q_is_read_strictly() -> None:
    def job(**changes: object) -> dict[str, object]:
        base = {"NA62DumpSubmission": "a", "NA62DumpSlice": 3, "JobStatus": 1, "JobUniverse": 5}
        return {**base, "ClusterId": 1, "ProcId": 0, **changes}

    said = json.dumps([job(), job(JobStatus=5, ProcId=2), job(JobStatus=3), job(JobUniverse=7, JobStatus=2)])
    unknown = "no reason given"
    assert condor.queued(said) == [("a", 3, "", "1.0"), ("a", 3, unknown, "1.2"), ("a", None, "", "1.0")]
    assert condor.queued(json.dumps([job(JobStatus=5, HoldReason="too long")]))[0].held == "too long"
    assert condor.queued("") == []
    for wrong in ("-- Failed to fetch ads", "{}x", '[{"JobStatus": 1}]', "[1]"):
        with pytest.raises(BatchSystemError, match="no list of jobs"):
            condor.queued(wrong)


def test_each_queue_is_asked_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answered(words: list[str]) -> str:
        asked.append(words)
        return "\n\n-- Schedd: bigbird7.cern.ch : <127.0.0.1:4?... @ 11/22/26\n" if "-totals" in words else ""

    monkeypatch.setattr(condor, "answer", answered)
    named = [submission(tmp_path, engine="htcondor").model_copy(update={"schedd": name}) for name in ("b", "", "b")]
    assert condor.waiting([create(tmp_path, each) for each in named]) == (set(), set(), ())
    assert [words[:3] for words in asked] == [["condor_q", "-constraint", asked[0][2]], ["condor_q", "-name", "b"]]
    assert condor.queue_name() == "bigbird7.cern.ch"
    monkeypatch.setattr(condor, "answer", lambda _: "Error: no")
    with pytest.raises(BatchSystemError, match="which names no schedd; nothing is submitted"):
        condor.queue_name()


def test_event_log_tells_what_was_held_and_what_ended(tmp_path: Path) -> None:
    (tmp_path / "events.log").write_text(EVENTS)
    events = read_events(tmp_path / "events.log")
    assert events == Events({7: "memory"}, frozenset({9}))
    assert read_events(tmp_path / "none").ended == frozenset()


@pytest.mark.parametrize(
    ("log", "lack"),
    [
        ("slurmstepd: error: Detected 1 oom-kill event(s) in StepId=3.batch.", "memory"),
        ("slurmstepd: error: Detected 1 oom_kill event in StepId=3.batch. Some of the step tasks OOM killed", "memory"),
        ("slurmstepd: error: Exceeded job memory limit", "memory"),
        ("slurmstepd: error: *** JOB 3 ON n CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***", "time"),
        ("slurmstepd: error: *** JOB 3 ON n CANCELLED AT 2026-01-01T00:00:00 ***", None),
        ("my tomb is loom_kills", None),
    ],
)
def test_what_slurm_says_is_only_asked_of_jobs_that_did_not_end(tmp_path: Path, log: str, lack: str | None) -> None:
    sent = create(tmp_path, submission(tmp_path))
    for number in (0, 1):
        (sent.folder / f"{number}.err").write_text(f"first\n{log}\n")
    sent.write_report(0, "ended")
    assert slurm.lacking(sent) == ({1: lack} if lack else {})


def test_submissions_are_found_again_in_order_and_others_are_not(tmp_path: Path) -> None:
    first, second = (create(tmp_path, submission(tmp_path)) for _ in range(2))
    other = submission(tmp_path).model_copy(
        update={"conditions": conditions(tmp_path).model_copy(update={"fingerprint": "q"})}
    )
    create(tmp_path, other)
    (tmp_path / "jobs" / "0010").mkdir()
    (tmp_path / "jobs" / "0010" / "job.json").write_text("{}")
    assert history(tmp_path, conditions(tmp_path)) == [first, second]
    assert create(tmp_path, other).folder.name == "0011"
    assert first.identifier is None
    first.write_identifier("12")
    assert Sent(first.folder, first.submission).identifier == "12"


def test_programs_that_are_missing_or_fail_are_told() -> None:
    with pytest.raises(BatchSystemError, match="'no-such-program' is not on the path"):
        answer(["no-such-program"])
    with pytest.raises(BatchSystemError, match="'sh' ends with code 3 and says: no room"):
        answer(["sh", "-c", "echo no room >&2; exit 3"])


def test_no_option_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("SLURM_CLUSTERS", "SLURM_HINT", "SBATCH_CLUSTERS", "SQUEUE_PARTITION")
    for name in (*options, "SLURM_CONF"):
        monkeypatch.setenv(name, "elsewhere")
    said = answer(["env"]).splitlines()
    assert "SLURM_CONF=elsewhere" in said
    assert not [line for line in said if line.startswith(options)]
