"""MUV3 and CHOD: one hit per tile and dead time.

Everywhere below, state uint64[1] is the event's generator of random numbers, and out records[row] are the rows of the
collection, in the units of the table of columns (mm, ns, MeV).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.geometry import NO_TILE, in_annulus, tile_at
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.paths import position, reaches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import TileData
    from na62dump.simulation.paths import Path


@kernel
def add_hit(tile: int, time: float, plane: TileData, out: NDArray[np.void], begin: int, n: int) -> int:
    """Write a hit (time in ns) of a tile to row n, or join it to one of the event's, rows from begin on.

    A hit within the dead time of another one of the same tile is not seen: the earlier of the two stays.
    """
    for row in range(begin, n):
        if out[row].tile == tile and abs(out[row].time - time) < plane.dead_time:
            out[row].time = min(out[row].time, time)
            return n
    hit = out[n]
    hit.tile = tile
    hit.x = plane.tiles[tile].x
    hit.y = plane.tiles[tile].y
    hit.time = time
    return n + 1


@kernel
def measure_hit(
    path: Path,
    scatter: float,
    plane: TileData,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    begin: int,
    n: int,
) -> int:
    """Write the hit of a particle, if there is one; gives the number of rows then.

    scatter is the spread (mm) of the point about the path; the draws' stream has begun.
    """
    if not reaches(path, plane.z):
        return n
    x, y = position(path, plane.z)
    if scatter > 0.0:
        dx, dy = draws.normals(state)
        x += scatter * dx
        y += scatter * dy
    if not in_annulus(x, y, plane.r_min, plane.r_max):
        return n
    tile = tile_at(x, y, plane.raster, plane.pitch_x, plane.pitch_y)
    if tile == NO_TILE or draws.uniform(state) >= plane.efficiency:
        return n
    return add_hit(tile, path.time + plane.time * draws.normal(state), plane, out, begin, n)


@kernel
def accidental_hits(
    count: int, centre: float, plane: TileData, state: NDArray[np.uint64], out: NDArray[np.void], begin: int, n: int
) -> int:
    """Write so many accidental hits of an event, flat over the area of the tiles; centre of the window in ns."""
    for _ in range(count):
        tile = 0
        share = draws.uniform(state)
        while plane.tiles[tile].area < share and tile < len(plane.tiles) - 1:
            tile += 1
        time = centre + plane.noise.window * (draws.uniform(state) - 1.0 / 2.0)
        n = add_hit(tile, time, plane, out, begin, n)
    return n
