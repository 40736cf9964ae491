"""Killed, doubled and cramped runs end with the same content as an undisturbed one."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import runs
from na62dump.events import Events
from tests.worlds import declared, digest, done, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from na62dump.datasets import Plan

CHILD = Path(__file__).with_name("child.py")
UNITS, SHARD_UNITS = 12, 5
ROOM = "220k"
"""Of a disk that holds one shard and a few units more."""

SMALL = 250
"""Events of small units, of which there are many."""
UNSHARE = shutil.which("unshare") or "unshare"  # where it is missing the test fails, and is not skipped


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("world")
    events = simulated("halo", 6_000)
    run = int(events["run"][0])
    edges = np.linspace(0, len(events), UNITS + 1).astype(int)
    for number, (start, stop) in enumerate(itertools.pairwise(edges)):
        part = events.take(int(start), int(stop))
        burst = np.full(len(part), number, dtype=np.uint32)
        part = Events(len(part), {**part.columns, "burst": burst}, part.offsets)
        write(folder / f"{number:02}.root", part, bursts=[good_burst(run, number)])
    undisturbed = merged(folder / "undisturbed", planned(folder, {"d": declared("data", "*.root")}))
    return folder, digest(undisturbed)


def in_shards(folder: Path, *, unit_events: int = 500) -> Plan:
    """Plan of all files, with results in shards of a few units, as if there were hundreds."""
    with mock.patch("na62dump.planning.sharding.SHARD_UNITS", SHARD_UNITS):
        plan = planned(folder, {"d": declared("data", "??.root")}, unit_events=unit_events)
    assert all(unit.shard_key for unit in plan.units[:SHARD_UNITS])
    return plan


def start(folder: Path, engine: str, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(CHILD), str(folder), engine, str(seconds)]
    return subprocess.Popen(command, start_new_session=True, cwd=CHILD.parents[2])


def results(run: runs.Run) -> int:
    return len(run.ledger.names())


def wait_for_results(run: runs.Run, wanted: int, child: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while results(run) < wanted and child.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_three_kills_of_the_process_group_then_resume(world: tuple[Path, str], tmp_path: Path) -> None:
    folder, expected = world
    plan = in_shards(folder)
    run = done(tmp_path / "run", replace(plan, units=()))
    shutil.rmtree(tmp_path / "run")
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    seen = [0]
    for _ in range(3):
        child = start(run.folder, "iterative", 0.4)
        wait_for_results(run, seen[-1] + 2, child)
        os.killpg(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        seen.append(results(run))
    assert 0 < seen[1] < seen[2] < seen[3] < UNITS
    assert digest(merged(tmp_path / "run", plan)) == expected


def test_two_runs_at_once_are_exact(world: tuple[Path, str], tmp_path: Path) -> None:
    folder, expected = world
    plan = in_shards(folder)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    both = [start(run.folder, "iterative", 0.05), start(run.folder, "futures", 0.05)]
    assert [child.wait(timeout=180) for child in both] == [0, 0]
    assert set(run.ledger.places.results.glob("*.zip")) == {
        run.ledger.places.shard(unit) for unit in plan.units if unit.shard_key
    }
    assert digest(runs.merge(run)[0]) == expected


@pytest.mark.parametrize(
    ("engine", "number"), [("local", signal.SIGINT), ("iterative", signal.SIGTERM)], ids=["ctrl-c", "sigterm"]
)
def test_a_stopped_run_says_how_to_go_on_and_leaves_nobody_behind(
    world: tuple[Path, str], tmp_path: Path, engine: str, number: signal.Signals
) -> None:
    folder, expected = world
    plan = in_shards(folder, unit_events=SMALL)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    words = [sys.executable, "-m", "na62dump", "run", str(run.folder), "--execution", f"execution/{engine}"]
    child = subprocess.Popen(words, start_new_session=True, cwd=CHILD.parents[2], stdout=-1, stderr=-1, text=True)
    wait_for_results(run, SHARD_UNITS + 1, child)
    os.killpg(child.pid, number)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (1, "")
    kept = results(run)
    assert SHARD_UNITS < kept < len(plan.units)
    told = f"stopped: {kept} of {len(plan.units)} units are done and kept; 'na62dump run {run.folder}' goes on"
    assert err.splitlines() == [f"{told} with the rest"]
    deadline = time.monotonic() + 30
    while group_is_alive(child.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert runs.status(run).samples[0].worked_on == 0
    assert not run.ledger.places.marked_names()
    if engine == "local":
        assert digest(merged(run.folder, plan)) == expected


def test_a_full_disk_is_a_record_or_a_message_and_nothing_is_broken(world: tuple[Path, str], tmp_path: Path) -> None:
    folder, expected = world
    if subprocess.run([UNSHARE, "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk of its own")
    plan = in_shards(folder)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    script = (
        f"mount -t tmpfs -o size={ROOM} none {run.folder}/results && {sys.executable} -m na62dump run {run.folder} --json; "
        f"code=$?; cp -r {run.folder}/results {tmp_path}/kept; exit $code"
    )
    (run.folder / "results").mkdir()
    found = subprocess.run(
        [UNSHARE, "-rm", "sh", "-c", script], check=False, capture_output=True, text=True, cwd=CHILD.parents[2]
    )
    assert found.returncode == 1
    assert "No space left on device" in found.stderr
    assert "Traceback" not in found.stderr
    (table,) = json.loads(found.stdout)
    assert 0 < table["rows"][0]["done"] < UNITS
    shutil.copytree(tmp_path / "kept", run.folder / "results", dirs_exist_ok=True)
    assert len(run.ledger.done(plan.units)) == table["rows"][0]["done"]
    assert digest(merged(run.folder, plan)) == expected


def test_a_folder_that_is_planned_anew_is_read_anew(tmp_path: Path) -> None:
    events = simulated("halo", 400)
    number = int(events["run"][0])
    write(tmp_path / "a.root", events, bursts=[good_burst(number, 1)])
    write(tmp_path / "b.root", events.take(0, 100), bursts=[good_burst(number, 1)])
    for name, entries in (("a", 400), ("b", 100)):
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        result = merged(tmp_path / "run", planned(tmp_path, {"d": declared("data", f"{name}.root")}))
        assert result.counts["d"].entries == entries
