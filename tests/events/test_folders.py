"""Folders of servers, with a client that leaves out what a real one does, and of this machine."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from na62dump.errors import InputFileError, ServerError, SilentServerError
from na62dump.events import Address, Entry, folders, is_here, listing, listing_here

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = Address.of("root://host:1094//data?authz=t")
FINE = SimpleNamespace(ok=True, code=0, errno=0, fatal=False, message="")
FLAGS = SimpleNamespace(StatInfoFlags=SimpleNamespace(IS_DIR=2), DirListFlags=SimpleNamespace(NONE=0, STAT=1))


def status(code: int, errno: int = 0, *, fatal: bool = False, message: str = "[ERROR] told\n") -> SimpleNamespace:
    return SimpleNamespace(ok=False, code=code, errno=errno, fatal=fatal, message=message)


LOOP = status(400, 3005, message="[3005] Unable to stat; too many levels of symbolic links")


def told(**names: int) -> tuple[Any, Any]:
    """Answer of a server that lists names, with what each is."""
    return FINE, [SimpleNamespace(name=name, statinfo=SimpleNamespace(flags=flags)) for name, flags in names.items()]


@dataclass
class FakeClient:
    """A client with one answer to each of the two listings, and one for each name."""

    lists: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    looks: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    flags: Any = field(default_factory=lambda: FLAGS)

    def FileSystem(self, server: str) -> Any:  # noqa: ANN401, N802 - the client's name, without types
        assert server == FOLDER.server

        def dirlist(path: str, flag: int) -> tuple[Any, Any]:
            self.asked.append(f"{flag} {path}")
            return self.lists[flag]

        def stat(path: str) -> tuple[Any, Any]:
            self.asked.append(path)
            return self.looks[path]

        return SimpleNamespace(dirlist=dirlist, stat=stat)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    made = FakeClient()
    monkeypatch.setattr(folders, "client", lambda: made)
    return made


def test_a_folder_is_listed_in_order_by_two_requests(fake: FakeClient) -> None:
    fake.lists = dict.fromkeys((0, 1), told(b=2, a=16, c=0))
    assert listing(FOLDER) == [Entry("a", is_folder=False), Entry("b", is_folder=True), Entry("c", is_folder=False)]
    assert fake.asked == ["0 /data?authz=t", "1 /data?authz=t"]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (status(400, 3010), InputFileError, "//data.*: may not be read"),
        (status(400, 3007), ServerError, "its server failed"),
        (status(108, fatal=True), SilentServerError, "does not answer"),
        (status(303), InputFileError, r"cannot tell a name in this folder \(has it a line break\?\); rename that file"),
    ],
)
@pytest.mark.parametrize("flag", [0, 1])
def test_what_an_answer_becomes(
    fake: FakeClient, answer: SimpleNamespace, error: type[InputFileError], message: str, flag: int
) -> None:
    fake.lists = {0: told(a=0), flag: (answer, None)}
    with pytest.raises(InputFileError, match=message) as found:
        listing(FOLDER)
    assert type(found.value) is error  # only one of a server is worth another try


def test_no_folder_holds_nothing(fake: FakeClient) -> None:
    fake.lists = {0: (status(400, 3011), None)}
    assert listing(FOLDER) == []
    fake.lists = {0: (FINE, [])}
    assert listing(FOLDER) == []
    fake.lists = {0: (LOOP, None)}
    assert listing(FOLDER) == []


def test_what_a_server_leaves_out_is_looked_at(fake: FakeClient) -> None:
    looks: dict[str, tuple[tuple[Any, Any], bool | None]] = {
        "dangling": ((status(400, 3011), None), False),
        "folder": ((FINE, SimpleNamespace(flags=2)), True),
        "file": ((FINE, SimpleNamespace(flags=16)), False),
        "locked": ((status(400, 3010), None), None),
        "loop": ((LOOP, None), False),
        "lost": ((status(400, 3007), None), None),
    }
    fake.lists = {0: told(a=0, **dict.fromkeys(looks, 0)), 1: told(a=0, new=2)}
    fake.looks = {f"/data/{name}?authz=t": answer for name, (answer, _) in looks.items()}
    expected = {"a": False, "new": True} | {name: is_folder for name, (_, is_folder) in looks.items()}
    assert listing(FOLDER) == [Entry(name, is_folder) for name, is_folder in sorted(expected.items())]
    fake.looks["/data/lost?authz=t"] = (status(108, fatal=True), None)
    with pytest.raises(SilentServerError, match="does not answer"):
        listing(FOLDER)


def test_a_name_that_is_no_text_is_one_error(fake: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        msg = "returned a result with an exception set"
        raise SystemError(msg)

    monkeypatch.setattr(fake, "FileSystem", lambda _: SimpleNamespace(dirlist=failing), raising=False)
    with pytest.raises(InputFileError, match=r"cannot tell a name in this folder \(it is not UTF-8\); rename"):
        listing(FOLDER)


def test_a_folder_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "a").touch()
    for name, target in {"dangling": "nowhere", "link": "s", "self": "self", "to": "a"}.items():
        (tmp_path / name).symlink_to(target)
    kinds = {"a": False, "dangling": False, "link": True, "s": True, "self": False, "to": False}
    assert listing_here(str(tmp_path)) == [Entry(name, is_folder) for name, is_folder in kinds.items()]
    assert "usr" in {entry.name for entry in listing_here("")}
    assert all(is_here(f"{tmp_path}/{name}") for name in kinds)
    for name in ("none", "a/x", "self/x", "x" * 300, "\0", "a/"):
        assert listing_here(f"{tmp_path}/{name}") == []
        assert not is_here(f"{tmp_path}/{name}")

    def lost(path: str) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), path)

    monkeypatch.setattr(os, "scandir", lost)
    monkeypatch.setattr(os, "lstat", lost)
    for ask in (listing_here, is_here):
        with pytest.raises(
            InputFileError, match=f"{tmp_path}/s: may not be listed: Stale file handle; get the right to"
        ):
            ask(f"{tmp_path}/s")
