"""What servers of files answer, and which of it is an error of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from na62dump.errors import InputFileError, ServerError, SilentServerError

if TYPE_CHECKING:
    from na62dump.events.addresses import Address

Status: TypeAlias = Any
"""What a server answers to a request, beside what was asked for."""

REFUSED, EXPIRED, UNREADABLE = 400, 206, 303
"""Codes of the client: the server answered with an error; not in time; with what is no answer (XrdClStatus.hh)."""

SOCKET = range(101, 111)
"""Codes of the client for connections that are not made, or lost (XrdClStatus.hh)."""

NOT_FOUND, IS_FOLDER = 3011, 3016
"""Errors of servers (XErrorCode of the XRootD protocol 5.0)."""

_CREDENTIALS = "may not be read; get the credentials that its server wants"

FINAL = {
    NOT_FOUND: "no such file; check the path in the sample's list of files",
    3010: _CREDENTIALS,  # kXR_NotAuthorized
    IS_FOLDER: "is a folder; name a file, or all of them with /*",
    3030: _CREDENTIALS,  # kXR_AuthFailed
    203: _CREDENTIALS,  # errLoginFailed
    204: _CREDENTIALS,  # errAuthFailed
}
"""Errors that no further try will mend, by the server's number, or by the client's where the server has none."""


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
    if number_of(status) in FINAL:
        msg = f"{address}: {FINAL[number_of(status)]} ({reason})"
        raise InputFileError(msg)
    msg = f"{address}: its server failed: {reason}; run again"
    raise ServerError(msg)


def number_of(status: Status) -> int:
    """Number of an error: the server's if it answered, otherwise the client's."""
    return int(status.errno if status.code == REFUSED else status.code)


def is_silent(status: Status) -> bool:
    """Whether a status means that no answer came, although the client has waited."""
    return status.code == EXPIRED or bool(status.fatal and status.code in SOCKET)
