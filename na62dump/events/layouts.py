"""Where the contract's columns are in a file, whichever of the layouts and names it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from na62dump.errors import ConfigurationError
from na62dump.events.columns import COLUMNS, Column
from na62dump.events.files import CONTRACT, is_rntuple, title
from na62dump.events.sources import Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.events.files import Tree
    from na62dump.events.renaming import Renames

LayoutName = Literal["counter", "vector", "rntuple"]
"""Branches that share a counter, vectors without one, or an RNTuple."""


@dataclass(frozen=True)
class Layout:
    """What a tree offers.

    Attributes
    ----------
    name : str
        ``"counter"``, ``"vector"`` or ``"rntuple"``.
    sources : mapping of str to Source
        The contract's columns that are there.
    """

    name: LayoutName
    sources: Mapping[str, Source]


def survey(tree: Tree, path: str | Path, *, renames: Renames | None = None) -> Layout:
    """Find the contract's columns in a tree.

    Parameters
    ----------
    tree : tree
        A TTree or an RNTuple.
    path : str or Path
        Its file, for messages.
    renames : Renames, optional
        Names in foreign ntuples; not used for what `Writer` made.

    Returns
    -------
    Layout
        The kind of layout, and the columns that are there.

    Raises
    ------
    ConfigurationError
        If one column is there under two names.
    """
    sources = locate(set(tree.keys()), title(tree), where=str(path), renames=renames)
    return Layout(_name(tree, sources), sources)


def locate(keys: set[str], heading: str, *, where: str, renames: Renames | None = None) -> dict[str, Source]:
    """Find the contract's columns among names.

    Parameters
    ----------
    keys : set of str
        What a tree has.
    heading : str
        Title of the tree.
    where : str
        Its file, for messages.
    renames : Renames, optional
        Names in foreign ntuples; not used for what `Writer` made.

    Returns
    -------
    dict of str to Source
        The contract's columns that are there.

    Raises
    ------
    ConfigurationError
        If one column is there under two names.
    """
    foreign = {} if renames is None or heading == CONTRACT else renames.sources
    return {name: source for name, entry in COLUMNS.items() if (source := _find(entry, keys, foreign, where))}


def _find(entry: Column, keys: set[str], foreign: Mapping[str, Source], where: str) -> Source | None:
    own = [Source(key) for key in (entry.name, f"{entry.collection}.{entry.field}") if key in keys]
    renamed = foreign.get(entry.name)
    if renamed is None or renamed.key not in keys:
        return own[0] if own else None
    others = [source.key for source in own if source.key != renamed.key]
    if others:
        msg = (
            f"{where}: has '{renamed.key}', which the renaming of columns calls '{entry.name}', and '{others[0]}' as well; "
            "take one of them out of the renaming or the file"
        )
        raise ConfigurationError(msg)
    return renamed


def _name(tree: Tree, sources: Mapping[str, Source]) -> LayoutName:
    if is_rntuple(tree):
        return "rntuple"
    jagged = [source.key for name, source in sources.items() if COLUMNS[name].collection]
    return "vector" if jagged and tree[jagged[0]].count_branch is None else "counter"
