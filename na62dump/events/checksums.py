"""Checksums of files, as the grid's storage computes them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BLOCK = 2**20
"""Bytes read at a time."""


def summed(blocks: Iterable[bytes]) -> str:
    """Checksum of bytes.

    Parameters
    ----------
    blocks : iterable of bytes
        In order.

    Returns
    -------
    str
        ``"adler32:xxxxxxxx"``.
    """
    value = zlib.adler32(b"")
    for block in blocks:
        value = zlib.adler32(block, value)
    return f"adler32:{value:08x}"


def blocks_of(path: Path) -> Iterator[bytes]:
    """All bytes of a file of this machine.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    bytes
        At most `BLOCK` of them.
    """
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            yield block
