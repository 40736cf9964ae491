"""The verbs of batch jobs, with a Slurm that is two scripts: jobs run when the test calls them."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from na62dump.cli import main
from tests.worlds import declared, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., tuple[int, str, str]]


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


RUN = ("--execution", "execution/slurm")


def test_submit_work_and_complete(world: Path, call: Call) -> None:
    run = world / "r"
    code, out, err = call("run", run, *RUN, "--json")
    assert code == 0
    assert "submitted; " in err
    (row,) = json.loads(out)[0]["rows"]
    assert (row["jobs"], row["units"], row["waiting before"], row["identifiers"]) == (1, 1, 0, ["7"])
    token = json.loads((run / "jobs" / "0001" / "job.json").read_bytes())["token"]
    (world / "queue").write_text(f"{token}|0|PD\n")
    code, out, _ = call("run", run, *RUN, "--json")
    assert (code, json.loads(out)[0]["rows"][0]["waiting before"]) == (0, 1)
    assert call("status", run)[0] == 1
    assert call("worker", run / "jobs" / "0001" / "job.json", "--slice", 0)[0] == 0
    code, _, err = call("run", run, *RUN)
    assert (code, "complete; next: na62dump merge" in err) == (0, True)
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
    assert "1 jobs ended early: this job was sent with another version" in call("status", run)[2]
    monkeypatch.undo()
    plan = run / "plan.json"
    plan.write_text(plan.read_text().replace('"label": "a sample"', '"label": "another"'))
    code, _, err = call("worker", job, "--slice", 0)
    assert (code, "another plan than it finds" in err) == (2, True)


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
