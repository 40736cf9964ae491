"""Files added to a plan: what is done stays done, and the sum is that of a plan of all of them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import planning, runner, runs
from na62dump.datasets import Bursts, Declared, FileRecord, Plan, WorkUnit, key_of
from na62dump.errors import ClaimedError, ConfigurationError
from na62dump.runs.folder import CLAIM
from tests.worlds import ITERATIVE, declared, digest, done, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = {"d": declared("data", "*.root")}


def written(folder: Path, *numbers: int) -> None:
    events = simulated("halo", 200)
    for number in numbers:
        keys = {"run": np.full(len(events), 1, np.uint32), "burst": np.full(len(events), number, np.uint32)}
        named = replace(events, columns={**events.columns, **keys})
        write(folder / f"{number}.root", named, bursts=[good_burst(1, number)])


def test_results_of_earlier_files_are_kept(tmp_path: Path) -> None:
    written(tmp_path, 1, 3)
    run = done(tmp_path / "run", planned(tmp_path, SAMPLES))
    before = {unit.name: run.ledger.places.result(unit).stat().st_mtime_ns for unit in run.plan.units}
    assert len(before) == 2
    written(tmp_path, 0, 2)
    grown = runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))
    assert [unit.shard for unit in grown.plan.units] == [0, 0, 0, 0]
    assert grown.ledger.missing(grown.plan.units) == [grown.plan.units[0], grown.plan.units[2]]
    assert runs.execute(grown, ITERATIVE) == []
    for unit in grown.plan.units[1::2]:
        assert grown.ledger.places.result(unit).stat().st_mtime_ns == before[unit.name]
    anew = done(tmp_path / "anew", planned(tmp_path, SAMPLES))
    assert digest(runs.merge(grown)[0]) == digest(runs.merge(anew)[0])
    # and again, with nothing added
    assert runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES)).plan == grown.plan


def test_only_one_at_a_time_writes_the_plan(tmp_path: Path) -> None:
    written(tmp_path, 1)
    plan = planned(tmp_path, SAMPLES)
    folder = tmp_path / "run"
    folder.mkdir()
    with (
        runner.claimed(folder / CLAIM, doing="plans this run"),
        pytest.raises(ClaimedError, match="plans this run; wait for that and run again"),
    ):
        runs.create(folder, searches.load("mumu"), plan=plan)
    assert list(folder.iterdir()) == []
    assert runs.create(folder, searches.load("mumu"), plan=plan).plan == plan
    assert not (folder / CLAIM).exists()


def test_files_of_a_run_are_not_written_again_when_its_plan_grows(tmp_path: Path) -> None:
    """Jobs that wait or begin read them meanwhile."""
    written(tmp_path, 1)
    runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*.*") if path.parent.name != "run"}
    assert {".toml", ".py"} <= {path.suffix for path in before}
    written(tmp_path, 2)
    assert len(runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES)).plan.units) == 2
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_files_taken_away_or_cut_otherwise_are_refused(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    plan = planned(tmp_path, SAMPLES)
    runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    fewer = planned(tmp_path, {"d": declared("data", "1.root")})
    others = {
        "fewer": fewer,
        "cut": planned(tmp_path, SAMPLES, unit_events=100),
        "other sample": planned(tmp_path, {"d": declared("data", "*.root", label="x")}),
        "other checksum": replace(plan, files=(replace(plan.files[0], checksum=""), plan.files[1])),
    }
    for other in others.values():
        with pytest.raises(ConfigurationError, match="a different plan is there already, and more than files added"):
            runs.create(tmp_path / "run", searches.load("mumu"), plan=other)
    assert runs.open_run(tmp_path / "run").plan == plan


def test_a_burst_that_is_found_in_an_added_file_too_is_refused(tmp_path: Path) -> None:
    written(tmp_path, 1, 2)
    runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))
    write(tmp_path / "more.root", simulated("halo", 50), bursts=[good_burst(1, 2)])
    with pytest.raises(ConfigurationError, match="more than files added"):
        runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))


def units(count: int) -> tuple[WorkUnit, ...]:
    return tuple(WorkUnit("d", "data", f"/{n}.root", f"u{n:04}", 0, 10) for n in range(count))


def plan_of(some: tuple[WorkUnit, ...]) -> Plan:
    files = tuple(FileRecord("d", "data", u.path, u.uuid, 10, (0, 10), "", False, Bursts.of([])) for u in some)  # noqa: FBT003 - a value
    samples = {"d": Declared(kind="data", label="d")}
    return Plan("mumu", "0", "/", samples, {"data": ("run",)}, (), files, planning.sharded(some))


@pytest.mark.parametrize(("before", "after"), [(3, 90), (90, 250), (250, 251), (250, 480)])
def test_earlier_units_stay_in_their_shards(before: int, after: int) -> None:
    # every second file is new, so that old and new ones are mixed
    every = units(after)
    some = tuple(sorted(every[::2] + every[1::2], key=lambda unit: int(unit.uuid[1:]) % 2))[:before]
    old = plan_of(tuple(sorted(some, key=lambda unit: unit.name)))
    grown = planning.grown(old, plan_of(every))
    assert grown is not None
    shards = {u.name: u.shard for u in grown.units}
    assert {u.name: u.shard for u in old.units}.items() <= shards.items()
    assert [u.name for u in grown.units] == [u.name for u in every]
    for number in range(1 + max(shards.values())):
        several = [u for u in grown.units if u.shard == number]
        full = len(several) == planning.SHARD_UNITS
        assert full or number == after // planning.SHARD_UNITS
        assert {u.shard_key for u in several} == {key_of(u.name for u in several) if full else ""}


def test_a_plan_that_grows_by_one_file_at_a_time_has_no_more_shards() -> None:
    every = units(2 * planning.SHARD_UNITS + 10)
    found = plan_of(every[:1])
    for count in range(2, len(every) + 1):
        grown = planning.grown(found, plan_of(every[:count]))
        assert grown is not None
        found = grown
    assert found == plan_of(every)


def test_a_shard_that_may_be_sealed_gets_no_more_units() -> None:
    known = [replace(unit, shard_key="k") for unit in units(3)]
    assert [(u.shard, u.shard_key) for u in planning.sharded(units(5), known=known)] == [(0, "k")] * 3 + [(1, "")] * 2


def test_work_goes_on_while_files_are_added(tmp_path: Path) -> None:
    written(tmp_path, 1, 3)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))
    written(tmp_path, 0)
    grown = runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))
    assert grown.identity != run.identity
    assert runs.execute(run, ITERATIVE) == []
    assert len(grown.ledger.missing(grown.plan.units)) == 1


def test_work_on_what_is_not_in_the_plan_is_refused(tmp_path: Path) -> None:
    written(tmp_path, 1, 3)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))
    replaced = replace(run, plan=replace(run.plan, units=(run.plan.units[0], replace(run.plan.units[1], stop=7))))
    (failure,) = runs.execute(replaced, ITERATIVE)
    assert "its plan was replaced while it was run" in failure.reason
    moved = replace(run, plan=replace(run.plan, units=(replace(run.plan.units[1], path="/elsewhere.root"),)))
    (failure,) = runs.execute(moved, ITERATIVE)
    assert "has no such unit of /elsewhere.root" in failure.reason


def test_what_a_damaged_plan_says_to_do_helps(tmp_path: Path) -> None:
    written(tmp_path, 1)
    plan = planned(tmp_path, SAMPLES)
    folder = tmp_path / "run"
    runs.create(folder, searches.load("mumu"), plan=plan)
    next(folder.glob("plan-units*")).unlink()
    with pytest.raises(ConfigurationError, match=rf"plan again: remove the folder {folder} first, or give another"):
        runs.create(folder, searches.load("mumu"), plan=plan)
    shutil.rmtree(folder)
    assert runs.create(folder, searches.load("mumu"), plan=plan).plan == plan
