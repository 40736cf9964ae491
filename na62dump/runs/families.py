"""The run of a family: a folder with a run for each of its analyses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from na62dump.configuration import check_file_name
from na62dump.errors import ConfigurationError
from na62dump.runner import write_atomically
from na62dump.runs.folder import PLAN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FAMILY = "family.json"
"""File that lists the analyses of the runs in a folder."""


def create_family(folder: Path, names: Sequence[str]) -> list[Path]:
    """Make the folder of a family's run, before any of its analyses is planned.

    Parameters
    ----------
    folder : Path
        New, or with the same family in it already.
    names : sequence of str
        Names of its analyses.

    Returns
    -------
    list of Path
        A folder for the run of each.

    Raises
    ------
    ConfigurationError
        If the folder holds another run.
    """
    if (folder / PLAN).exists() or ((folder / FAMILY).exists() and _listed(folder) != list(names)):
        msg = f"{folder}: another run is there already; give another folder with -o, or remove the folder {folder}"
        raise ConfigurationError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / FAMILY, json.dumps(list(names)).encode())
    return [folder / name for name in names]


def members(folder: Path) -> list[Path]:
    """Folders of runs.

    Parameters
    ----------
    folder : Path
        Of a run, or of those of a family.

    Returns
    -------
    list of Path
        That of each analysis, or the folder itself.

    Raises
    ------
    ConfigurationError
        If some of a family are not planned.
    """
    if not (folder / FAMILY).exists():
        return [folder]
    found = [folder / name for name in _listed(folder)]
    missing = [each.name for each in found if not (each / PLAN).exists()]
    if missing:
        msg = f"{folder}: {', '.join(missing)} of this family are not planned; give the same 'na62dump plan' as before again"
        raise ConfigurationError(msg)
    return found


def _listed(folder: Path) -> list[str]:
    try:
        listed = json.loads((folder / FAMILY).read_bytes())
    except (OSError, ValueError) as error:
        msg = f"{folder / FAMILY}: cannot be read: {error}; plan again in another folder"
        raise ConfigurationError(msg) from error
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        msg = f"{folder / FAMILY}: no list of analyses; plan again in another folder"
        raise ConfigurationError(msg)
    for name in listed:
        check_file_name(name)
    return listed
