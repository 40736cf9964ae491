from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from na62dump import runs
from na62dump.errors import BatchSystemError
from na62dump.runner import Slurm as Settings
from tests.cluster.daemons import wait_until
from tests.cluster.jobs import World, make_world, report, wait_for_marks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.slurm import Slurm


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(autouse=True)
def _found(slurm: Slurm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_CONF", slurm.environment["SLURM_CONF"])


def settings(world: World, resources: dict[str, object] | None = None, **more: Any) -> Settings:
    return Settings.model_validate(world.settings("slurm", resources=resources, array_most=1000, **more))


def wait_for_the_end(slurm: Slurm) -> None:
    wait_until(lambda: not slurm.jobs(), what="an empty queue")


def test_a_job_killed_in_mid_slice_is_sent_again_and_the_result_is_exact(
    world: World, slurm: Slurm, tmp_path: Path
) -> None:
    run = world.run_in(tmp_path / "run", every={"sleep_s": 1.0})
    sent = runs.submit(run, settings(world))
    assert (sent.jobs, sent.units, sent.waiting) == (2, 8, 0)
    wait_for_marks(run)
    again = runs.submit(run, settings(world))
    assert (again.jobs, again.units) == (0, 0)
    assert again.waiting >= 6
    alive = [number for number in (0, 1) if report(run, 1, number).get("state") == "working"]
    os.kill(report(run, 1, alive[0])["process"], signal.SIGKILL)
    wait_for_the_end(slurm)
    assert not runs.status(run).complete
    world.goes_wrong()
    last = runs.submit(run, settings(world))
    assert last.alone == 1
    assert last.units == len(run.ledger.missing(run.plan.units))
    assert "1 jobs ended without a word" in last.remarks[0]
    wait_for_the_end(slurm)
    assert world.is_exact(run)
    assert runs.submit(run, settings(world)).units == 0


def test_what_lacks_memory_or_time_gets_more_and_the_result_is_exact(
    world: World, slurm: Slurm, tmp_path: Path
) -> None:
    short: dict[str, object] = {"time": "45 s", "time_kept": "20 s", "most_time": "4 min", "growth": 4.0}
    short |= {"most_memory": "6 GB"}
    execution = settings(world, short)
    run = world.run_in(tmp_path / "run", f1={"memory_mb": 1200}, f6={"sleep_s": 30})
    runs.submit(run, execution)
    wait_for_the_end(slurm)
    kinds = {failure.unit: failure.kind for failure in runs.status(run).failures}
    assert kinds[world.unit("f1")] == "memory"
    assert kinds[world.unit("f6")] == "time"
    again = runs.submit(run, execution)
    assert again.raised == 2
    assert again.alone >= 1
    wait_for_the_end(slurm)
    for _ in range(2):  # what had no time for a beginning in a slow job is sent as usual
        if runs.submit(run, execution).units:
            wait_for_the_end(slurm)
    assert world.is_exact(run)


def test_a_unit_that_needs_more_than_allowed_is_named_and_not_sent_again(
    world: World, slurm: Slurm, tmp_path: Path
) -> None:
    execution = settings(world, {"most_memory": "1500 MB"})
    run = world.run_in(tmp_path / "run", f1={"memory_mb": 1200})
    for alone in (0, 1):
        assert runs.submit(run, execution).alone == alone
        wait_for_the_end(slurm)
    last = runs.submit(run, execution)
    assert (last.jobs, last.refused) == (0, 1)
    (failure,) = runs.status(run).failures
    assert failure.unit == world.unit("f1")
    assert "needs more than 1.5 GB of memory" in failure.reason
    world.goes_wrong()
    assert runs.submit(run, settings(world)).raised == 1
    wait_for_the_end(slurm)
    assert world.is_exact(run)


def test_a_unit_that_always_crashes_is_named_and_its_neighbours_are_done(
    world: World, slurm: Slurm, tmp_path: Path
) -> None:
    run = world.run_in(tmp_path / "run", f2={"abort": 1})
    runs.submit(run, settings(world, {"cpus": 2}))
    wait_for_the_end(slurm)
    (failure,) = runs.status(run).failures
    assert (failure.unit, failure.kind) == (world.unit("f2"), "crash")
    assert "SIGABRT" in failure.reason
    assert [unit.name for unit in run.ledger.missing(run.plan.units)] == [world.unit("f2")]


def test_another_version_on_the_node_is_refused_and_told(world: World, slurm: Slurm, tmp_path: Path) -> None:
    run = world.run_in(tmp_path / "run", version="0.0.1")
    runs.submit(run, settings(world))
    wait_for_the_end(slurm)
    assert not run.ledger.names()
    (told,) = runs.refusals(run)
    assert told.startswith("2 jobs ended early: this job was sent with another version of na62dump")
    assert "'0.0.1' now" in told
    world.goes_wrong()
    runs.submit(run, settings(world))
    wait_for_the_end(slurm)
    assert world.is_exact(run)
    assert runs.refusals(run) == []


def test_nothing_is_sent_while_the_queue_cannot_be_asked(
    world: World, slurm: Slurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.run_in(tmp_path / "run")
    runs.submit(run, settings(world, at_once=1))
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "nowhere"))
    with pytest.raises(BatchSystemError, match="'squeue' ends with code 1 and says"):
        runs.submit(run, settings(world))
    assert len(list((run.folder / "jobs").iterdir())) == 1
    wait_for_the_end(slurm)
