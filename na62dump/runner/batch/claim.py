"""One submission of a run at a time, so that no unit is sent twice."""

from __future__ import annotations

import json
import os
import platform
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from na62dump.errors import BatchSystemError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLAIM = "submitting.json"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Be the only process that submits.

    Parameters
    ----------
    folder : Path
        Of the submissions of a run; made when needed.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    BatchSystemError
        If another process submits, or has died on another host while it did; the message says where it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CLAIM
    _set_stale_aside(path)
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump({"host": platform.node(), "process": os.getpid()}, file)
    except FileExistsError as error:
        host, process = _holder(path)
        msg = (
            f"process {process} on {host} is submitting this run; wait for it and run again, "
            f"or, if it is no more, remove {path}"
        )
        raise BatchSystemError(msg) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _holder(path: Path) -> tuple[str, int]:
    """Host and process that hold a claim; unknown while it is being written."""
    try:
        told = json.loads(path.read_bytes())
        return str(told["host"]), int(told["process"])
    except (OSError, ValueError, KeyError, TypeError):
        return "?", 0


def _set_stale_aside(path: Path) -> None:
    """Remove the claim of a process of this host that is no more."""
    host, process = _holder(path)
    if host != platform.node() or _is_alive(process):
        return
    # moved first: only one of two that see this can do it, and what it removes is what it has looked at
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    if _holder(aside) != (host, process):
        aside.rename(path)
        return
    aside.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
