"""Files of XRootD servers: what one is, its checksum and its bytes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from na62dump.errors import InputFileError, ServerError, SilentServerError
from na62dump.events.answers import FINAL, IS_FOLDER, NOT_FOUND, REFUSED, number_of, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from na62dump.datasets import Access
    from na62dump.events.addresses import Address

T = TypeVar("T")

Client: TypeAlias = Any
"""The module ``XRootD.client``, which has no types."""

PATIENCE = {
    "ConnectionWindow": 10,  # s for one connection: enough for the slowest, and a server that is back is soon noticed
    "ConnectionRetry": 30,  # connections in a row, so that a server may be away for 5 minutes
    "StreamErrorWindow": 60,  # s in which a lost server is not asked again: else each file would wait 5 minutes more
    "RequestTimeout": 300,  # s for the answer to one request of a server that is there
    "TimeoutResolution": 1,  # s between looks at the clock: the default of 15 s makes all of the above coarse
}
"""Settings of the client; a variable such as ``XRD_REQUESTTIMEOUT`` in the environment goes before them."""

BLOCK = 2**23
"""Bytes read at a time where a whole file is read."""

_CHECKSUM = re.compile(rb"adler32 +([0-9a-fA-F]{1,8})[\0\s]*")


@dataclass(frozen=True)
class Found:
    """What a server says of a file.

    Attributes
    ----------
    size : int
        Bytes.
    modified : int
        When it was last written, s since 1970.
    """

    size: int
    modified: int


@cache
def client() -> Client:
    """The client of XRootD, with the settings of `PATIENCE`.

    A server that is away is waited for by the client, in the middle of a file too: for 5 minutes at most, after which
    it is not asked for one minute, and its files fail at once. So each process gives up a lost server after 5 minutes,
    and thousands of its files in the minute after; those that are left wait again. A server that takes connections
    but does not answer is worse: each of its files takes up to three times 5 minutes (to read, to close, to ask why).

    Returns
    -------
    module
        ``XRootD.client``.

    Raises
    ------
    InputFileError
        If it is not installed.
    """
    try:
        found = import_module("XRootD.client")
    except ImportError as error:
        msg = f"files at root:// addresses need the client of XRootD ({error}): pip install 'na62dump[remote]'"
        raise InputFileError(msg) from error
    for key, value in PATIENCE.items():
        found.EnvPutInt(key, value)  # changes nothing that the environment has set
    return found


def patiently(ask: Callable[[], T], *, access: Access) -> T:
    """Ask again, after pauses, what a server failed to do.

    Parameters
    ----------
    ask : callable
        What may raise a `ServerError`.
    access : Access
        How often, and how long the pauses are; a server that the client has waited for in vain is not asked again.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    ServerError
        What the last try raised.
    """
    for pause in access.pauses:
        try:
            return ask()
        except SilentServerError:
            raise
        except ServerError:
            time.sleep(pause)
    return ask()


def look(address: Address) -> Found:
    """Ask for the size and time of a file.

    Parameters
    ----------
    address : Address
        The file.

    Returns
    -------
    Found
        What the server says.

    Raises
    ------
    InputFileError
        If there is no such file.
    ServerError
        If the server fails.
    """
    status, found = _server(address).stat(address.path + address.query)
    require(status, address)
    if found.flags & client().flags.StatInfoFlags.IS_DIR:
        msg = f"{address}: {FINAL[IS_FOLDER]}"
        raise InputFileError(msg)
    return Found(int(found.size), int(found.modtime))


def told_checksum(address: Address) -> str | None:
    """Ask a server for the checksum of a file.

    Parameters
    ----------
    address : Address
        The file.

    Returns
    -------
    str or None
        ``"adler32:xxxxxxxx"``; None if the server computes none, or answers with something else. A server may tell what it computed when the file was
        last written: damage to its disk since then shows only in the bytes themselves.

    Raises
    ------
    InputFileError
        If there is no such file.
    ServerError
        If the server does not answer.
    """
    code = client().flags.QueryCode.CHECKSUM
    kind = "&cks.type=adler32" if address.query else "?cks.type=adler32"
    status, answer = _server(address).query(code, f"{address.path}{address.query}{kind}")
    if status.ok:
        told = _CHECKSUM.fullmatch(answer)
        return f"adler32:{int(told[1], 16):08x}" if told else None
    if status.code != REFUSED or number_of(status) in FINAL:
        require(status, address)
    return None


def blocks(address: Address, *, size: int = BLOCK) -> Iterator[bytes]:
    """All bytes of a file.

    Parameters
    ----------
    address : Address
        The file.
    size : int
        Bytes of a block, at most.

    Yields
    ------
    bytes
        The next block.

    Raises
    ------
    InputFileError
        If there is no such file.
    ServerError
        If the server fails.
    """
    file = client().File()
    require(file.open(str(address))[0], address)
    try:
        offset = 0
        while block := _read(file, offset, size, address=address):
            yield block
            offset += len(block)
    finally:
        file.close()


def content(address: Address) -> bytes | None:
    """All bytes of a small file.

    Parameters
    ----------
    address : Address
        The file.

    Returns
    -------
    bytes or None
        None if there is no such file.

    Raises
    ------
    InputFileError
        If it may not be read.
    ServerError
        If the server fails.
    """
    status, _ = _server(address).stat(address.path + address.query)
    if number_of(status) == NOT_FOUND:
        return None
    require(status, address)
    return b"".join(blocks(address))


def _read(file: Any, offset: int, size: int, *, address: Address) -> bytes:  # noqa: ANN401 - the client has no types
    status, block = file.read(offset, size)
    require(status, address)
    return bytes(block)


def _server(address: Address) -> Any:  # noqa: ANN401 - the client has no types
    return client().FileSystem(address.server)
