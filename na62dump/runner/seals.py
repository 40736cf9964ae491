"""A zip archive that says what it is and notices when a single bit of it has changed."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LENGTH = struct.Struct("<H")
"""Last field of a zip archive, before the comment: the comment's length."""

_END = b"PK\5\6"
"""Begin of the last record of a zip archive."""

_END_SIZE = 20
"""Bytes from there to the length of the comment (APPNOTE.TXT of PKWARE, 4.3.16)."""

_DIGEST = b" sha256:"

_LONGEST_TAIL = _END_SIZE + _LENGTH.size + 2**16
"""Bytes: the comment's length has two bytes."""


def seal(archive: bytes, *, label: str) -> bytes:
    """Write a label and a digest into the comment of a zip archive.

    Parameters
    ----------
    archive : bytes
        A zip archive; a comment that it has is replaced.
    label : str
        What it is.

    Returns
    -------
    bytes
        A zip archive with the same members.

    Raises
    ------
    zipfile.BadZipFile
        If it is none.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        old = opened.comment
    body = archive[: len(archive) - len(old) - _LENGTH.size]
    return body + _tail(body, label)


def label_of(archive: bytes) -> str:
    """Label of a sealed archive, if nothing has changed in it.

    Parameters
    ----------
    archive : bytes
        What `seal` made.

    Returns
    -------
    str
        Its label.

    Raises
    ------
    zipfile.BadZipFile
        If it is no archive, or is not as it was when it was sealed.
    """
    end = archive.rfind(_END)
    body, tail = archive[: end + _END_SIZE], archive[end + _END_SIZE :]
    label = tail[_LENGTH.size :].partition(_DIGEST)[0].decode(errors="replace")
    if end < 0 or tail != _tail(body, label):
        msg = "its content is not what its digest says"
        raise zipfile.BadZipFile(msg)
    return label


def tail_label(path: Path) -> str:
    """Label of a sealed archive, from its last bytes alone: whether anything has changed in it is not looked at.

    Parameters
    ----------
    path : Path
        A file with what `seal` made.

    Returns
    -------
    str
        Its label.

    Raises
    ------
    zipfile.BadZipFile
        If it ends like no sealed archive.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _LONGEST_TAIL))
        last = file.read()
    comment = last[last.rfind(_END) + _END_SIZE + _LENGTH.size :]
    label, found, _ = comment.rpartition(_DIGEST)
    if _END not in last or not found:
        msg = "it ends like no sealed archive"
        raise zipfile.BadZipFile(msg)
    return label.decode(errors="replace")


def _tail(body: bytes, label: str) -> bytes:
    """What follows the body of a sealed archive: length of the comment, and the comment."""
    text = label.encode()
    comment = text + _DIGEST + hashlib.sha256(body + text).hexdigest().encode()
    return _LENGTH.pack(len(comment)) + comment
