"""What servers of files answer, and which of it is an error of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from na62dump.errors import InputFileError, ServerError, SilentServerError

if TYPE_CHECKING:
    from na62dump.events.addresses import Address

Status: TypeAlias = Any
"""What a server answers to a request, beside what was asked for."""

NOT_ALLOWED, NOT_FOUND, IS_FOLDER = 3010, 3011, 3016
"""Errors of servers: XErrorCode of the XRootD protocol 5.0, table 8."""

REFUSED, EXPIRED = 400, 206
"""Codes of the client: the server answered with an error; it did not answer in time (XrdClStatus.hh)."""


def require(status: Status, address: Address) -> None:
    """Turn an answer that is an error into one of ours.

    Parameters
    ----------
    status : status
        The answer.
    address : Address
        What was asked about.

    Raises
    ------
    InputFileError
        If there is no such file, or it may not be read: the same at every try.
    SilentServerError
        If the server did not answer.
    ServerError
        If it failed.
    """
    if status.ok:
        return
    reason = " ".join(status.message.split())
    if is_silent(status):
        msg = (
            f"{address}: {address.server} does not answer: {reason}; check the name of the server, or wait until it is "
            "back and run again"
        )
        raise SilentServerError(msg)
    known = {
        NOT_FOUND: "no such file; check the path in the sample's list of files",
        NOT_ALLOWED: "may not be read; get the credentials that its server wants",
        IS_FOLDER: "is a folder; name a file, or all of them with /*",
    }
    if status.code == REFUSED and status.errno in known:
        msg = f"{address}: {known[status.errno]} ({reason})"
        raise InputFileError(msg)
    msg = f"{address}: its server failed: {reason}; run again"
    raise ServerError(msg)


def is_silent(status: Status) -> bool:
    """Whether a status means that no answer came, although the client has waited."""
    return bool(status.fatal or status.code == EXPIRED)
