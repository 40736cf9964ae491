"""Whether a file has changed, without opening it."""

from __future__ import annotations

from pathlib import Path

from na62dump.events.addresses import Address, is_remote
from na62dump.events.description import beside
from na62dump.events.remote import look


def stamp(path: str | Path) -> str:
    """Size and time of the last change of a file, and of the table of bursts beside it.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        Another text if one of them was changed; empty if that cannot be told, or where nothing is.
    """
    place = Address.of(str(path)) if is_remote(path) else Path(path)
    found = _of_one(place)
    return f"{found} {_of_one(beside(path))}".rstrip() if found else ""


def _of_one(place: Path | Address) -> str:
    try:
        if isinstance(place, Address):
            told = look(place)
            return f"{told.size}-{told.modified}"
        found = place.stat()
    except OSError:
        return ""
    return f"{found.st_size}-{found.st_mtime_ns}"
