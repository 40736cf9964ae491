"""Marks say who works on what: a mark that stays tells what a worker was doing when it died."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
        path.write_text(json.dumps({"host": platform.node(), "process": os.getpid()}), encoding="utf-8")
    try:
        yield
    finally:
        remove(path)


def remove(path: Path) -> None:
    """Take a mark away, if there is one."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


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
    try:
        mark = json.loads(path.read_bytes())
        if mark["host"] != platform.node():
            return False
        os.kill(int(mark["process"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return False
