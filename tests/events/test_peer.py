from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from na62dump.events import COLUMNS, read
from tests.events.event_samples import assert_same, sample, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(importlib.util.find_spec("ROOT") is None, reason="the ROOT wheel is not installed"),
]


def test_files_of_root_are_identical(tmp_path: Path, repository: Path) -> None:
    events = sample(300, seed=5)
    counter = write(tmp_path / "counter.root", events)
    script = repository / "tests" / "data" / "make_snapshot.py"
    command = [sys.executable, str(script), str(counter), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("vector", "rntuple", "record"):
        assert_same(read(tmp_path / f"{name}.root", list(COLUMNS)), events)
