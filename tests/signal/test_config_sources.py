"""Every number of config/signal/ says where it comes from: a tag such as [PDG] beside it, or in the header of its table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from na62dump import configuration as conf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = sorted((conf.shipped() / "config" / "signal").glob("*.toml"))
EVERYWHERE = {"PDG", "A", "FLAG", "assumed", "chosen", "recalled"}

TAG = re.compile(r"\[([^\[\]]+)\]")
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
QUANTITY = re.compile(r'"\s*[-+]?\.?\d')
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d|\.\d|inf|nan)")
KEY = re.compile(r"^\s*[\w.\"'-]+\s*=\s*")


def split(line: str) -> tuple[str, str]:
    """What a line says, and its comment."""
    blank = TEXT.sub(lambda text: "_" * len(text[0]), line)
    end = blank.find("#")
    return (line, "") if end < 0 else (line[:end], line[end:])


def has_number(said: str) -> bool:
    return any(QUANTITY.match(text) for text in TEXT.findall(said)) or bool(NUMBER.search(TEXT.sub("", said)))


def tags(comment: str) -> set[str]:
    return {tag.strip() for found in TAG.findall(comment) for tag in found.split(",")}


def without_source(text: str) -> Iterator[str]:
    """Lines with a number that neither they nor the header of their table, or the first line of their array, tag."""
    lines = text.splitlines()
    head = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    known = EVERYWHERE | tags("\n".join(lines[:head]))
    table = first = ""
    for number, line in enumerate(lines, start=1):
        said, comment = split(line)
        if said.startswith("["):
            table, first = comment, ""
        elif KEY.match(said):
            first = comment
        if not said.startswith("[") and has_number(KEY.sub("", said)) and not tags(comment + first + table) & known:
            yield f"{number}: {line}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_number_says_where_it_comes_from(path: Path) -> None:
    assert not list(without_source(path.read_text(encoding="utf-8")))


def test_there_are_files_to_look_at() -> None:
    assert {"standard", "production", "final_states", "b_decays", "hnl_mu"} <= {path.stem for path in FILES}


@pytest.mark.parametrize(
    "text",
    [
        "mass = 1.0",
        "mass = 1.0 # of something",
        'mass = "1 GeV"',
        "mass = 1.0 # [made up]",
        "masses = [1.0, 2.0]",
        "one = { value = 0.22 }",
        'many = [\n    { parent = "B", share = 1.0 },\n]',
        "[table] # [PDG]\n[other]\nmass = 1.0",
        "mass = 1.0 # [PDG]\nwidth = 2.0",
    ],
)
def test_a_number_without_source_is_found(text: str) -> None:
    assert len(list(without_source(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "mass = 1.0 # [PDG]",
        "mass = 1.0 # a guess [PDG, recalled]",
        "# [X]: a paper\nmass = 1.0 # [X]",
        "[table] # [chosen]\nmass = 1.0",
        'many = [ # [PDG]\n    { parent = "B", share = 1.0 },\n]',
        'label = "m # 1"',
        'kind = "dark photon"\nflag = true',
        '[pi0]\nname = "K0*(1430)"',
    ],
)
def test_a_number_with_source_and_a_text_pass(text: str) -> None:
    assert not list(without_source(text))


def test_two_photons_of_neutral_mesons_stand_in_one_file() -> None:
    holders = [path.stem for path in FILES if re.search(r"0\.988\d|0\.394\d*\b", path.read_text(encoding="utf-8"))]
    assert holders == ["final_states"]
