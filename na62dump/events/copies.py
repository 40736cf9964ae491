"""Copies of remote files in a folder of this machine, so that they are fetched once."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import shutil
import stat
from contextlib import contextmanager
from dataclasses import replace
from getpass import getuser
from typing import TYPE_CHECKING

from na62dump.errors import InputFileError, NA62DumpError, ServerError
from na62dump.events import remote
from na62dump.events.checksums import blocks_of, summed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from na62dump.events.addresses import Address
    from na62dump.events.remote import Found

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Errors of a disk that has no room."""

_LOGGER = logging.getLogger(__name__)


def copied(address: Address, folder: Path, *, verify: bool = False) -> Path | None:
    """Copy of a remote file, made now if there is none.

    The server is asked for size and time of the file at every call; a copy of what it was before is not used, and is
    removed. Of several processes one copies, and the others wait.

    Parameters
    ----------
    address : Address
        The file.
    folder : Path
        Where copies are kept; made if it is not there.
    verify : bool
        Whether to compare a copy that is there with the server's checksum.

    Returns
    -------
    Path or None
        The copy; None if the disk has no room for it.

    Raises
    ------
    InputFileError
        If there is no such file, or the folder cannot be written, is another user's, or may be written by everybody.
    ServerError
        If the server fails, or what arrives is not what it says it has.
    """
    found = remote.look(address)
    key = name_of(address)
    copy = folder / f"{key}-{found.size}-{found.modified}.root"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_private(folder)
        with _alone(folder / f"{key}.lock"):
            if not _is_good(copy, found, remote.told_checksum(address) if verify else None):
                _require_room(folder, found.size)
                _fetch(address, found, copy)
                _remove_older(copy, key)
    except InputFileError:
        raise
    except OSError as error:
        if error.errno in FULL:
            _LOGGER.warning("%s: no room for a copy in %s; it is read where it is", address, folder)
            return None
        msg = f"{address}: no copy can be kept in {folder}: {error.strerror}; give another folder as cache of [files]"
        raise InputFileError(msg) from error
    return copy


@contextmanager
def removed_if_bad(copy: Path | None) -> Iterator[None]:
    """Remove a copy if what is read from it inside is not right, so that another try fetches it again.

    Parameters
    ----------
    copy : Path or None
        What `copied` gave; nothing is done if there is none.
    """
    try:
        yield
    except Exception as error:
        if copy is not None and (isinstance(error, InputFileError) or not isinstance(error, NA62DumpError)):
            copy.unlink(missing_ok=True)
        raise


def name_of(address: Address) -> str:
    """Begin of the names of copies of a file: the same whatever its server is told beside the path."""
    return hashlib.sha256(str(replace(address, query="")).encode()).hexdigest()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock, which the system takes back from a process that dies."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _require_private(folder: Path) -> None:
    """Refuse a folder in which somebody else may put what is then read as a copy."""
    found = folder.stat()
    if found.st_uid != os.getuid():
        why = f"belongs to another user (number {found.st_uid})"
    elif found.st_mode & stat.S_IWOTH:
        why = "may be written by everybody"
    else:
        return
    msg = (
        f"cache of [files] = {folder}: {why}, who could change the copies that are read; name a folder that is made for "
        f"you alone, such as {folder}/{getuser()}"
    )
    raise InputFileError(msg)


def _require_room(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_good(copy: Path, found: Found, told: str | None) -> bool:
    try:
        return copy.stat().st_size == found.size and told in {None, summed(blocks_of(copy)) if told else None}
    except FileNotFoundError:
        return False


def _fetch(address: Address, found: Found, copy: Path) -> None:
    """Copy a file; under its own name only if it is what the server says it has."""
    temporary = copy.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)  # the lock's holder is alone, so a dead one has left it
    try:
        with temporary.open("xb") as file:
            arrived = summed(_written(remote.blocks(address), file))
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        told = remote.told_checksum(address)
        if size != found.size or told not in {None, arrived}:
            msg = (
                f"{address}: {size} bytes ({arrived}) arrived instead of {found.size} ({told}): it was changed or damaged "
                "on the way; run again"
            )
            raise ServerError(msg)
        temporary.replace(copy)
    finally:
        temporary.unlink(missing_ok=True)


def _written(blocks: Iterable[bytes], file: BinaryIO) -> Iterator[bytes]:
    for block in blocks:
        file.write(block)
        yield block


def _remove_older(copy: Path, key: str) -> None:
    for other in copy.parent.glob(f"{key}-*"):
        if other != copy:
            other.unlink(missing_ok=True)
