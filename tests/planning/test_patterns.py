"""Patterns at addresses stand for what they stand for in a folder."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from na62dump.datasets import Access, Sample
from na62dump.errors import ConfigurationError, InputFileError, ServerError
from na62dump.events import Address, Entry
from na62dump.planning import patterns
from na62dump.planning.patterns import expand

if TYPE_CHECKING:
    from collections.abc import Sequence

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
