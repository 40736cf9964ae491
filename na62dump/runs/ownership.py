"""Whose a run folder is: opening one runs the selection that it keeps."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ROOT = 0


def require_own(folder: Path) -> None:
    """Refuse a run folder whose plan, configuration or selection somebody else has written, or may write.

    Parameters
    ----------
    folder : Path
        Of a run.

    Raises
    ------
    ConfigurationError
        If so; it names the file, and says what to do.
    """
    for path in _decisive(folder):
        found = path.lstat()
        if found.st_uid not in {os.getuid(), _ROOT}:
            why = f"belongs to another user (number {found.st_uid})"
        elif found.st_mode & stat.S_IWOTH and not stat.S_ISLNK(found.st_mode):
            why = "may be written by everybody"
        else:
            continue
        msg = (
            f"{path}: {why}, and opening a run executes the selection in it: read {folder}/selections and "
            f"{folder}/config, and if you trust them, copy the folder (cp -r) and open the copy"
        )
        raise ConfigurationError(msg)


def _decisive(folder: Path) -> Iterator[Path]:
    """Files and folders that decide which code is executed."""
    yield folder
    yield from folder.glob("plan.json")
    for name in ("config", "selections"):
        yield from folder.glob(name)
        yield from (folder / name).rglob("*")
