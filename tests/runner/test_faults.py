"""Killed runs, two runs at once, a full disk: in processes of their own."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from na62dump.runner import Ledger, merge, total
from tests.runner.run_forty_units import SHARD_UNITS, UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
SHARDS = len(UNITS) // SHARD_UNITS
PATIENCE = 60.0


@dataclass(frozen=True)
class Sum:
    value: float

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.value + other.value)


def load(content: bytes) -> Sum:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return Sum(sum(json.loads(archive.read("x"))))


def start(folder: Path, engine: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, str(HERE / "run_forty_units.py"), str(folder), engine]
    return subprocess.Popen(words, start_new_session=True, env=ENVIRONMENT)


def expected() -> Sum:
    def of_shard(number: int) -> Sum:
        ordered = sorted((unit for unit in UNITS if unit.shard == number), key=lambda unit: unit.name)
        found = total(Sum(sum(1.0 / (i + 1) for i in range(unit.start, unit.stop))) for unit in ordered)
        assert found is not None
        return found

    found = total(map(of_shard, range(SHARDS)))
    assert found is not None
    return found


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def kill_after_six_more(ledger: Ledger) -> None:
    before = len(ledger.names())
    run = start(ledger.folder, "futures")
    wait_until(lambda: len(ledger.names()) >= before + 6)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    wait_until(lambda: not group_is_alive(run.pid))


@pytest.mark.slow
def test_three_kills_in_mid_run_then_resume_give_the_same_bits(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "f" * 64)
    for _ in range(3):
        kill_after_six_more(ledger)
        assert 6 <= len(ledger.done(UNITS)) == len(ledger.names()) < 40
    assert start(tmp_path, "futures").wait(PATIENCE) == 0
    assert merge(UNITS, ledger, load=load) == expected()


def test_two_runs_at_once_are_exact(tmp_path: Path) -> None:
    runs = [start(tmp_path, "iterative") for _ in range(2)]
    assert [run.wait(PATIENCE) for run in runs] == [0, 0]
    ledger = Ledger(tmp_path, "f" * 64)
    assert ledger.failures(UNITS) == []
    assert merge(UNITS, ledger, load=load) == expected()
    sealed = {ledger.places.shard(unit) for unit in UNITS}
    assert len(sealed) == SHARDS
    assert set(ledger.places.results.glob("*.zip")) == sealed

    logs = "".join(path.read_text() for path in (tmp_path / "logs").rglob("*.log"))
    assert all(f"begin {unit.name}: " in logs for unit in UNITS)
    assert not ledger.places.marked_names()


def test_interrupt_stops_all_workers_and_keeps_results(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "f" * 64)
    run = start(tmp_path, "futures")
    wait_until(lambda: len(ledger.names()) >= 4)
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(PATIENCE) != 0
    wait_until(lambda: not group_is_alive(run.pid))
    done = len(ledger.done(UNITS))
    assert 4 <= done < 40
    assert done == len(ledger.names())
    assert not ledger.places.marked_names()


def run_until_full(words: list[str]) -> dict[str, Any]:
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def test_file_size_limit_leaves_failures_and_nothing_broken(tmp_path: Path) -> None:
    answer = run_until_full([sys.executable, str(HERE / "run_until_full.py"), str(tmp_path), "20000"])
    assert answer["done"] == ["u-0-10", "u-10-20"]
    assert {failure["kind"] for failure in answer["failures"]} == {"disk"}
    assert len(answer["failures"]) == 6
    assert sum(name.endswith(".zip") for name in answer["files"]) == 2
    assert not any(name.endswith(".tmp") for name in answer["files"])


def can_mount() -> bool:
    unshare = shutil.which("unshare")
    words = [str(unshare), "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return unshare is not None and subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="this system lets nobody but root mount a small disk")
def test_full_disk_leaves_failures_in_memory_and_nothing_broken(tmp_path: Path) -> None:
    script = (
        f"mount -t tmpfs -o size=160k tmpfs {tmp_path} && exec {sys.executable} {HERE}/run_until_full.py {tmp_path}"
    )
    answer = run_until_full([str(shutil.which("unshare")), "-rm", "sh", "-c", script])
    assert 2 <= len(answer["done"]) < 8
    assert len(answer["done"]) + len(answer["failures"]) == 8
    assert {failure["kind"] for failure in answer["failures"]} == {"disk"}
    assert "No space left on device" in answer["failures"][0]["reason"]
    assert sum(name.endswith(".zip") for name in answer["files"]) == len(answer["done"])
    assert not any(name.endswith(".tmp") for name in answer["files"])
