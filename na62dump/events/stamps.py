"""Whether a file has changed, without opening it."""

from __future__ import annotations

from pathlib import Path

from na62dump.events.description import BURST_SUFFIX
from na62dump.events.files import is_remote


def stamp(path: str | Path) -> str:
    """Size and time of the last change of a file, and of the table of bursts beside it.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        Another text if one of them was changed; empty if that cannot be told, as for an address or where nothing is.
    """
    if is_remote(path):
        return ""
    found = _of_one(Path(path))
    beside = _of_one(Path(path).with_name(f"{Path(path).stem}{BURST_SUFFIX}"))
    return f"{found} {beside}".rstrip() if found else ""


def _of_one(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size}-{found.st_mtime_ns}"
