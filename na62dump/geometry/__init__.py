"""Shapes of the experiment: lines, planes, apertures, tiles; their numbers come from config/experiment/."""

from na62dump.geometry.apertures import (
    in_annulus,
    in_chamber,
    in_octagon,
    in_square,
)
from na62dump.geometry.experiment import Geometry
from na62dump.geometry.shapes import Annulus, Chamber, Line, Magnet, Octagon, Square, Station
from na62dump.geometry.tiles import NO_TILE, Tiles, brick_tiles, distance_to_tile, grid_tiles, tile_at

__all__ = [
    "NO_TILE",
    "Annulus",
    "Chamber",
    "Geometry",
    "Line",
    "Magnet",
    "Octagon",
    "Square",
    "Station",
    "Tiles",
    "brick_tiles",
    "distance_to_tile",
    "grid_tiles",
    "in_annulus",
    "in_chamber",
    "in_octagon",
    "in_square",
    "tile_at",
]
