"""Planes of scintillator tiles: MUV3 (a grid with small tiles in the middle) and CHOD (rows of bricks)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.kernels import kernel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NO_TILE = -1
"""Number that stands for "no tile here"."""


@dataclass(frozen=True)
class Tiles:
    """Rectangles of a plane, and a raster that says which one holds a point.

    Attributes
    ----------
    x, y : float64[tile], mm
        Centres.
    half_x, half_y : float64[tile], mm
        Half sides.
    raster : int16[row, column]
        Number of the tile that covers each cell, `NO_TILE` where there is none.
    pitch_x, pitch_y : float, mm
        Size of a cell; the raster is centred on the origin.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    half_x: NDArray[np.float64]
    half_y: NDArray[np.float64]
    raster: NDArray[np.int16]
    pitch_x: float
    pitch_y: float

    def __len__(self) -> int:
        """Count the tiles."""
        return len(self.x)


Cells = tuple[int, int, int, int]
"""First column, first row, columns and rows of the raster that one tile covers."""


def grid_tiles(side: float, per_side: int, *, inner_cells: int, inner_per_side: int) -> Tiles:
    """Square tiles on a grid, whose middle is a finer grid with a hole in its own middle.

    Parameters
    ----------
    side : float, mm
        Side of a large tile.
    per_side : int
        Large tiles in a row of the plane.
    inner_cells : int
        Large tiles in a row of the middle that the small ones replace.
    inner_per_side : int
        Small tiles in a row of the middle; the central one is left out for the beam.

    Returns
    -------
    Tiles
        Large tiles first, row by row from below, then the small ones.
    """
    middle = range((per_side - inner_cells) // 2, (per_side + inner_cells) // 2)
    fine = inner_per_side  # raster cells in a large tile
    span = inner_cells  # raster cells in a small tile: side * inner_cells / inner_per_side
    large = [
        (column * fine, row * fine, fine, fine)
        for row in range(per_side)
        for column in range(per_side)
        if not (row in middle and column in middle)
    ]
    corner = middle.start * fine
    hole = inner_per_side // 2
    small = [
        (corner + column * span, corner + row * span, span, span)
        for row in range(inner_per_side)
        for column in range(inner_per_side)
        if (row, column) != (hole, hole)
    ]
    return _from_cells([*large, *small], per_side * fine, per_side * fine, side / fine, side / fine)


def brick_tiles(width: float, height: float, *, rows: Sequence[Sequence[int]], skipped: int) -> Tiles:
    """Tiles made of bricks, laid in rows, the same in all four quadrants.

    Parameters
    ----------
    width, height : float, mm
        Sides of a brick.
    rows : sequence of sequence of int
        Bricks in each tile, from the middle outwards, for each row of the upper right quadrant.
    skipped : int
        Bricks left out next to the beam in the first row.

    Returns
    -------
    Tiles
        Quadrant by quadrant: (+x, +y), (-x, +y), (-x, -y), (+x, -y).
    """
    n_x = max(sum(row) + (skipped if i == 0 else 0) for i, row in enumerate(rows))
    n_y = len(rows)
    quadrant = list(_bricks_of_quadrant(rows, skipped))
    cells: list[Cells] = []
    for right, up in ((True, True), (False, True), (False, False), (True, False)):
        for column, row, span in quadrant:
            left = n_x + column if right else n_x - column - span
            cells.append((left, n_y + row if up else n_y - row - 1, span, 1))
    return _from_cells(cells, 2 * n_x, 2 * n_y, width, height)


def _bricks_of_quadrant(rows: Sequence[Sequence[int]], skipped: int) -> Iterator[tuple[int, int, int]]:
    for number, row in enumerate(rows):
        column = skipped if number == 0 else 0
        for span in row:
            yield column, number, span
            column += span


def _from_cells(cells: Sequence[Cells], n_x: int, n_y: int, pitch_x: float, pitch_y: float) -> Tiles:
    raster = np.full((n_y, n_x), NO_TILE, dtype=np.int16)
    for number, (column, row, width, height) in enumerate(cells):
        raster[row : row + height, column : column + width] = number
    column, row, width, height = np.array(cells, dtype=np.float64).T
    return Tiles(
        x=(column + width / 2 - n_x / 2) * pitch_x,
        y=(row + height / 2 - n_y / 2) * pitch_y,
        half_x=width / 2 * pitch_x,
        half_y=height / 2 * pitch_y,
        raster=raster,
        pitch_x=pitch_x,
        pitch_y=pitch_y,
    )


@kernel
def tile_at(x: float, y: float, raster: NDArray[np.int16], pitch_x: float, pitch_y: float) -> int:
    """Number of the tile that holds a point, or `NO_TILE`; x, y, pitch_x, pitch_y in mm, raster int16[row, column]."""
    n_y, n_x = raster.shape
    column = int(np.floor(x / pitch_x + n_x / 2))
    row = int(np.floor(y / pitch_y + n_y / 2))
    if column < 0 or column >= n_x or row < 0 or row >= n_y:
        return NO_TILE
    return int(raster[row, column])


@kernel
def distance_to_tile(dx: float, dy: float, half_x: float, half_y: float) -> float:
    """Distance (mm) from a point at (dx, dy) mm from a tile's centre to its rectangle; 0 inside."""
    out_x = max(abs(dx) - half_x, 0.0)
    out_y = max(abs(dy) - half_y, 0.0)
    return float(np.sqrt(out_x * out_x + out_y * out_y))
