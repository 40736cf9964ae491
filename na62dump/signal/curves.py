"""Functions of the mass that are known as tables: widths, form factors, ratios of cross sections."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

MASS = "mass_mev"
"""Name of the first column."""


@dataclass(frozen=True)
class Curve:
    """A function of the mass by its points, linear between them.

    Attributes
    ----------
    mass : float64[point], MeV
        Increasing.
    value : float64[point]
        In the unit that the file states.
    """

    mass: NDArray[np.float64]
    value: NDArray[np.float64]

    def __call__(self, mass: float) -> float:
        """Value at a mass (MeV): 0 below the first point, that of the last point above it."""
        return float(np.interp(mass, self.mass, self.value, left=0.0))


def curves(name: str, *, near: Path | None = None) -> Mapping[str, Curve]:
    """Columns of a table in config/signal/tables/.

    Parameters
    ----------
    name : str
        Name of the file without ``.csv``.
    near : Path, optional
        Folder looked into first.

    Returns
    -------
    mapping of str to Curve
        By the name of the column, over the mass in MeV.

    Raises
    ------
    UnknownNameError
        If there is no such file.
    InputFileError
        If it is no such table.
    """
    return read(conf.find(f"signal/tables/{name}", suffix=".csv", near=near))


@cache
def read(path: Path) -> Mapping[str, Curve]:
    """Columns of a table.

    Parameters
    ----------
    path : Path
        CSV: lines that begin with ``#`` (they give source and unit), a header of which the first name is ``mass_mev``, and
        lines of numbers with the mass increasing.

    Returns
    -------
    mapping of str to Curve
        By the name of the column, over the mass in MeV.

    Raises
    ------
    InputFileError
        If it cannot be read or is no such table.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        header = [word.strip() for word in lines[0].split(",")]
        table = np.array([[float(word) for word in line.split(",")] for line in lines[1:]], dtype=np.float64)
    except (OSError, ValueError, IndexError) as error:
        msg = f"{path}: not a table of numbers: {error}"
        raise InputFileError(msg) from error
    good = header[0] == MASS and table.shape == (len(lines) - 1, len(header))
    if not good or not np.all(np.isfinite(table)) or not np.all(np.diff(table[:, 0]) > 0):
        msg = f"{path}: the first column must be '{MASS}', increasing, and every line must hold {len(header)} finite numbers"
        raise InputFileError(msg)
    return {name: Curve(table[:, 0], table[:, column]) for column, name in enumerate(header) if column}
