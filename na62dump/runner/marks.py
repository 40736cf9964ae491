"""Marks say who works on what: a mark that stays tells what a worker was doing when it died."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from na62dump.runner.holders import holder, note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from na62dump.datasets import WorkUnit
    from na62dump.runner.places import Places


@contextlib.contextmanager
def marked(path: Path) -> Iterator[None]:
    """Keep a mark of this process while the body runs; without room for one, it runs unmarked.

    Parameters
    ----------
    path : Path
        The mark.

    Yields
    ------
    None
        Nothing.
    """
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(note(), encoding="utf-8")
    try:
        yield
    finally:
        remove(path)


def remove(path: Path) -> None:
    """Take a mark away, if there is one."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def worked_on(units: Iterable[WorkUnit], places: Places) -> set[str]:
    """Names of those units that somebody works on: marked, and not by a process of this machine that is no more."""
    return {unit.name for unit in _marked(units, places) if not is_stale(places.mark(unit))}


def remove_stale(units: Iterable[WorkUnit], places: Places) -> None:
    """Take away the marks of processes of this machine that are no more."""
    for unit in _marked(units, places):
        if is_stale(places.mark(unit)):
            remove(places.mark(unit))


def _marked(units: Iterable[WorkUnit], places: Places) -> list[WorkUnit]:
    names = places.marked_names()
    return [unit for unit in units if unit.name in names]


def is_stale(path: Path) -> bool:
    """Whether the process that left a mark is no more, as far as this machine knows.

    Parameters
    ----------
    path : Path
        The mark.

    Returns
    -------
    bool
        False if it works, or was on another machine, or nothing can be read.
    """
    found = holder(path)
    return found is not None and found.is_gone
