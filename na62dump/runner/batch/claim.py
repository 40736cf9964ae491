"""One submission of a run at a time, so that no unit is sent twice."""

from __future__ import annotations

import json
import os
import platform
import secrets
from contextlib import contextmanager, suppress
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
    OSError
        If it cannot be written; nothing is left behind then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CLAIM
    _set_stale_aside(path)
    own = _private(path)
    try:
        own.write_text(json.dumps({"host": platform.node(), "process": os.getpid()}), encoding="utf-8")
        _take(path, own)
        try:
            yield
        finally:
            _give_back(path, own)
    finally:
        own.unlink(missing_ok=True)


def _take(path: Path, own: Path) -> None:
    """Give a whole file the name of the claim, which only one of several can do."""
    try:
        os.link(own, path)
    except FileExistsError as error:
        host, process = _holder(path)
        msg = (
            f"process {process} on {host} is submitting this run; wait for it and run again, "
            f"or, if it is no more, remove {path}"
        )
        raise BatchSystemError(msg) from error


def _give_back(path: Path, own: Path) -> None:
    """Remove the claim, unless somebody has removed it and it is another's now."""
    with suppress(FileNotFoundError):
        if path.samefile(own):
            path.unlink()


def _private(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _holder(path: Path) -> tuple[str, int]:
    """Host and process that hold a claim; unknown if it has been removed, or was not written by this version."""
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
    aside = _private(path)
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    if _holder(aside) != (host, process):
        # another has taken over meanwhile: its claim is put back, but not over that of a third
        with suppress(FileExistsError):
            os.link(aside, path)
    aside.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
