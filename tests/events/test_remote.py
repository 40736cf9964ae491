"""Remote files without a server: addresses, and what each answer of a client becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import events
from na62dump.datasets import Access
from na62dump.errors import InputFileError, ServerError, SilentServerError
from na62dump.events import Address, is_remote, patiently, remote

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = Address.of("root://host:1094//data/a.root")
FLAGS = SimpleNamespace(
    StatInfoFlags=SimpleNamespace(IS_DIR=2),
    QueryCode=SimpleNamespace(CHECKSUM=3),
)
FINE = SimpleNamespace(ok=True, code=0, errno=0, fatal=False, message="")


def status(code: int, errno: int = 0, *, fatal: bool = False) -> SimpleNamespace:
    return SimpleNamespace(ok=False, code=code, errno=errno, fatal=fatal, message="[ERROR] told\n")


@dataclass
class FakeClient:
    """A client that gives one answer to all questions."""

    answer: tuple[Any, Any] = (FINE, None)
    content: bytes = b""
    settings: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    flags: Any = field(default_factory=lambda: FLAGS)

    def EnvPutInt(self, key: str, value: int) -> bool:  # noqa: N802 - the client's name
        self.settings[key] = value
        return True

    def FileSystem(self, server: str) -> Any:  # noqa: ANN401, N802 - the client's name, without types
        def ask(*words: object) -> tuple[Any, Any]:
            self.asked.append(f"{server} {words}")
            return self.answer

        return SimpleNamespace(stat=ask, query=ask)

    def File(self) -> Any:  # noqa: ANN401, N802 - the client's name, without types
        def read(offset: int, size: int) -> tuple[Any, bytes]:
            return FINE, self.content[offset : offset + size]

        return SimpleNamespace(open=lambda _: self.answer, read=read, close=lambda: None)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClient]:
    made = FakeClient()
    monkeypatch.setattr(remote, "import_module", lambda _: made)
    remote.client.cache_clear()
    yield made
    remote.client.cache_clear()


@given(
    st.sampled_from(["root", "roots", "xroot", "xroots"]),
    st.text(st.characters(exclude_characters="?", exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(["", "?authz=a/b?c"]),
)
def test_an_address_is_its_parts(scheme: str, path: str, query: str) -> None:
    text = f"{scheme}://user@host:1094/{path}{query}"
    address = Address.of(text)
    assert address == Address(f"{scheme}://user@host:1094", path, query)
    assert str(address) == text
    assert is_remote(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://host/a.root", r"addresses of 'http://' are not read; .*known: root, roots, xroot, xroots"),
        ("rot://host//a.root", r"did you mean 'root'\?"),
        ("root://host", r"names no file; an address is root://HOST//FOLDER/FILE"),
        ("root:///a.root", r"names no file"),
    ],
)
def test_other_addresses_are_refused(text: str, message: str) -> None:
    for ask in (events.describe, events.checksum, lambda path: events.read(path, ["run"])):
        with pytest.raises(InputFileError, match=message):
            ask(text)


def test_a_missing_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(remote, "import_module", missing)
    remote.client.cache_clear()
    for ask in (events.describe, events.checksum):
        with pytest.raises(InputFileError, match=r"pip install 'na62dump\[remote\]'"):
            ask(str(ADDRESS))


def test_the_client_is_made_patient_once(fake: FakeClient) -> None:
    remote.client()
    assert fake.settings == remote.PATIENCE
    fake.settings.clear()
    remote.client()
    assert fake.settings == {}


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (status(400, 3011), InputFileError, r"a.root: no such file; check the path .*\(\[ERROR\] told\)$"),
        (status(400, 3010), InputFileError, r"a.root: may not be read; get the credentials"),
        (status(204, fatal=True), InputFileError, r"a.root: may not be read; get the credentials"),
        (status(400, 3007), ServerError, r"a.root: its server failed: \[ERROR\] told; run again"),
        (status(107), ServerError, r"its server failed"),
        (status(108, fatal=True), SilentServerError, r"root://host:1094 does not answer: .* or wait until it is back"),
        (status(206), SilentServerError, r"does not answer"),
    ],
)
def test_what_an_answer_becomes(
    fake: FakeClient, answer: SimpleNamespace, kind: type[InputFileError], message: str
) -> None:
    fake.answer = (answer, None)
    for ask in (remote.look, lambda address: list(remote.blocks(address))):
        with pytest.raises(InputFileError, match=message) as error:
            ask(ADDRESS)
        assert type(error.value) is kind


def test_a_checksum_that_the_server_does_not_know_is_computed(fake: FakeClient) -> None:
    fake.content = b"Wikipedia"
    for answer in ((status(400, 3013), None), (FINE, b"crc32c 11e60398\0")):
        fake.answer = answer
        assert remote.told_checksum(ADDRESS) is None
    for malformed in (
        b"adler32 unknown",
        b"adler32",
        b"adler32 -1",
        b"adler32 0x12",
        b"adler32 123456789",
        b"\xff",
        b"",
    ):
        fake.answer = (FINE, malformed)
        assert remote.told_checksum(ADDRESS) is None
        assert events.checksum(str(ADDRESS)) == "adler32:11e60398"
    fake.answer = (FINE, b"crc32c 11e60398\0")
    assert events.checksum(str(ADDRESS)) == "adler32:11e60398"
    fake.answer = (FINE, b"adler32 1e60398\0")
    assert events.checksum(str(ADDRESS)) == "adler32:01e60398"
    assert fake.asked[-1] == "root://host:1094 (3, '/data/a.root?cks.type=adler32')"
    for answer in ((status(400, 3011), None), (status(108, fatal=True), None)):
        fake.answer = answer
        with pytest.raises(InputFileError, match=r"no such file|does not answer"):
            remote.told_checksum(ADDRESS)


def test_a_server_that_fails_is_asked_again_after_pauses_that_double(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    answers: list[object] = [ServerError("1"), ServerError("2"), "here"]

    def ask() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(ask, access=Access.model_validate({"tries": 4, "pause": "500 ms"})) == "here"
    assert waits == [0.5, 1.0]
    for tries, error in ((1, ServerError("once")), (5, SilentServerError("waited")), (5, InputFileError("damaged"))):
        answers[:] = [error, "never asked"]
        with pytest.raises(type(error), match=str(error)):
            patiently(ask, access=Access(tries=tries))
        assert answers == ["never asked"]
    assert waits == [0.5, 1.0]


def test_a_path_of_this_machine_is_no_address() -> None:
    assert not is_remote(Path("/data/a.root"))
    assert not is_remote("data/root:/a.root")
