"""Copies of remote files, with a server that is a folder."""

from __future__ import annotations

import errno
import os
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from na62dump import events
from na62dump.errors import InputFileError, ServerError
from na62dump.events import Address, copies, remote
from na62dump.events.checksums import summed
from tests.events.event_samples import sample, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 40


class Server:
    """What is asked of a server, answered from a folder; counts what is fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []
        self.told = True

    def path(self, address: Address) -> Path:
        return self.folder / address.name.name

    def look(self, address: Address) -> remote.Found:
        found = self.path(address).stat()
        return remote.Found(found.st_size, int(found.st_mtime))

    def blocks(self, address: Address) -> Iterator[bytes]:
        self.fetched.append(address.name.name)
        content = self.path(address).read_bytes()
        yield from (content[start : start + 1000] for start in range(0, len(content), 1000))

    def told_checksum(self, address: Address) -> str | None:
        return summed([self.path(address).read_bytes()]) if self.told else None


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    (tmp_path / "server").mkdir()
    made = Server(tmp_path / "server")
    for name in ("look", "blocks", "told_checksum"):
        monkeypatch.setattr(remote, name, getattr(made, name))
    (made.folder / "a.root").write_bytes(CONTENT)
    return made


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache"


A = Address.of("root://host//data/a.root")


def copied(address: Address, cache: Path, *, verify: bool = False) -> bytes:
    copy = copies.copied(address, cache, verify=verify)
    assert copy is not None
    return copy.read_bytes()


def kept(cache: Path) -> list[Path]:
    return [path for path in cache.iterdir() if path.suffix != ".lock"]


@pytest.mark.parametrize("told", [True, False])
def test_a_file_is_fetched_once(server: Server, cache: Path, told: bool) -> None:  # noqa: FBT001 - a parameter
    server.told = told
    # a token beside the path makes no other file of it
    for text in ("root://host//data/a.root", "root://host//data/a.root?authz=token"):
        assert copied(Address.of(text), cache) == CONTENT
    assert server.fetched == ["a.root"]
    assert len(kept(cache)) == 1


def test_a_replaced_file_is_fetched_and_its_old_copy_removed(server: Server, cache: Path) -> None:
    copied(A, cache)
    for content, time in ((b"other size", 0), (CONTENT, 1), (CONTENT[::-1], 2)):
        (server.folder / "a.root").write_bytes(content)
        os.utime(server.folder / "a.root", (time, time))
        assert copied(A, cache) == content
        assert len(kept(cache)) == 1


def test_a_damaged_copy_is_seen_by_its_size_or_when_asked(server: Server, cache: Path) -> None:
    copied(A, cache)
    (copy,) = kept(cache)
    copy.write_bytes(CONTENT[:-1])
    assert copied(A, cache) == CONTENT
    copy.write_bytes(b"x" + CONTENT[1:])
    assert copied(A, cache) != CONTENT
    assert copied(A, cache, verify=True) == CONTENT
    assert events.checksum(str(A), cache=cache) == summed([CONTENT])
    assert server.fetched == ["a.root"] * 3


@pytest.mark.parametrize("lost", [1, -1])
def test_what_does_not_arrive_as_it_was_is_not_kept(
    server: Server, cache: Path, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: Address) -> Iterator[bytes]:
        yield CONTENT[:-1] + b"x" if lost < 0 else CONTENT[:-lost]

    monkeypatch.setattr(remote, "blocks", damaged)
    with pytest.raises(ServerError, match=r"a.root: .* arrived instead of 10240 .*run again"):
        copies.copied(A, cache)
    assert kept(cache) == []
    assert server.fetched == []


def test_without_room_the_file_is_read_where_it_is(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=len(CONTENT) - 1))
        assert copies.copied(A, cache) is None
    assert "no room for a copy" in caplog.text

    def full(_: Address) -> Iterator[bytes]:
        yield CONTENT[:100]
        raise OSError(errno.ENOSPC, "No space left on device")  # others fill the disk meanwhile

    with monkeypatch.context() as patch:
        patch.setattr(remote, "blocks", full)
        assert copies.copied(A, cache) is None
    assert kept(cache) == []
    assert server.fetched == []


def test_a_folder_that_cannot_be_made_is_an_error(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputFileError, match=r"a.root: no copy can be kept in .*file/cache: Not a directory; give"):
        copies.copied(A, tmp_path / "file" / "cache")
    assert server.fetched == []


def test_several_at_once_fetch_once(server: Server, cache: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(copied(A, cache))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [CONTENT] * 8
    assert server.fetched == ["a.root"]


def test_events_are_read_from_the_copy(server: Server, cache: Path) -> None:
    local = write(server.folder / "a.root", sample(50))
    columns = ["run", "burst"]
    assert events.read(str(A), columns, cache=cache)["run"].tolist() == events.read(local, columns)["run"].tolist()
    assert server.fetched == ["a.root"]
    (copy,) = kept(cache)
    copy.write_bytes(copy.read_bytes().replace(b"root", b"toor", 1))
    with pytest.raises(InputFileError, match=r"^root://host//data/a.root: "):
        events.read(str(A), columns, cache=cache)
    assert kept(cache) == []  # another try fetches it again
    assert len(events.read(str(A), columns, cache=cache)) == 50


def test_a_cache_that_others_may_write_is_refused(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert copied(A, cache) == CONTENT
    assert cache.stat().st_mode & 0o777 == 0o700
    cache.chmod(0o777)
    with pytest.raises(
        InputFileError, match=r"cache of \[files\] = .*cache: may be written by everybody.* name a folder"
    ):
        copies.copied(A, cache)
    cache.chmod(0o700)
    monkeypatch.setattr("os.getuid", lambda: cache.stat().st_uid + 1)
    with pytest.raises(InputFileError, match=r"cache: belongs to another user \(number \d+\)"):
        copies.copied(A, cache)
    assert server.fetched == ["a.root"]


def test_links_in_a_cache_are_not_followed(server: Server, cache: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    copied(A, cache)
    (copy,) = kept(cache)
    copy.unlink()
    copy.with_suffix(".tmp").symlink_to(victim)
    assert copied(A, cache) == CONTENT
    (lock,) = cache.glob("*.lock")
    lock.unlink()
    lock.symlink_to(victim)
    with pytest.raises(InputFileError, match="no copy can be kept"):
        copies.copied(A, cache)
    assert victim.read_text() == "mine"
    assert server.fetched == ["a.root"] * 2
