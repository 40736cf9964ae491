"""The values behind an analysis digest: as TOML, which has no null, and what differs between two of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NULL = {"null": True}
"""What stands for None in TOML; values that hold such a mapping themselves do not keep their digest, and are refused."""

SELECTION = ".selection"
"""Path of the digests of the selection's files."""

NAMED = 5
"""Differences that a message names; the others are counted."""


def to_toml(value: object) -> Any:  # noqa: ANN401 - JSON
    """Values without None: `NULL` in its place."""
    return NULL if value is None else _rebuilt(value, to_toml)


def from_toml(value: object) -> Any:  # noqa: ANN401 - JSON
    """Values as they were before `to_toml`."""
    return None if value == NULL else _rebuilt(value, from_toml)


def _rebuilt(value: object, change: Callable[[object], object]) -> object:
    match value:
        case Mapping():
            return {key: change(item) for key, item in value.items()}
        case list() | tuple():
            return [change(item) for item in value]
    return value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs between the values behind two digests.

    Parameters
    ----------
    before, after : mapping
        Values of an analysis, in base units.

    Returns
    -------
    str
        Such as ``"cuts.e_over_p_max was 0.2 and is 0.3, selections/mumu.py changed"``; at most `NAMED` of them by name.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    changed = [_told(path, old.get(path), new.get(path)) for path in {**old, **new} if old.get(path) != new.get(path)]
    more = len(changed) - NAMED
    return ", ".join([*changed[:NAMED], *([f"and {more} more"] if more > 0 else [])])


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Everything that holds nothing further: its path, and itself as text in which 1, 1.0 and true differ."""
    match value:
        case Mapping() if value:
            for key, item in value.items():
                yield from _leaves(item, (*path, f".{key}"))
        case list() | tuple() if value:
            for number, item in enumerate(value):
                yield from _leaves(item, (*path, f"[{number}]"))
        case _:
            yield path, json.dumps(value, ensure_ascii=False)


def _told(path: tuple[str, ...], old: str | None, new: str | None) -> str:
    is_file = path[:1] == (SELECTION,)
    name = f"selections/{''.join(path[1:]).removeprefix('.')}.py" if is_file else "".join(path).removeprefix(".")
    if new is None:
        return f"{name} is gone"
    if old is None:
        return f"{name} is new"
    return f"{name} changed" if is_file else f"{name} was {old} and is {new}"
