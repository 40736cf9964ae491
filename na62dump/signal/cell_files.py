"""Tables of cells in energy and angle, the CSV files that the simulation reads too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import InputFileError
from na62dump.signal.flux import Flux

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from na62dump.signal.flux import Grid

COLUMNS = ("energy_low", "energy_high", "theta_low", "theta_high", "weight")
"""Header: energies in MeV, angles in rad, weights of any common unit."""


ROUNDING = 1.001
"""What an energy may lie above that of the beam: files round."""


def read(path: Path) -> NDArray[np.float64]:
    """Cells of a file.

    Parameters
    ----------
    path : Path
        CSV with the header ``energy_low,energy_high,theta_low,theta_high,weight`` and one cell a line; lines that begin
        with ``#`` are comments.

    Returns
    -------
    float64[cell, 5]
        The columns: MeV, MeV, rad, rad, and the weight, a pure number.

    Raises
    ------
    InputFileError
        If it cannot be read, is no such table, or a cell is not allowed.
    """
    header = ",".join(COLUMNS)
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        table = np.array([[float(word) for word in line.split(",")] for line in lines[1:]], dtype=np.float64)
    except (OSError, ValueError) as error:
        msg = f"{path}: not a table of numbers: {error}"
        raise InputFileError(msg) from error
    if not lines or lines[0].replace(" ", "") != header or table.shape != (len(lines) - 1, len(COLUMNS)):
        msg = f"{path}: needs the header '{header}' and under it lines of {len(COLUMNS)} numbers, at least one"
        raise InputFileError(msg)
    low, high, first, last, weight = table.T
    good = np.all(np.isfinite(table), axis=1) & (weight >= 0)
    good &= (low > 0) & (low <= high) & (first >= 0) & (first <= last) & (last < math.pi / 2)
    if not good.all() or not weight.sum() > 0:
        where = lines[1 + int(np.argmin(good))] if not good.all() else "all weights 0"
        msg = (
            f"{path}: {where}: needs 0 < energy_low <= energy_high (MeV), 0 <= theta_low <= theta_high < pi/2 (rad), no "
            "weight below 0 and one above"
        )
        raise InputFileError(msg)
    return table


def flux(path: Path, mass: float, *, grid: Grid) -> Flux:
    """Particles of a file, each cell flat in energy and in solid angle.

    Parameters
    ----------
    path : Path
        What `read` takes.
    mass : float, MeV
        Of the particles.
    grid : Grid
        Cells to share them out to.

    Returns
    -------
    Flux
        Shares of the particles; their sum is 1.

    Raises
    ------
    InputFileError
        If it cannot be read, or a cell begins at an energy below the mass or ends above that of the beam.
    """
    table = read(path)
    low, high, first, last, weight = table.T
    if low.min() <= mass:
        msg = f"{path}: begins at {low.min():g} MeV, which is no energy of a particle of mass {mass:g} MeV"
        raise InputFileError(msg)
    most = float(np.hypot(grid.momentum[-1], mass))
    if high.max() > most * ROUNDING:
        msg = f"{path}: reaches up to {high.max():g} MeV, above the beam of {most:g} MeV; are the energies in MeV?"
        raise InputFileError(msg)
    energy = _shares(low, high, np.hypot(grid.momentum, mass))
    angle = _shares(*(np.sin(edge / 2) ** 2 for edge in (first, last, grid.theta)))  # flat in sin^2(theta/2)
    cells = energy.T @ (weight[:, None] / weight.sum() * angle)
    return Flux(grid, cells, max(1.0 - float(cells.sum()), 0.0))


def _shares(low: NDArray[np.float64], high: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of each interval in each bin, float64[interval, bin]; one without width is in the bin that it begins in."""
    width = (high - low)[:, None]
    overlap = np.clip(high[:, None], edges[:-1], edges[1:]) - np.clip(low[:, None], edges[:-1], edges[1:])
    at = (low[:, None] >= edges[:-1]) & (low[:, None] < edges[1:])
    found: NDArray[np.float64] = np.where(width > 0, overlap / np.where(width > 0, width, 1.0), at)
    return found
