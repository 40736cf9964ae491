from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.geometry import NO_TILE, Tiles, brick_tiles, distance_to_tile, grid_tiles, tile_at

if TYPE_CHECKING:
    from na62dump.geometry import Geometry

COORDINATE = st.floats(-1500.0, 1500.0)


@pytest.fixture(params=["muv3", "chod"])
def tiles(request: pytest.FixtureRequest, geometry: Geometry) -> Tiles:
    return geometry.muv3.tiles if request.param == "muv3" else geometry.chod.tiles


def holding(tiles: Tiles, x: float, y: float) -> list[int]:
    """Tiles whose open rectangle holds a point."""
    inside = (np.abs(x - tiles.x) < tiles.half_x) & (np.abs(y - tiles.y) < tiles.half_y)
    return np.flatnonzero(inside).tolist()


def near_an_edge(tiles: Tiles, x: float, y: float) -> bool:
    """Whether rounding may put a point on either side of an edge."""
    along_x = np.abs(np.abs(x - tiles.x) - tiles.half_x).min()
    along_y = np.abs(np.abs(y - tiles.y) - tiles.half_y).min()
    return bool(min(along_x, along_y) < 1e-9)


def found(tiles: Tiles, x: float, y: float) -> int:
    return tile_at(x, y, tiles.raster, tiles.pitch_x, tiles.pitch_y)


def test_muv3_has_148_tiles(geometry: Geometry) -> None:
    assert len(geometry.muv3.tiles) == 148


def test_chod_has_152_tiles(geometry: Geometry) -> None:
    assert len(geometry.chod.tiles) == 152


def test_the_eight_small_tiles_of_muv3_come_last(geometry: Geometry) -> None:
    tiles = geometry.muv3.tiles
    np.testing.assert_allclose(tiles.half_x[:140], 110.0)
    np.testing.assert_allclose(tiles.half_x[140:], 440 / 3 / 2)
    np.testing.assert_allclose(tiles.half_y, tiles.half_x)


def test_every_tile_is_found_at_its_centre(tiles: Tiles) -> None:
    centres = zip(tiles.x, tiles.y, strict=True)
    assert [found(tiles, x, y) for x, y in centres] == list(range(len(tiles)))


def test_no_two_tiles_overlap(tiles: Tiles) -> None:
    apart_x = np.abs(tiles.x[:, None] - tiles.x) > tiles.half_x[:, None] + tiles.half_x - 1e-9
    apart_y = np.abs(tiles.y[:, None] - tiles.y) > tiles.half_y[:, None] + tiles.half_y - 1e-9
    same = np.eye(len(tiles), dtype=bool)
    assert np.all(apart_x | apart_y | same)


def test_the_raster_covers_the_area_of_the_tiles(tiles: Tiles) -> None:
    covered = np.count_nonzero(tiles.raster != NO_TILE) * tiles.pitch_x * tiles.pitch_y
    assert covered == pytest.approx(4 * np.sum(tiles.half_x * tiles.half_y))


@given(x=COORDINATE, y=COORDINATE)
def test_the_raster_agrees_with_the_rectangles(x: float, y: float, geometry: Geometry) -> None:
    for tiles in (geometry.muv3.tiles, geometry.chod.tiles):
        expected = holding(tiles, x, y) or [NO_TILE]
        if not near_an_edge(tiles, x, y):
            assert [found(tiles, x, y)] == expected


@given(x=COORDINATE, y=COORDINATE)
def test_distance_is_zero_in_the_tile_that_holds_the_point_and_only_there(
    x: float, y: float, geometry: Geometry
) -> None:
    for tiles in (geometry.muv3.tiles, geometry.chod.tiles):
        distances = [
            distance_to_tile(x - tiles.x[i], y - tiles.y[i], tiles.half_x[i], tiles.half_y[i])
            for i in range(len(tiles))
        ]
        if not near_an_edge(tiles, x, y):
            assert np.flatnonzero(np.array(distances) == 0.0).tolist() == holding(tiles, x, y)


@given(dx=COORDINATE, dy=COORDINATE, half_x=st.floats(1.0, 200.0), half_y=st.floats(1.0, 200.0))
def test_distance_is_that_to_the_nearest_point_of_the_rectangle(
    dx: float, dy: float, half_x: float, half_y: float
) -> None:
    nearest = min(max(dx, -half_x), half_x), min(max(dy, -half_y), half_y)
    expected = math.hypot(dx - nearest[0], dy - nearest[1])
    assert distance_to_tile(dx, dy, half_x, half_y) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_there_is_no_tile_in_the_beam_hole_nor_outside(tiles: Tiles) -> None:
    for x, y in ((0.0, 0.0), (5000.0, 0.0), (0.0, -5000.0), (-5000.0, 5000.0)):
        assert found(tiles, x, y) == NO_TILE


def test_the_chod_is_the_same_in_all_quadrants(geometry: Geometry) -> None:
    tiles = geometry.chod.tiles
    centres = {(round(x, 6), round(y, 6)) for x, y in zip(tiles.x, tiles.y, strict=True)}
    assert centres == {(-x, y) for x, y in centres} == {(x, -y) for x, y in centres}


def test_a_grid_by_hand() -> None:
    tiles = grid_tiles(30.0, 4, inner_cells=2, inner_per_side=3)
    assert len(tiles) == 4 * 4 - 2 * 2 + 3 * 3 - 1
    assert (tiles.x[0], tiles.y[0], tiles.half_x[0]) == (-45.0, -45.0, 15.0)
    assert (tiles.x[12], tiles.y[12], tiles.half_x[12]) == (-20.0, -20.0, 10.0)


def test_bricks_by_hand() -> None:
    tiles = brick_tiles(10.0, 4.0, rows=[[2], [1, 2]], skipped=1)
    assert len(tiles) == 12
    np.testing.assert_array_equal(tiles.x[:3], [20.0, 5.0, 20.0])
    np.testing.assert_array_equal(tiles.y[:3], [2.0, 6.0, 6.0])
    np.testing.assert_array_equal(tiles.half_x[:3], [10.0, 5.0, 10.0])
    np.testing.assert_array_equal(tiles.x[3:6], [-20.0, -5.0, -20.0])
