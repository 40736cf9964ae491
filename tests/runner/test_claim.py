from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from na62dump.errors import ClaimedError
from na62dump.runner.claim import claimed

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

CLAIM = "submitting.json"


def claiming(folder: Path) -> AbstractContextManager[None]:
    return claimed(folder / CLAIM, doing="is submitting this run")


def claim_of(folder: Path, host: str, process: int) -> Path:
    path = folder / CLAIM
    path.write_text(json.dumps({"host": host, "process": process}))
    return path


def test_two_at_once_are_refused_and_one_after_the_other_are_not(tmp_path: Path) -> None:
    for _ in range(2):
        with claiming(tmp_path), pytest.raises(ClaimedError, match=f"process {os.getpid()} on .* is submitting"):  # noqa: SIM117
            with claiming(tmp_path):
                pass
    assert list(tmp_path.iterdir()) == []


def test_where_files_have_one_name_only_one_holds_it_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    test_two_at_once_are_refused_and_one_after_the_other_are_not(tmp_path)


def test_the_claim_of_a_dead_process_of_this_host_is_taken_over(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    claim_of(tmp_path, platform.node(), dead.pid)
    with claiming(tmp_path):
        assert json.loads((tmp_path / CLAIM).read_bytes())["process"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_the_claim_of_another_host_stays(tmp_path: Path) -> None:
    path = claim_of(tmp_path, "elsewhere", 1)
    with pytest.raises(ClaimedError, match=rf"process 1 on elsewhere .* remove {path}"), claiming(tmp_path):
        pass
    assert path.exists()


def test_a_full_disk_leaves_no_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"), claiming(tmp_path):
            pytest.fail("not claimed")
    assert list(tmp_path.iterdir()) == []
    with claiming(tmp_path):
        pass


def test_only_its_own_claim_is_removed(tmp_path: Path) -> None:
    with claiming(tmp_path):
        (tmp_path / CLAIM).unlink()
        path = claim_of(tmp_path, "elsewhere", 1)
    assert list(tmp_path.iterdir()) == [path]


def test_a_claim_that_is_put_back_replaces_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process has taken over between look and move, and a third has come between move and return."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    path = claim_of(tmp_path, platform.node(), dead.pid)
    rename = Path.rename

    def moved(self: Path, target: Path) -> Path:
        claim_of(tmp_path, "second", 2)
        there = rename(self, target)
        claim_of(tmp_path, "third", 3)
        return there

    monkeypatch.setattr(Path, "rename", moved)
    with pytest.raises(ClaimedError, match="process 3 on third"), claiming(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == [path]
