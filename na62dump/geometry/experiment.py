"""The whole experiment as one frozen model, read from config/experiment/geometry.toml."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from pydantic import Field

from na62dump.configuration import Length, Many, Settings
from na62dump.geometry.shapes import Annulus, Chamber, Line, Magnet, Octagon, Size, Square, Station
from na62dump.geometry.tiles import Tiles, brick_tiles, grid_tiles

Number = Annotated[int, Field(gt=0)]
"""A number of things of which there is at least one."""


class GridPlane(Square):
    """MUV3: a square plane of square tiles, smaller ones in the middle."""

    tile_side: Size
    tiles_per_side: Number
    inner_cells: Number
    inner_tiles_per_side: Number

    @cached_property
    def tiles(self) -> Tiles:
        """Tiles of the plane, mm."""
        return grid_tiles(
            self.tile_side,
            self.tiles_per_side,
            inner_cells=self.inner_cells,
            inner_per_side=self.inner_tiles_per_side,
        )


class BrickPlane(Annulus):
    """NewCHOD: a round plane of tiles made of bricks."""

    brick_width: Size
    brick_height: Size
    skipped_bricks: Annotated[int, Field(ge=0)]
    rows: Many[Many[Number]]

    @cached_property
    def tiles(self) -> Tiles:
        """Tiles of the plane, mm."""
        return brick_tiles(self.brick_width, self.brick_height, rows=self.rows, skipped=self.skipped_bricks)


class Reference(Settings):
    """Plane at which the ntuple gives a track's position."""

    z: Length


class Geometry(Settings):
    """Where everything is, in mm, NA62 frame: origin at the T10 target, z along the beam, y up."""

    axis: Line
    reference: Reference
    magnet: Magnet
    straw: Many[Chamber]
    chod: BrickPlane
    lkr: Octagon
    muv3: GridPlane
    lav: Many[Station]
    anti0: Annulus
