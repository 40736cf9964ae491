from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import runs
from na62dump.errors import BatchSystemError
from tests.cluster.jobs import kill, on_slurm, report, wait_for_a_job_in_mid_slice, wait_for_the_end

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.jobs import World
    from tests.cluster.slurm import Slurm


def test_a_job_killed_in_mid_slice_is_sent_again_and_the_result_is_exact(
    world: World, queue: Slurm, tmp_path: Path
) -> None:
    run = world.run_in(tmp_path / "run", every={"sleep_s": 2.0})
    sent = runs.submit(run, on_slurm(world))
    assert (sent.jobs, sent.units, sent.waiting) == (2, 8, 0)
    again = runs.submit(run, on_slurm(world))
    assert (again.jobs, again.units, again.waiting) == (0, 0, 8)
    kill(report(run, 1, wait_for_a_job_in_mid_slice(run))["process"])
    wait_for_the_end(queue)
    assert not runs.status(run).complete
    world.goes_wrong()
    last = runs.submit(run, on_slurm(world))
    assert last.alone == 1
    assert last.units == len(run.ledger.missing(run.plan.units))
    assert "1 job ended without a word" in last.remarks[0]
    wait_for_the_end(queue)
    assert world.is_exact(run)
    assert runs.submit(run, on_slurm(world)).units == 0


def test_what_lacks_memory_or_time_gets_more_until_it_needs_more_than_allowed(
    world: World, queue: Slurm, tmp_path: Path
) -> None:
    short = {"time": "80 s", "time_kept": "30 s", "most_time": "6 min", "growth": 4.0}
    execution = on_slurm(world, short, units_per_job=2)
    run = world.run_in(tmp_path / "run", f1={"memory_mb": 1200}, f2={"memory_mb": 2700}, f6={"sleep_s": 100})
    runs.submit(run, execution)
    wait_for_the_end(queue)
    lacking = {world.unit("f1"): "memory", world.unit("f2"): "memory", world.unit("f6"): "time"}
    assert {failure.unit: failure.kind for failure in runs.status(run).failures} == lacking
    world.goes_wrong(f1={"memory_mb": 1200}, f2={"memory_mb": 2700})
    again = runs.submit(run, execution)
    assert again.raised == 3
    assert again.alone == 3
    wait_for_the_end(queue)
    last = runs.submit(run, execution)
    assert (last.jobs, last.refused) == (0, 1)
    (failure,) = runs.status(run).failures
    assert failure.unit == world.unit("f2")
    assert "needs more than 3 GB of memory" in failure.reason
    world.goes_wrong()
    assert runs.submit(run, on_slurm(world, {"most_memory": "4 GB"})).raised == 1
    wait_for_the_end(queue)
    assert world.is_exact(run)


def test_a_unit_that_always_crashes_is_named_and_its_neighbours_are_done(
    world: World, queue: Slurm, tmp_path: Path
) -> None:
    run = world.run_in(tmp_path / "run", f2={"abort": 1})
    runs.submit(run, on_slurm(world, {"cpus": 2}))
    wait_for_the_end(queue)
    (failure,) = runs.status(run).failures
    assert (failure.unit, failure.kind) == (world.unit("f2"), "crash")
    assert "SIGABRT" in failure.reason
    assert [unit.name for unit in run.ledger.missing(run.plan.units)] == [world.unit("f2")]


def test_another_version_on_the_node_is_refused_and_told(world: World, queue: Slurm, tmp_path: Path) -> None:
    run = world.run_in(tmp_path / "run", version="0.0.1")
    runs.submit(run, on_slurm(world))
    wait_for_the_end(queue)
    assert not run.ledger.names()
    (told,) = runs.status(run).jobs
    assert told.jobs == 2
    assert told.reason.startswith("this job was sent with another version of na62dump")
    assert "'0.0.1' now" in told.reason
    world.goes_wrong()
    runs.submit(run, on_slurm(world))
    wait_for_the_end(queue)
    assert world.is_exact(run)
    assert runs.status(run).jobs == ()


@pytest.mark.usefixtures("queue")
def test_nothing_is_sent_while_the_queue_cannot_be_asked(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.run_in(tmp_path / "run")
    runs.submit(run, on_slurm(world))
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "nowhere"))
    with pytest.raises(BatchSystemError, match="'squeue' ends with code 1 and says"):
        runs.submit(run, on_slurm(world))
    assert len(list((run.folder / "jobs").iterdir())) == 1


def test_tasks_cancelled_while_they_waited_are_sent_again_and_those_that_never_start_are_told(
    world: World, queue: Slurm, tmp_path: Path
) -> None:
    run = world.run_in(tmp_path / "run")
    too_long = on_slurm(world, {"time": "2 h", "most_time": "2 h"})
    never = runs.submit(run, too_long)
    assert never.jobs == 2
    (remark,) = runs.submit(run, too_long).remarks
    assert remark.startswith("2 of the jobs that wait will not start, Slurm says (Partition")
    queue("scancel", *(f"{never.identifiers[0]}_{number}" for number in range(2)))
    again = runs.submit(run, on_slurm(world))
    assert (again.jobs, again.units) == (2, 8)
    assert again.remarks == ("2 jobs left the queue before na62dump began: cancelled, or removed",)
    wait_for_the_end(queue)
    assert world.is_exact(run)
