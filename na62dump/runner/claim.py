"""One process at a time: to submit a run, so that no unit is sent twice, or to change its plan."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from na62dump.errors import ClaimedError
from na62dump.runner.holders import holder, note, told_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""How a file system says that a file has only one name there."""

_DIGEST = 8
"""Bytes."""


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
    _remove_stale(path)
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
        found = holder(path)
        who = f"process {found.process} on {found.host}" if found else "somebody who has left no name"
        msg = f"{who} {doing}; wait for that and run again, or, if it is no more, remove {path}"
        raise ClaimedError(msg) from error
    except OSError as error:
        # of this file nobody has heard
        raise OSError(error.errno, error.strerror, str(path.parent)) from error
    finally:
        own.unlink(missing_ok=True)


def _link(own: Path, path: Path) -> None:
    try:
        os.link(own, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _write_new(path, own.read_bytes())


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; nothing stays if that fails."""
    with path.open("xb") as file:
        try:
            _fill(file, content)
        except OSError:
            path.unlink()
            raise


def _fill(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()


def _private(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _remove_stale(path: Path) -> None:
    """Remove the claim of a process of this host that is no more."""
    content = _content(path)
    before = told_by(content)
    if before is None or not before.is_gone:
        return
    # one of several that see this removes it, and nothing else: its word makes this name that of one claim
    right = path.with_name(f".{path.name}.{hashlib.blake2b(content, digest_size=_DIGEST).hexdigest()}.gone")
    try:
        right.touch(exist_ok=False)
    except FileExistsError:
        return
    try:
        if _content(path) == content:
            path.unlink()
    finally:
        right.unlink(missing_ok=True)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
