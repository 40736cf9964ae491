"""Energy and angle of the exotic particles: a table of cells, and the ways to make one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.kernels import kernel
from na62dump.simulation import draws

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from na62dump.signal.flux import Flux

CSV_COLUMNS = ("energy_low", "energy_high", "theta_low", "theta_high", "weight")
"""Header of a table of cells: energies in MeV, angles in rad, weights of any common unit."""

CELL = np.dtype([(name, "f8") for name in (*CSV_COLUMNS[:-1], "cumulative")])
"""A cell as the kernels take it; cumulative is the share of the particles in the cells up to this one."""


@dataclass(frozen=True)
class Spectrum:
    """Cells in energy and angle to the proton axis; flat in energy and in solid angle within each.

    Attributes
    ----------
    energy_low, energy_high : float64[cell], MeV
        Limits in energy.
    theta_low, theta_high : float64[cell], rad
        Limits in angle.
    weight : float64[cell]
        Relative number of particles.

    Raises
    ------
    ConfigurationError
        If there is no cell, a limit or weight is not allowed, or all weights are 0.
    """

    energy_low: NDArray[np.float64]
    energy_high: NDArray[np.float64]
    theta_low: NDArray[np.float64]
    theta_high: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse what cannot be sampled."""
        arrays = (self.energy_low, self.energy_high, self.theta_low, self.theta_high, self.weight)
        if len({a.shape for a in arrays}) != 1 or arrays[0].ndim != 1 or arrays[0].size == 0:
            msg = f"a spectrum is one row of cells, all columns of one length; got shapes {[a.shape for a in arrays]}"
            raise ConfigurationError(msg)
        good = np.all(np.isfinite(np.stack(arrays)), axis=0) & (self.weight >= 0.0)
        good &= (self.energy_low > 0.0) & (self.energy_low <= self.energy_high)
        good &= (self.theta_low >= 0.0) & (self.theta_low <= self.theta_high) & (self.theta_high < math.pi / 2)
        if not good.all():
            cell = int(np.argmin(good))
            values = ", ".join(f"{name} {a[cell]:g}" for name, a in zip(CSV_COLUMNS, arrays, strict=True))
            msg = (
                f"spectrum cell {cell} ({values}) is not allowed: needs 0 < energy_low <= energy_high (MeV), "
                "0 <= theta_low <= theta_high < pi/2 (rad), weight >= 0"
            )
            raise ConfigurationError(msg)
        if not self.weight.sum() > 0.0:
            msg = "all weights of the spectrum are 0: at least one must be above"
            raise ConfigurationError(msg)

    def cells(self) -> NDArray[np.void]:
        """Cells for the kernels, CELL[cell], MeV and rad."""
        total = np.cumsum(self.weight)
        cells = np.empty(len(total), dtype=CELL)
        cells["energy_low"], cells["energy_high"] = self.energy_low, self.energy_high
        cells["theta_low"], cells["theta_high"] = self.theta_low, self.theta_high
        cells["cumulative"] = total / total[-1]
        return cells


def flat(energy_min: float, energy_max: float, *, theta_max: float) -> Spectrum:
    """Flat in energy, and in solid angle around the axis.

    Parameters
    ----------
    energy_min, energy_max : float, MeV
        Range of energy.
    theta_max : float, rad
        Largest angle.

    Returns
    -------
    Spectrum
        One cell.
    """
    return _columns(np.array([[energy_min, energy_max, 0.0, theta_max, 1.0]]))


def bremsstrahlung(beam_energy: float, *, z_min: float, z_max: float, theta_max: float, cells: int) -> Spectrum:
    """Like the bremsstrahlung of protons: dN/dz ~ [1 + (1 - z)^2]/z, flat in solid angle.

    The splitting function of Blumlein and Brunner, arXiv:1311.3870, without its dependence on mass and angle.

    Parameters
    ----------
    beam_energy : float, MeV
        Energy of the protons.
    z_min, z_max : float
        Range of the share of it that the particle takes.
    theta_max : float, rad
        Largest angle to the axis.
    cells : int
        Cells in z, all of one width.

    Returns
    -------
    Spectrum
        In energy z times that of the beam.
    """
    edges = np.linspace(z_min, z_max, cells + 1)
    integral = 2.0 * np.log(edges) - 2.0 * edges + edges**2 / 2.0
    zeros = np.zeros(cells)
    table = [beam_energy * edges[:-1], beam_energy * edges[1:], zeros, zeros + theta_max, np.diff(integral)]
    return _columns(np.stack(table, axis=1))


def from_flux(flux: Flux, mass: float) -> Spectrum:
    """Cells of a flux that theory predicts.

    Parameters
    ----------
    flux : Flux
        Momenta and angles.
    mass : float, MeV
        Of the particle.

    Returns
    -------
    Spectrum
        Those cells that are not empty.
    """
    edges, theta = flux.grid.momentum, flux.grid.theta
    row, column = np.nonzero(flux.weight)
    energy = np.hypot(edges, mass)
    return Spectrum(energy[row], energy[row + 1], theta[column], theta[column + 1], flux.weight[row, column])


def from_csv(path: Path) -> Spectrum:
    """Read a table of cells.

    Parameters
    ----------
    path : Path
        Text with the header ``energy_low,energy_high,theta_low,theta_high,weight`` (MeV, rad) and one cell a line;
        lines that begin with ``#`` are comments.

    Returns
    -------
    Spectrum
        The cells, in the file's order.

    Raises
    ------
    InputFileError
        If the file cannot be read.
    ConfigurationError
        If it is no such table.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read: {error}"
        raise InputFileError(msg) from error
    rows = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    header = ",".join(CSV_COLUMNS)
    if not rows or rows[0].replace(" ", "") != header:
        msg = f"{path}: the first line is {rows[0] if rows else ''!r}; it must be the header '{header}'"
        raise ConfigurationError(msg)
    try:
        table = np.array([[float(word) for word in row.split(",")] for row in rows[1:]], dtype=np.float64)
    except ValueError as error:
        msg = f"{path}: not a table of numbers: {error}"
        raise ConfigurationError(msg) from error
    if table.ndim <= 1 or table.shape[1] != len(CSV_COLUMNS):
        msg = f"{path}: needs at least one line of {len(CSV_COLUMNS)} numbers under the header '{header}'"
        raise ConfigurationError(msg)
    return _columns(table)


def _columns(table: NDArray[np.float64]) -> Spectrum:
    return Spectrum(*(np.ascontiguousarray(column, dtype=np.float64) for column in table.T))


@kernel
def draw_cell(cells: NDArray[np.void], state: NDArray[np.uint64]) -> int:
    """Cell of a spectrum, by its share: cells CELL[cell]; state uint64[1] of the draws."""
    share = draws.uniform(state)
    low, high = 0, len(cells) - 1
    while low < high:
        middle = (low + high) // 2
        if cells[middle].cumulative > share:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def draw_direction(theta_low: float, theta_high: float, state: NDArray[np.uint64]) -> tuple[float, float]:
    """Slopes (rad) of a direction that is flat in solid angle between two angles (rad) to the axis.

    state uint64[1] of the draws.
    """
    low, high = math.sin(theta_low / 2.0) ** 2, math.sin(theta_high / 2.0) ** 2
    half = math.sqrt(low + (high - low) * draws.uniform(state))
    theta = 2.0 * math.asin(half)
    phi = 2.0 * math.pi * draws.uniform(state)
    return math.tan(theta) * math.cos(phi), math.tan(theta) * math.sin(phi)
