from __future__ import annotations

import json
import os
import platform
import subprocess
from typing import TYPE_CHECKING

import pytest

from na62dump.errors import BatchSystemError
from na62dump.runner.batch.claim import CLAIM, claimed

if TYPE_CHECKING:
    from pathlib import Path


def claim_of(folder: Path, host: str, process: int) -> Path:
    path = folder / CLAIM
    path.write_text(json.dumps({"host": host, "process": process}))
    return path


def test_two_at_once_are_refused_and_one_after_the_other_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    for _ in range(2):
        with claimed(folder), pytest.raises(BatchSystemError, match=f"process {os.getpid()} on .* is submitting"):  # noqa: SIM117
            with claimed(folder):
                pass
    assert list(folder.iterdir()) == []


def test_the_claim_of_a_dead_process_of_this_host_is_taken_over(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    claim_of(tmp_path, platform.node(), dead.pid)
    with claimed(tmp_path):
        assert json.loads((tmp_path / CLAIM).read_bytes())["process"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_the_claim_of_another_host_stays(tmp_path: Path) -> None:
    path = claim_of(tmp_path, "elsewhere", 1)
    with pytest.raises(BatchSystemError, match=rf"process 1 on elsewhere .* remove {path}"), claimed(tmp_path):
        pass
    assert path.exists()
