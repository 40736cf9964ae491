from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from na62dump.errors import ClaimedError
from na62dump.runner.claim import claimed

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

CLAIM = "submitting.json"
TREE = Path(__file__).parents[2]


def ended() -> int:
    """Number of a process that is no more."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    return dead.pid


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

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("na62dump.runner.claim._fill", full)
        with pytest.raises(OSError, match="No space left"), claiming(tmp_path):
            pytest.fail("not claimed")
    assert list(tmp_path.iterdir()) == []
    test_two_at_once_are_refused_and_one_after_the_other_are_not(tmp_path)


def test_the_claim_of_a_dead_process_of_this_host_is_taken_over(tmp_path: Path) -> None:
    claim_of(tmp_path, platform.node(), ended())
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


def test_a_claim_that_another_has_taken_over_meanwhile_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at a stale claim and its removal another process has removed it, and a third holds its own."""
    path = claim_of(tmp_path, platform.node(), ended())
    touch = Path.touch

    def touched(self: Path, *, exist_ok: bool) -> None:
        claim_of(tmp_path, "third", 3)
        touch(self, exist_ok=exist_ok)

    monkeypatch.setattr(Path, "touch", touched)
    with pytest.raises(ClaimedError, match="process 3 on third"), claiming(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_a_stale_claim_lets_one_in_at_a_time(tmp_path: Path) -> None:
    """Eight processes meet stale claims, again and again; a folder that exists already shows two at once."""
    claim_of(tmp_path, platform.node(), ended())
    code = "import sys, tests.runner.rush_claims as rush; rush.rush(sys.argv[1], seconds=8)"
    rushing = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=TREE) for _ in range(8)]
    assert [each.wait(60) for each in rushing] == [0] * 8
    assert not (tmp_path / "two at once").exists()
    assert len((tmp_path / "entered").read_text()) > 8


def test_a_claim_that_says_nothing_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / CLAIM).touch()
    told = rf"somebody who has left no name is submitting this run; .* remove {tmp_path / CLAIM}"
    with pytest.raises(ClaimedError, match=told), claiming(tmp_path):
        pass
