"""A file is there whole, or it is as it was before."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEFTOVER = ".tmp"
"""Ending of temporary files; they also begin with a dot. Only a killed process leaves one behind."""

_RANDOM_BYTES = 8


def write_atomically(path: Path, content: bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file so that nobody ever sees a part of it, not even after a crash.

    Parameters
    ----------
    path : Path
        Where to; its folder must exist.
    content : bytes or callable
        The bytes, or a function that writes them to the open file it is given.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; the previous file is whole then.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(_RANDOM_BYTES)}{LEFTOVER}")
    try:
        with temporary.open("xb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
