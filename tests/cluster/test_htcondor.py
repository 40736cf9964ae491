from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from na62dump import runs
from na62dump.runner import HTCondor as Settings
from tests.cluster.daemons import wait_until
from tests.cluster.jobs import wait_for_a_job_in_mid_slice, wait_for_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.condor import Condor
    from tests.cluster.jobs import World

HELD = 5


@pytest.fixture(autouse=True)
def _found(condor: Condor, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("PATH", "CONDOR_CONFIG"):
        monkeypatch.setenv(name, condor.environment[name])
    yield
    if condor.jobs():
        condor("condor_rm", "-all")
        wait_for_the_end(condor)


def settings(world: World, resources: dict[str, object] | None = None, **more: object) -> Settings:
    defaults = {"dag_above": 100, "time_attribute": "+MaxRuntime"}
    return Settings.model_validate(world.settings("htcondor", resources=resources, **(defaults | more)))


def test_a_removed_and_a_vacated_job_cost_nothing(world: World, condor: Condor, tmp_path: Path) -> None:
    run = world.run_in(tmp_path / "run", every={"sleep_s": 2.0})
    sent = runs.submit(run, settings(world))
    assert (sent.jobs, sent.units) == (2, 8)
    (cluster,) = sent.identifiers
    removed = wait_for_a_job_in_mid_slice(run)
    condor("condor_rm", f"{cluster}.{removed}")
    wait_until(lambda: f"{cluster}.{1 - removed}" in condor.jobs(2), what="the other job")
    condor("condor_vacate_job", "-fast", f"{cluster}.{1 - removed}")
    world.goes_wrong()
    wait_for_the_end(condor)
    assert not runs.status(run).complete
    events = (run.folder / "jobs" / "0001" / "events.log").read_text()
    assert "Job was evicted" in events
    assert "Job was aborted" in events
    again = runs.submit(run, settings(world))
    assert again.alone == 0  # it was told to end, which says nothing against the unit that it was doing
    assert again.units == len(run.ledger.missing(run.plan.units)) < 4
    wait_for_the_end(condor)
    assert world.is_exact(run)


def test_held_jobs_are_removed_and_sent_again(world: World, condor: Condor, tmp_path: Path) -> None:
    run = world.run_in(tmp_path / "run")
    for_ever = settings(world, requirements='Machine == "none"')
    (cluster,) = runs.submit(run, for_ever).identifiers
    assert runs.submit(run, for_ever).waiting == 8
    condor("condor_hold", f"{cluster}.0")
    wait_until(lambda: condor.jobs(HELD) == [f"{cluster}.0"], what="a held job")
    again = runs.submit(run, settings(world))
    assert (again.jobs, again.units, again.waiting) == (1, 4, 4)
    condor("condor_rm", cluster)
    assert runs.submit(run, settings(world)).units == 4
    wait_for_the_end(condor)
    assert world.is_exact(run)


def test_a_job_held_for_its_time_is_given_more(world: World, condor: Condor, tmp_path: Path) -> None:
    # it does not watch itself: HTCondor holds it in mid slice
    short = {"time": "40 s", "time_kept": "0 s", "growth": 7.5}
    run = world.run_in(tmp_path / "run", f1={"sleep_s": 200})
    execution = settings(world, short, units_per_job=8)
    blind = execution.model_copy(update={"setup": (*execution.setup, "export NA62DUMP_TEST_BLIND=1")})
    runs.submit(run, blind)
    wait_until(lambda: condor.jobs(HELD), what="a held job")
    log = (run.folder / "jobs" / "0001" / "events.log").read_text()
    assert "Code 46 " in log
    world.goes_wrong()
    again = runs.submit(run, settings(world, short, units_per_job=8))
    assert (again.raised, again.alone) == (1, 1)
    assert json.loads((run.folder / "jobs" / "0002" / "job.json").read_bytes())["given"]["time"] == 300e9


def test_many_jobs_go_through_dagman(world: World, condor: Condor, tmp_path: Path) -> None:
    run = world.run_in(tmp_path / "run", f3={"abort": 1})
    execution = settings(world, units_per_job=3, dag_above=2, at_once=2)
    assert runs.submit(run, execution).jobs == 3
    again = runs.submit(run, execution)
    assert (again.jobs, again.waiting) == (0, 8)
    wait_for_the_end(condor)
    assert [unit.name for unit in run.ledger.missing(run.plan.units)] == [world.unit("f3")]
    world.goes_wrong()
    runs.submit(run, execution)
    wait_for_the_end(condor)
    assert world.is_exact(run)
