from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from na62dump.datasets import WorkUnit
from na62dump.runner import Ledger, worked_on
from na62dump.runner.marks import is_stale, marked, remove_stale

if TYPE_CHECKING:
    from pathlib import Path

UNITS = [WorkUnit(sample="s", kind="data", path="/d/r.root", uuid="u", start=i, stop=i + 1) for i in range(3)]


@pytest.fixture
def dead() -> int:
    """Number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def leave(path: Path, **mark: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(mark))


def test_marked_while_it_lasts_also_if_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "working" / "u.json"
    with marked(path):
        assert json.loads(path.read_text()) == {"host": os.uname().nodename, "process": os.getpid()}
        assert not is_stale(path)
    assert not path.exists()
    with pytest.raises(ZeroDivisionError), marked(path):
        1 // 0  # noqa: B018 - it fails
    assert not path.exists()


def test_without_room_for_a_mark_the_body_runs(tmp_path: Path) -> None:
    (tmp_path / "working").write_text("in the way")
    ran = False
    with marked(tmp_path / "working" / "u.json"):
        ran = True
    assert ran
    assert (tmp_path / "working").read_text() == "in the way"


def test_only_a_dead_process_of_this_machine_is_stale(tmp_path: Path, dead: int) -> None:
    path = tmp_path / "u.json"
    for mark, stale in (
        ({"host": os.uname().nodename, "process": dead}, True),
        ({"host": os.uname().nodename, "process": os.getppid()}, False),
        ({"host": "elsewhere", "process": dead}, False),
        ({"process": dead}, False),
    ):
        leave(path, **mark)
        assert is_stale(path) == stale, mark
    for odd in (0, -1, 99999999999, "1e400", float("inf")):
        leave(path, host=os.uname().nodename, process=odd)
        assert not is_stale(path), odd
    path.write_text("[" * 100_000)
    assert not is_stale(path)
    path.write_text("{")
    assert not is_stale(path)
    assert not is_stale(tmp_path / "none.json")


def test_units_that_are_worked_on(tmp_path: Path, dead: int) -> None:
    ledger = Ledger(tmp_path, "f" * 64)
    leave(ledger.places.mark(UNITS[0]), host=os.uname().nodename, process=dead)
    leave(ledger.places.mark(UNITS[1]), host="elsewhere", process=dead)
    with ledger.working(UNITS[2]):
        assert worked_on(UNITS, ledger.places) == {UNITS[1].name, UNITS[2].name}
        remove_stale(UNITS, ledger.places)
        assert ledger.places.marked_names() == {UNITS[1].name, UNITS[2].name}
