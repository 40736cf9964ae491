"""What is in folders, of XRootD servers and of this machine; nothing is left out without a word."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from na62dump.errors import InputFileError
from na62dump.events.answers import NOT_FOUND, UNREADABLE, is_silent, number_of, require
from na62dump.events.remote import client

if TYPE_CHECKING:
    from na62dump.events.addresses import Address
    from na62dump.events.answers import Status

NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
"""Errors that say that there is nothing; a link to a folder above itself ends so, too."""

_LOOP = os.strerror(errno.ELOOP).lower()
"""How a server says the latter: it has no number for it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is in a folder: its name, and whether it is a folder itself; None if that cannot be told."""

    name: str
    is_folder: bool | None


def listing(address: Address) -> list[Entry]:
    """What is in a folder of a server.

    A server that tells what each entry is leaves out those that it cannot look at, and some all that follow. So the
    names alone are asked for first, and what is left out is looked at one by one.

    Parameters
    ----------
    address : Address
        The folder.

    Returns
    -------
    list of Entry
        Sorted by name; none if there is no such folder. A link to nothing is no folder.

    Raises
    ------
    InputFileError
        If it may not be seen, or a name in it cannot be told.
    ServerError
        If the server fails.
    """
    flags = client().flags
    names = {entry.name for entry in _listed(address, flags.DirListFlags.NONE)}
    if not names:
        return []
    told = {entry.name: entry.statinfo for entry in _listed(address, flags.DirListFlags.STAT)}
    folder = flags.StatInfoFlags.IS_DIR
    entries = [Entry(name, bool(found and found.flags & folder)) for name, found in told.items()]
    entries += [_looked_at(address, name) for name in names - told.keys()]
    return sorted(entries, key=lambda entry: entry.name)


def listing_here(folder: str) -> list[Entry]:
    """What is in a folder of this machine.

    Parameters
    ----------
    folder : str
        Its path; an empty one is the root.

    Returns
    -------
    list of Entry
        Sorted by name; none if there is no such folder. Links are followed.

    Raises
    ------
    InputFileError
        If it cannot be listed.
    """
    try:
        with os.scandir(folder or "/") as found:
            return sorted((Entry(each.name, _is_folder(each)) for each in found), key=lambda entry: entry.name)
    except (OSError, ValueError) as error:
        _require_nowhere(error, folder or "/")
        return []


def is_here(path: str) -> bool:
    """Whether something of this machine has a path, be it a link to nothing.

    Parameters
    ----------
    path : str
        Its path; with a slash at the end it has to be a folder.

    Returns
    -------
    bool
        Whether it is there.

    Raises
    ------
    InputFileError
        If that cannot be told.
    """
    try:
        os.lstat(path)
    except (OSError, ValueError) as error:
        _require_nowhere(error, path)
        return False
    return True


def _listed(address: Address, flag: object) -> Any:  # noqa: ANN401 - the client has no types
    try:
        status, found = client().FileSystem(address.server).dirlist(address.path + address.query, flag)
    except (SystemError, UnicodeDecodeError) as error:
        raise _untold(address, "it is not UTF-8") from error
    if _is_nowhere(status):
        return []
    if number_of(status) == UNREADABLE:
        raise _untold(address, "has it a line break?")
    require(status, address)
    return found


def _untold(address: Address, why: str) -> InputFileError:
    return InputFileError(
        f"{address}: its server cannot tell a name in this folder ({why}); rename that file, or name those that are "
        "wanted one by one, without a pattern"
    )


def _looked_at(folder: Address, name: str) -> Entry:
    """An entry that a server has left out; who opens it is told what is wrong with it."""
    status, found = client().FileSystem(folder.server).stat(f"{folder.path}/{name}{folder.query}")
    if is_silent(status):
        require(status, folder)
    if status.ok:
        return Entry(name, bool(found.flags & client().flags.StatInfoFlags.IS_DIR))
    return Entry(name, is_folder=False if _is_nowhere(status) else None)


def _is_nowhere(status: Status) -> bool:
    return number_of(status) == NOT_FOUND or _LOOP in status.message.lower()


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    try:
        return entry.is_dir()
    except OSError as error:
        return False if error.errno in NOWHERE else None


def _require_nowhere(error: OSError | ValueError, path: str) -> None:
    """Refuse to go on after an error that leaves open what is there."""
    if not isinstance(error, OSError) or error.errno in NOWHERE:  # a null character is in no path
        return
    msg = (
        f"{path}: may not be listed: {error.strerror}; get the right to (has a token expired?), or give patterns that "
        "do not lead there"
    )
    raise InputFileError(msg) from error
