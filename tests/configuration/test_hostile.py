"""Configuration files of somebody who means harm: one clear error, soon."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from na62dump.configuration import Settings, load, read_toml
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

SOON = 10.0


class Small(Settings):
    number: int = 1


DEEP = 100_000
HOSTILE = {
    "arrays": ("a = " + "[" * DEEP, "more than 20 deep"),
    "closed arrays": ("a = " + "[" * 400 + "]" * 400, "more than 20 deep"),
    "tables": ("a = " + "{a = " * DEEP, "more than 20 deep"),
    "a dotted key": (".".join(["a"] * DEEP) + " = 1", "more than 20 deep"),
    "a dotted key in quotes": (".".join(['"a"'] * DEEP) + " = 1", "more than 20 deep"),
    "a dotted header": ("[" + ".".join(["a"] * DEEP) + "]", "more than 20 deep"),
    "many dotted headers": ("\n".join(f"[{'.'.join(['a'] * 400)}.b{i}]" for i in range(1000)), "more than 20 deep"),
    "many keys": ("\n".join(f"k{i} = 1" for i in range(80_000)), "unknown key 'k0'.*(\n.*)*and 79980 more"),
    "many tables": ("\n".join(f"[t{i}]" for i in range(80_000)), "unknown key 't0'.*(\n.*)*and 79980 more"),
    "a long key": ("k" * 1_000_000 + " = 1", r"unknown key 'k{200}\.\.\.'"),
    "a long number": ("number = " + "9" * 1_000_000, "not valid TOML"),
    "a long number in hexadecimals": ("x = 0x" + "f" * 1_000_000, "'x' = a number of thousands of digits"),
    "a long text": ("number = '" + "x" * 1_000_000 + "'", r"key 'number' = 'x{199}\.\.\.: Input should be"),
    "no text": ("\0" * 1000, "not valid TOML"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_one_short_error_soon(tmp_path: Path, name: str) -> None:
    text, message = HOSTILE[name]
    path = tmp_path / "x.toml"
    path.write_text(text)
    begin = time.monotonic()
    with pytest.raises(ConfigurationError, match=message) as caught:
        load(path, Small)
    assert time.monotonic() - begin < SOON
    assert len(str(caught.value)) < 20_000


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "link.toml").symlink_to("/dev/zero")
    (tmp_path / "folder.toml").mkdir()
    for name in ("pipe", "link", "folder"):
        with pytest.raises(ConfigurationError, match=r"a folder, a pipe or a device; give a file|cannot be read"):
            read_toml(tmp_path / f"{name}.toml")


def test_twenty_levels_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("a = " + "[" * 18 + "1" + "]" * 18)
    assert read_toml(path)["a"]
    path.write_text("x = '" + "a. " * 400 + "'")
    assert read_toml(path)["x"]
