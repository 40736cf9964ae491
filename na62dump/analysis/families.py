"""Families: a name in config/ that stands for several analyses of the same events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump import configuration as conf
from na62dump.configuration import Many, Settings
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "analyses"


class Family(Settings):
    """A file of config/ that lists analyses instead of describing one.

    Attributes
    ----------
    analyses : tuple of str
        Their names, or paths.
    """

    analyses: Many[str]


def members(name: str, *, near: Path | None = None) -> tuple[str, ...]:
    """Analyses that a name stands for.

    Parameters
    ----------
    name : str
        A name in config/, or a path to a TOML file.
    near : Path, optional
        Folder looked into first.

    Returns
    -------
    tuple of str
        Paths of the members of a family; the name itself if it is an analysis.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If there is no such file, or a family names what is not there, nothing, or something twice.
    """
    path = conf.find(name, near=near)
    if _KEY not in conf.read_toml(path):
        return (name,)
    listed = conf.load(path, Family).analyses
    if not listed or len(set(listed)) < len(listed):
        msg = f"{path}: key '{_KEY}' = {list(listed)}: name one or more analyses, each once"
        raise ConfigurationError(msg)
    found = [conf.find(member, near=path.parent) for member in listed]
    if len({member.stem for member in found}) < len(found):
        msg = f"{path}: key '{_KEY}': two of {list(listed)} have one name, which their results would share"
        raise ConfigurationError(msg)
    return tuple(map(str, found))


def refuse_family(path: Path) -> None:
    """Refuse the file of a family where one analysis is meant."""
    tables = conf.read_toml(path)
    if _KEY in tables:
        listed = ", ".join(map(str, tables[_KEY])) if isinstance(tables[_KEY], list) else ""
        msg = f"{path}: stands for several analyses; name one of them: {listed}"
        raise ConfigurationError(msg)


def beside(path: Path) -> list[str]:
    """Names of the analyses in the folder of one, without itself."""
    found = [other for other in sorted(path.parent.glob("*.toml")) if other.stem != path.stem]
    return [other.stem for other in found if set(conf.read_toml(other)) >= _ANALYSIS]


_ANALYSIS = {"selection", "final_state", "cuts"}
"""Keys by which the file of an analysis is known."""
