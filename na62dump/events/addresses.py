"""Addresses of remote files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from na62dump.errors import InputFileError, nearest

if TYPE_CHECKING:
    from pathlib import Path

SCHEMES = ("root", "roots", "xroot", "xroots")
"""Protocols that an address may name; those with an s are encrypted."""

_ADDRESS = re.compile(r"([a-z]+://[^/?]+)/([^?]*)(\?.*)?", re.DOTALL)


@dataclass(frozen=True)
class Address:
    """An address, taken apart by nothing but its first ``?``: a path may hold ``#``, ``%`` and blanks as they are.

    Attributes
    ----------
    server : str
        Such as ``root://host:1094``.
    path : str
        What follows the server and a slash; absolute paths begin with another slash.
    query : str
        What the server is told beside it, such as ``?authz=...``; may be empty.
    """

    server: str
    path: str
    query: str

    @classmethod
    def of(cls, text: str) -> Address:
        """Address from its text.

        Parameters
        ----------
        text : str
            Such as ``root://host//folder/file.root``.

        Returns
        -------
        Address
            Its parts.

        Raises
        ------
        InputFileError
            If the protocol is none of `SCHEMES`, or no file is named.
        """
        scheme = text.partition("://")[0]
        if scheme not in SCHEMES:
            msg = f"{text}: addresses of '{scheme}://' are not read; {nearest(scheme, SCHEMES)}"
            raise InputFileError(msg)
        parts = _ADDRESS.fullmatch(text)
        if parts is None:
            msg = f"{text}: names no file; an address is {scheme}://HOST//FOLDER/FILE"
            raise InputFileError(msg)
        return cls(parts[1], parts[2], parts[3] or "")

    def __str__(self) -> str:
        return f"{self.server}/{self.path}{self.query}"

    @property
    def name(self) -> PurePosixPath:
        """The path, to be taken apart by folders."""
        return PurePosixPath(self.path)

    def at(self, path: str) -> Address:
        """Another path of the same server."""
        return replace(self, path=path)


def is_remote(path: str | Path) -> bool:
    """Whether a path is an address such as ``root://host//file.root``."""
    return "://" in str(path)
