from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from na62dump.datasets import WorkUnit
from na62dump.runner import Ledger
from na62dump.runner.batch import watching_itself
from na62dump.runner.batch.submissions import Given

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNITS = [WorkUnit(sample="s", kind="data", path="/f", uuid="u", start=i, stop=i + 1) for i in range(3)]
HUNGRY = "import time; held = b'1' * 400_000_000; print(flush=True); time.sleep(60)"
SHARING = (
    "import os, time; held = b'1' * 400_000_000; forked = os.fork() and os.fork(); "
    "print(flush=True) if forked else None; time.sleep(60)"
)
MODEST = "import time; print(flush=True); time.sleep(60)"
GIVEN = Given(cpus=2, memory=1e6, time=1e18, memory_share=0.9, time_kept=0, raised=False)


@contextmanager
def started(*codes: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that have said that they are ready; they and what they have started are ended afterwards."""
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for code in codes]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    yield processes
    for process in processes:
        if process.poll() is None:
            for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                each.kill()
        process.communicate()


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[bytes]]]:
    with started(HUNGRY, MODEST) as processes:
        yield processes


def mark(ledger: Ledger, unit: WorkUnit, process: int, host: str = platform.node()) -> None:
    path = ledger.places.mark(unit)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"host": host, "process": process}))


def held_without(hungry: subprocess.Popen[bytes]) -> float:
    """MB that this process and its other children hold: those of the two and what earlier tests have left."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return float(sum(process.memory_full_info().pss for process in processes if process.pid != hungry.pid)) / 1e6


@pytest.fixture
def bystander() -> Iterator[None]:
    """A child larger than any worker that works on no unit, as a server that forks may be."""
    with started(HUNGRY.replace("4", "6")):
        yield


@pytest.mark.usefixtures("bystander")
def test_only_the_largest_worker_is_ended_and_its_unit_is_to_be_tried_alone(
    tmp_path: Path, children: list[subprocess.Popen[bytes]]
) -> None:
    ledger = Ledger(tmp_path, "f")
    for unit, child in zip(UNITS, children, strict=False):
        mark(ledger, unit, child.pid)
    given = GIVEN.model_copy(update={"memory": (held_without(children[0]) + 300) / 0.9})
    with watching_itself(UNITS, ledger, given=given):
        assert children[0].wait(20) == -9
        time.sleep(1.5)
    assert children[1].poll() is None
    assert ledger.failures(UNITS) == []
    assert ledger.places.marked_names() == {UNITS[0].name, UNITS[1].name}


def test_memory_that_processes_share_counts_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "f")
    with started(SHARING) as (child,):
        mark(ledger, UNITS[0], child.pid)
        given = GIVEN.model_copy(update={"memory": (held_without(child) + 500) / 0.9})
        with watching_itself(UNITS, ledger, given=given):
            time.sleep(1.5)
        assert child.poll() is None
        apart = sum(process.memory_info().rss for process in psutil.Process(child.pid).children()) / 1e6
    assert apart > 700
    assert ledger.failures(UNITS) == []


def test_a_unit_that_is_alone_lacks_memory(tmp_path: Path, children: list[subprocess.Popen[bytes]]) -> None:
    ledger = Ledger(tmp_path, "f")
    mark(ledger, UNITS[0], children[0].pid)
    mark(ledger, UNITS[1], 1)  # no worker of this job
    given = GIVEN.model_copy(update={"memory": (held_without(children[0]) + 300) / 0.9})
    with watching_itself(UNITS, ledger, given=given):
        assert children[0].wait(20) == -9
        time.sleep(1.5)
    (failure,) = ledger.failures(UNITS)
    assert (failure.unit, failure.kind) == (UNITS[0].name, "memory")
    assert "0.4" in failure.reason
    assert ledger.places.marked_names() == {UNITS[1].name}


def test_when_time_is_over_what_was_begun_is_told_and_the_work_stops(
    tmp_path: Path, children: list[subprocess.Popen[bytes]]
) -> None:
    ledger = Ledger(tmp_path, "f")
    mark(ledger, UNITS[0], children[0].pid)
    mark(ledger, UNITS[1], children[1].pid, host="elsewhere")
    short = GIVEN.model_copy(update={"time": 1.0})
    with suppress(KeyboardInterrupt), watching_itself(UNITS, ledger, given=short) as watch:
        time.sleep(30)
        pytest.fail("nothing has stopped the work")
    assert watch.out_of_time
    (failure,) = ledger.failures(UNITS)
    assert (failure.unit, failure.kind) == (UNITS[0].name, "time")
    assert ledger.places.marked_names() == {UNITS[1].name}
