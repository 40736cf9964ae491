"""Limits of others, as the user lists them in config/previous/: they are drawn, and not used."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from na62dump import configuration as conf
from na62dump.configuration import Many
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FOLDER = "previous"
COLUMNS = ("mass_mev", "coupling")
"""Of a file of an outline."""

FEWEST = {"excluded": 3, "line": 2}
"""Points of each kind of outline, at least."""


class PreviousSettings(conf.Settings):
    """One limit of others: its label in figures, its source, its file of corners, and whether they are a region or a line."""

    label: str
    source: str
    file: str
    kind: Literal["excluded", "line"]


class PreviousFile(conf.Settings):
    """A file config/previous/MODEL.toml: a table ``[[previous]]`` for each limit."""

    previous: Many[PreviousSettings]


@dataclass(frozen=True, eq=False)
class Previous:
    """A limit of others.

    Attributes
    ----------
    label, source : str
        For figures, and where it is from.
    kind : str
        ``"excluded"``: the corners are a closed region; ``"line"``: they are an open line.
    corners : float64[corner, 2], (MeV, unit of the coupling)
        Masses and couplings.
    """

    label: str
    source: str
    kind: str
    corners: NDArray[np.float64]


def previous(model: str, *, near: Path | None = None) -> tuple[Previous, ...]:
    """Limits of others on a model.

    Parameters
    ----------
    model : str
        Its name.
    near : Path, optional
        Folder that is looked into first.

    Returns
    -------
    tuple of Previous
        None if config/previous/ has no file of the model.

    Raises
    ------
    ConfigurationError
        If something in the file, or in one that it names, is wrong.
    """
    folders = [*([near] if near else []), *conf.roots("config")]
    path = next((found for folder in folders if (found := folder / FOLDER / f"{model}.toml").is_file()), None)
    if path is None:
        return ()
    listed = conf.load(path, PreviousFile).previous
    return tuple(
        Previous(one.label, one.source, one.kind, _corners(path.parent / one.file, one.kind)) for one in listed
    )


def _corners(path: Path, kind: str) -> NDArray[np.float64]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(row for row in file if row.strip() and not row.startswith("#"))
            _check_columns(path, table.fieldnames or ())
            found = np.array([[float(row[name]) for name in COLUMNS] for row in table], dtype=np.float64)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}; correct 'file' in config/{FOLDER}/"
        raise ConfigurationError(msg) from error
    except ConfigurationError:
        raise
    except (TypeError, ValueError, csv.Error) as error:
        msg = f"{path}: has to be a CSV file with the columns {', '.join(COLUMNS)} and numbers in them: {error}"
        raise ConfigurationError(msg) from error
    if len(found) < FEWEST[kind] or not (np.isfinite(found) & (found > 0)).all():
        msg = f"{path}: has {len(found)} points; '{kind}' needs at least {FEWEST[kind]}, all above 0 and finite"
        raise ConfigurationError(msg)
    return found


def _check_columns(path: Path, found: Sequence[str]) -> None:
    """Refuse a table without the columns; an empty file has too few points instead."""
    missing = [name for name in COLUMNS if name not in found]
    if found and missing:
        msg = (
            f"{path}: has no column {', '.join(missing)}; its first line that is no comment names {', '.join(map(repr, found))}: it has "
            f"to be '{','.join(COLUMNS)}', and commas separate"
        )
        raise ConfigurationError(msg)
