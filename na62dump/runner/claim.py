"""One process at a time: to submit a run, so that no unit is sent twice, or to change its plan."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from na62dump.errors import ClaimedError
from na62dump.runner.holders import holder, note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""How a file system says that a file has only one name there."""


@contextmanager
def claimed(path: Path, *, doing: str) -> Iterator[None]:
    """Be the only process that does something.

    Parameters
    ----------
    path : Path
        The claim, in a folder that is there; gone afterwards.
    doing : str
        What, for the message, such as ``"is submitting this run"``.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    ClaimedError
        If another process does it, or has died on another host while it did; the message says where it is.
    OSError
        If it cannot be written; nothing is left behind then.
    """
    _set_stale_aside(path)
    # a word of its own: a claim that somebody has removed may be another's when it is given back
    text = note(word=secrets.token_hex(8))
    _take(path, text, doing=doing)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            if path.read_text(encoding="utf-8") == text:
                path.unlink()


def _take(path: Path, text: str, *, doing: str) -> None:
    """Give a whole file the name of the claim, which only one of several can do."""
    own = _private(path)
    try:
        own.write_text(text, encoding="utf-8")
        _link(own, path)
    except FileExistsError as error:
        host, process = holder(path) or ("?", 0)
        msg = f"process {process} on {host} {doing}; wait for it and run again, or, if it is no more, remove {path}"
        raise ClaimedError(msg) from error
    finally:
        own.unlink(missing_ok=True)


def _link(own: Path, path: Path) -> None:
    try:
        os.link(own, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        text = own.read_text(encoding="utf-8")
        with path.open("x", encoding="utf-8") as file:
            file.write(text)


def _private(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _set_stale_aside(path: Path) -> None:
    """Remove the claim of a process of this host that is no more."""
    before = holder(path)
    if before is None or not before.is_gone:
        return
    # moved first: only one of two that see this can do it, and what it removes is what it has looked at
    aside = _private(path)
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    if holder(aside) != before:
        # another has taken over meanwhile: its claim is put back, but not over that of a third
        with suppress(FileExistsError):
            _link(aside, path)
    aside.unlink()
