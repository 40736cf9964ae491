"""Patterns at addresses stand for what they stand for in a folder."""

from __future__ import annotations

import errno
import glob
import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from na62dump.datasets import Access, Sample
from na62dump.errors import ConfigurationError, InputFileError, ServerError
from na62dump.events import Address, Entry, listing_here
from na62dump.planning import patterns
from na62dump.planning.patterns import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SERVER = "root://host:1094/"
NAMES = ["a.root", "b#1.root", "b 2.root", "c[1].root", ".hidden.root", "x.txt", "s/d.root", "s/t/e.root", ".h/f.root"]


def declared(*files: str) -> dict[str, Sample]:
    return {"d": Sample(kind="data", label="x", files=files)}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def listed(address: Address) -> list[Entry]:
        folder = Path(address.path)
        return [Entry(each.name, each.is_dir()) for each in sorted(folder.iterdir())] if folder.is_dir() else []

    monkeypatch.setattr(patterns, "listing", listed)
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    ["*.root", "*", "b*", "[ab]*.root", "**/*.root", "**", "*/*.root", "s/**/e.root", "s/*/*", ".*", "**/t/*", "c[[]*"],
)
def test_patterns_match_as_in_a_folder(tree: Path, pattern: str) -> None:
    here = [path for path in glob.glob(pattern, root_dir=tree, recursive=True) if (tree / path).is_file()]  # noqa: PTH207
    found = expand(declared(f"{SERVER}{tree}/{pattern}?authz=t"), Path("elsewhere"))
    assert [item.path for item in found] == sorted(f"{SERVER}{tree}/{path}?authz=t" for path in here)
    assert found


def test_patterns_in_a_folder_are_those_of_the_shell(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "up").symlink_to("s")
    (tree / "s" / "t" / "again").symlink_to(".")
    (tree / "u.root").symlink_to("nowhere")
    (tree / "f.root").mkdir()
    monkeypatch.chdir(tree)
    written = ["*", "?.root", "*.ROOT", "*/", "up/*/d.root", "**/e.root", "**/**/e.root", "s/../*.root", "**/t", "*/s/"]
    written += ["a.root", "u.root", "s", "s/", "up//[!u]*", ".h/*", "**/.*", "c[1].root", "c[[]1].root", "./*", "u*/u*"]
    for pattern in [*written, *(f"{tree}/{each}" for each in written)]:
        for base in (tree, Path(), Path("s/..")):
            expected = {base / path for path in glob.glob(pattern, root_dir=base, recursive=True)}  # noqa: PTH207
            with nullcontext() if expected else pytest.raises(ConfigurationError, match="no file matches"):
                assert [item.path for item in expand(declared(pattern), base)] == sorted(expected, key=str)
    files = {path for path in map(Path, glob.glob("s/**", recursive=True)) if not path.is_dir()}  # noqa: PTH207
    assert {item.path for item in expand(declared("s/**"), Path())} == files
    assert Path("/usr") in {item.path for item in expand(declared("us*"), Path("/"))}


@pytest.mark.parametrize("files", ["none/*", "none", "a.root/*", "**/none/*", "*/none", "a.root/", "", "a\0*", "\0/*"])
def test_folders_that_are_not_there_match_nothing(tree: Path, files: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sample 'd': no file matches .* below .*; check \[files\]"):
        expand(declared(files), tree)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO])
def test_a_folder_that_may_not_be_listed_is_one_error(tree: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    scandir, lstat = os.scandir, os.lstat

    def locked(ask: Callable[[Any], Any], *below: str) -> Callable[[str], Any]:
        def asked(path: str) -> Any:  # noqa: ANN401 - an iterator or a status
            if str(path).startswith(tuple(f"{tree}/{each}" for each in below)):
                raise OSError(code, os.strerror(code), path)
            return ask(path)

        return asked

    monkeypatch.setattr(os, "scandir", locked(scandir, "s/t"))
    monkeypatch.setattr(os, "lstat", locked(lstat, "s/t/"))
    reason = f"may not be listed: {os.strerror(code)}; get the right to .*, or give patterns"
    for pattern in ("**/*.root", "s/*/*", "s/t/*", "s/*/e.root", "s/t/e.root", "**"):
        with pytest.raises(InputFileError, match=f"^{tree}/s/t(/e.root)?: {reason}"):
            expand(declared("*.root", pattern), tree)
    assert len(expand(declared("*.root", "s/*.root"), tree)) == 5


def test_what_may_be_a_folder_is_taken_as_a_file_or_gone_into(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(address: Address) -> list[Entry]:
        if address.path != "/data":
            msg = f"{address}: its server failed"
            raise InputFileError(msg)
        return [Entry("a.root", is_folder=False), Entry("lost.root", is_folder=None)]

    monkeypatch.setattr(patterns, "listing", listed)
    for pattern in ("*.root", "**/*.root", "**"):
        found = [item.path for item in expand(declared(f"{SERVER}/data/{pattern}"), Path())]
        assert found == [f"{SERVER}/data/a.root", f"{SERVER}/data/lost.root"]
    for pattern in ("*/*.root", "**/a*", "**/**/b.root"):
        with pytest.raises(InputFileError, match=r"data/lost\.root: its server failed"):
            expand(declared(f"{SERVER}/data/{pattern}"), Path())


def test_a_name_that_would_be_another_address_is_refused(tree: Path) -> None:
    (tree / "a.root?x.root").touch()
    (tree / "s?").mkdir()
    (tree / "s?" / "g.root").touch()
    for pattern in ("*x.root", "*", "**/*.root", "s*/*.root"):
        with pytest.raises(
            InputFileError, match=r"matches '.*/(a.root\?x.root|s\?)', which cannot be written .*; rename it"
        ):
            expand(declared(f"{SERVER}{tree}/{pattern}"), tree)
    assert len(expand(declared(f"{SERVER}{tree}/b*", f"{SERVER}{tree}/x*"), tree)) == 3
    assert len(expand(declared("*x.root"), tree)) == 1


def test_each_folder_is_listed_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def listed(address: Address) -> list[Entry]:
        asked.append(address.path)
        return listing_here(address.path)

    monkeypatch.setattr(patterns, "listing", listed)
    assert len(expand(declared(f"{SERVER}{tree}/**/*.root"), tree)) == 6
    assert sorted(asked) == [str(tree), f"{tree}/s", f"{tree}/s/t"]


def test_an_address_is_kept_as_it_is() -> None:
    address = f"{SERVER}/data/a b#%.root"
    (item,) = expand(declared(address), Path("elsewhere"))
    assert item.path == address
    assert item.address == address


def test_files_and_addresses_are_in_one_order(tree: Path) -> None:
    found = expand(declared("s/*.root", f"{SERVER}{tree}/[a]*", f"{SERVER}{tree}/a.root"), tree)
    assert [item.address for item in found] == [f"{tree}/s/d.root", f"{SERVER}{tree}/a.root"]


@pytest.mark.parametrize("files", [("none/*.root",), ("a.root/*",), ("*.none", "*.root")])
def test_a_pattern_for_nothing_is_refused(tree: Path, files: Sequence[str]) -> None:
    with pytest.raises(
        ConfigurationError, match=r"sample 'd': no file matches 'root://.*' on its server; check \[files"
    ):
        expand(declared(*(f"{SERVER}{tree}/{each}" for each in files)), tree)


def test_other_addresses_are_refused() -> None:
    with pytest.raises(InputFileError, match=r"https://host/\*.root: addresses of 'https://' are not read"):
        expand(declared("https://host/*.root"), Path())


def test_a_server_that_fails_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def failing(address: Address) -> list[Entry]:
        asked.append(address)
        if len(asked) == 1:
            msg = "its server failed"
            raise ServerError(msg)
        return [Entry("a.root", is_folder=False)]

    monkeypatch.setattr(patterns, "listing", failing)
    samples = declared(f"{SERVER}/data/*")
    assert len(expand(samples, Path(), access=Access.model_validate({"tries": 2, "pause": "0 s"}))) == 1
    asked.clear()
    with pytest.raises(ServerError, match="its server failed"):
        expand(samples, Path(), access=Access(tries=1))
