"""The verbs of batch jobs, with a Slurm that is two scripts: jobs run when the test calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from na62dump.cli import main
from tests.cluster.daemons import wait_until
from tests.worlds import declared, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., tuple[int, str, str]]

TREE = Path(__file__).parents[2]
FAULTS = TREE / "tests" / "cluster" / "faults"
"""Makes units sleep, as a file says."""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["na62dump", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from na62dump import analysis, runs  # noqa: PLC0415 - for this fixture only

    events = simulated("halo", 400)
    write(tmp_path / "halo.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    plan = planned(tmp_path, {"d": declared("data", "halo.root")})
    runs.create(tmp_path / "r", analysis.load("mumu"), plan=plan)
    for name, script in {"sbatch": "echo 7", "squeue": f"cat {tmp_path}/queue"}.items():
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    (tmp_path / "queue").write_text("")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def grow(world: Path, folder: Path) -> None:
    """Add a file to the plan of a run."""
    from na62dump import analysis, runs  # noqa: PLC0415 - for some tests only

    events = simulated("halo", 300, burst=2)
    write(world / "more.root", events, bursts=[good_burst(int(events["run"][0]), 2)])
    plan = planned(world, {"d": declared("data", "halo.root", "more.root")})
    runs.create(folder, analysis.load("mumu"), plan=plan)


def marks(folder: Path) -> set[str]:
    from na62dump import runs  # noqa: PLC0415 - for some tests only

    return runs.open_run(folder).ledger.places.marked_names()


RUN = ("--execution", "execution/slurm")


def test_submit_work_and_complete(world: Path, call: Call) -> None:
    run = world / "r"
    code, out, err = call("run", run, *RUN, "--json")
    assert code == 0
    assert "submitted; " in err
    (row,) = json.loads(out)[0]["rows"]
    assert (row["jobs"], row["units"], row["waiting before"], row["identifiers"]) == (1, 1, 0, ["7"])
    token = json.loads((run / "jobs" / "0001" / "job.json").read_bytes())["token"]
    (world / "queue").write_text(f"{token}|0|PD|Priority\n")
    code, out, err = call("run", run, *RUN, "--json")
    assert (code, json.loads(out)[0]["rows"][0]["waiting before"]) == (0, 1)
    assert "nothing new to send: 1 units wait or run" in err
    assert call("status", run)[0] == 1
    assert call("worker", run / "jobs" / "0001" / "job.json", "--slice", 0)[0] == 0
    code, _, err = call("run", run, *RUN)
    assert (code, "complete; next: na62dump merge" in err) == (0, True)
    assert "are compared by" not in err
    code, _, err = call("run", run, *RUN, "--verify")
    assert err.startswith(f"files with nothing to do are compared by 'na62dump run {run} --verify', not by jobs\n")
    assert call("merge", run)[0] == 0
    assert not list((run / "jobs").glob("submitting*"))


def test_a_job_of_another_plan_or_version_is_refused_and_told(
    world: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world / "r"
    call("run", run, *RUN)
    job = run / "jobs" / "0001" / "job.json"
    monkeypatch.setattr("na62dump.runs.submission.__version__", "0.0.1")
    code, _, err = call("worker", job, "--slice", 0)
    assert (code, "another version of na62dump than it finds" in err) == (2, True)
    (said,) = json.loads(call("status", run, "--json")[1])[-1]["rows"]
    assert (said["jobs"], said["log of the first"]) == (1, str(job.with_name("0.err")))
    assert said["reason"].startswith("this job was sent with another version")
    monkeypatch.undo()
    plan = run / "plan.json"
    plan.write_text(plan.read_text().replace('"label": "a sample"', '"label": "another"'))
    code, _, err = call("worker", job, "--slice", 0)
    assert (code, "another analysis, or other samples, than it finds" in err, "run again" in err) == (2, True, True)


def test_jobs_of_a_plan_that_has_grown_are_waited_for_and_do_their_work(world: Path, call: Call) -> None:
    run = world / "r"
    call("run", run, *RUN)
    job = run / "jobs" / "0001" / "job.json"
    (world / "queue").write_text(f"{json.loads(job.read_bytes())['token']}|0|PD|Priority\n")
    grow(world, run)
    code, out, _ = call("run", run, *RUN, "--json")
    (row,) = json.loads(out)[0]["rows"]
    assert (code, row["units"], row["waiting before"]) == (0, 1, 1)
    for number in (1, 2):
        assert call("worker", run / "jobs" / f"{number:04}" / "job.json", "--slice", 0)[0] == 0
    assert call("status", run)[0] == 0


def test_units_that_the_plan_has_no_more_are_refused(world: Path, call: Call) -> None:
    run = world / "r"
    call("run", run, *RUN)
    job = run / "jobs" / "0001" / "job.json"
    told = json.loads(job.read_bytes())
    job.write_text(json.dumps(told | {"slices": [[*told["slices"][0], "another"]]}))
    code, _, err = call("worker", job, "--slice", 0)
    assert (code, "another plan than it finds on its node ('2 units' then, '1 units' now)" in err) == (2, True)


def test_sigterm_ends_a_job_with_its_workers_and_blames_no_unit(world: Path, call: Call) -> None:
    run = world / "r"
    call("run", run, *RUN)
    jobs = run / "jobs" / "0001"
    (world / "faults").write_text('{"": {"sleep_s": 60}}')
    environment = {"PYTHONPATH": f"{FAULTS}{os.pathsep}{TREE}", "NA62DUMP_TEST_FAULTS": str(world / "faults")}
    words = [sys.executable, "-m", "na62dump", "worker", "job.json", "--slice", "0"]
    worker = subprocess.Popen(words, cwd=jobs, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    wait_until(lambda: marks(run), what="a unit that is worked on", patience=60)
    children = psutil.Process(worker.pid).children(recursive=True)
    assert children
    worker.terminate()
    assert worker.wait(30) != 0
    assert not psutil.wait_procs(children, timeout=10)[1]
    report = json.loads((jobs / "0.json").read_bytes())
    assert (report["state"], report["reason"]) == ("ended", "ended by the batch system (SIGTERM)")
    assert report["working"] == list(json.loads((jobs / "job.json").read_bytes())["slices"][0])
    assert not marks(run)
    code, out, err = call("run", run, *RUN, "--json")
    (row,) = json.loads(out)[0]["rows"]
    assert (code, row["units"], row["alone"], "without a word" in err) == (0, 1, 0, False)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nowhere/job.json", "--slice", 0), "no job here"),
        (("r/jobs/0001/job.json", "--slice", 1), "no slice 1; there are 1, counted from 0"),
    ],
)
def test_mistakes_of_jobs_are_told(
    world: Path, call: Call, monkeypatch: pytest.MonkeyPatch, *, words: tuple[object, ...], told: str
) -> None:
    monkeypatch.chdir(world)
    call("run", "r", "--execution", "execution/slurm")
    code, _, err = call("worker", *words)
    assert (code, told in err) == (2, True)


def test_without_slurm_it_is_said_and_nothing_stays(world: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    code, _, err = call("run", world / "r", *RUN)
    assert (code, "'sbatch' is not on the path" in err) == (2, True)
    assert not (world / "r" / "jobs" / "submitting.json").exists()


def test_jobs_are_no_verb_for_people(call: Call) -> None:
    assert "worker" not in call("--help")[1]
