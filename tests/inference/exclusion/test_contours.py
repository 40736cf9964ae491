from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from na62dump.inference.exclusion.contours import SIDES, extents, intervals, polygons, surface, to_csv

MASSES = np.linspace(100.0, 500.0, 41)
COUPLINGS = np.geomspace(1e-8, 1e-4, 81)
X, Y = (MASSES[:, None] - 300) / 100, np.log(COUPLINGS / 1e-6)[None, :]
STEP = math.log(COUPLINGS[1] / COUPLINGS[0])
GRID = {"masses": MASSES, "couplings": COUPLINGS}


def test_two_edges_are_where_the_surface_is_crossed() -> None:
    events = 50.0 * (COUPLINGS / 1e-6)[None, :] ** 4 * np.exp(-((COUPLINGS / 1e-6)[None, :] ** 2)) * np.ones((41, 1))
    (rows, *_) = (intervals(surface(events, np.full(events.shape, 2.3)), **GRID),)
    assert [row.mass for row in rows] == MASSES.tolist()
    for row in rows:
        assert not row.open_low
        assert not row.open_high
        for edge in (row.low, row.high):
            x = edge / 1e-6
            slope = abs(4 - 2 * x**2)
            assert math.log(50 / 2.3) + 4 * math.log(x) - x**2 == pytest.approx(0, abs=slope * STEP**2)


def test_a_plane_is_crossed_exactly_and_off_the_grid() -> None:
    height = 2.0 - np.abs(Y) - 0 * X
    for row in intervals(height, **GRID):
        assert math.log(row.low / 1e-6) == pytest.approx(-2)
        assert math.log(row.high / 1e-6) == pytest.approx(2)


def test_an_island_and_a_hole() -> None:
    ring = 0.5 - np.abs(np.hypot(X, Y) - 1.2)
    island = 0.3 - np.hypot(X, Y - 3)
    found = polygons(np.maximum(ring, island), **GRID)
    assert sorted(len(polygon.holes) for polygon in found) == [0, 1]
    assert all(polygon.open == () for polygon in found)
    scale = 100 / math.log(10)
    expected = {1: math.pi * (1.7**2 - 0.7**2) * scale, 0: math.pi * 0.3**2 * scale}
    for polygon in found:
        np.testing.assert_array_equal(polygon.outer[0], polygon.outer[-1])
        assert polygon.area == pytest.approx(expected[len(polygon.holes)], rel=0.08)
    reach = extents(found)
    assert reach is not None
    assert (reach.regions, reach.holes, reach.open) == (2, 1, ())
    assert reach.mass_low == pytest.approx(130, rel=0.01)
    assert reach.mass_high == pytest.approx(470, rel=0.01)
    assert reach.coupling_high == pytest.approx(1e-6 * math.exp(3.3), rel=0.03)
    at = [row for row in intervals(np.maximum(ring, island), **GRID) if row.mass == 300]
    assert len(at) == 3
    assert [at[0].high < at[1].low, at[1].high < at[2].low] == [True, True]


@pytest.mark.parametrize(
    ("height", "sides"),
    [
        (1.0 - np.hypot(X + 2, Y), ("lowest mass",)),
        (1.0 - np.hypot(X - 2, Y), ("highest mass",)),
        (1.0 - np.hypot(X, Y - Y.min()), ("lowest coupling",)),
        (1.0 - np.hypot(X, Y - Y.max()), ("highest coupling",)),
        (1.0 + 0 * X * Y, SIDES),
    ],
)
def test_what_the_grid_cuts_off_is_said(height: np.ndarray, sides: tuple[str, ...]) -> None:
    (polygon,) = polygons(height, **GRID)
    assert polygon.open == sides
    rows = intervals(height, **GRID)
    assert any(row.open_low for row in rows) == ("lowest coupling" in sides)
    assert any(row.open_high for row in rows) == ("highest coupling" in sides)
    if "highest coupling" in sides:
        assert max(row.high for row in rows) == COUPLINGS[-1] == polygon.outer[:, 1].max()


def test_nothing_excluded_is_no_region() -> None:
    assert polygons(-1 + 0 * X * Y, **GRID) == ()
    assert intervals(-1 + 0 * X * Y, **GRID) == ()
    assert extents(()) is None


def test_one_mass_has_intervals_only() -> None:
    height = (2.0 - np.abs(Y))[:1]
    one = {"masses": MASSES[:1], "couplings": COUPLINGS}
    rows = intervals(height, **one)
    assert polygons(height, **one) == ()
    reach = extents((), rows)
    assert reach is not None
    assert (reach.mass_low, reach.mass_high, reach.area) == (100.0, 100.0, 0)
    assert reach.coupling_low == rows[0].low


def test_no_events_move_no_edge_out_of_its_cell() -> None:
    events = np.where(np.abs(Y) < 1, 30.0, 0.0) * np.where(MASSES < 320, 1, 0)[:, None]
    height = surface(events, np.full(events.shape, 2.3))
    assert np.isfinite(height).all()
    inside = np.abs(Y[0]) < 1
    for row in intervals(height, **GRID):
        assert COUPLINGS[~inside & (COUPLINGS < 1e-6)][-1] < row.low <= COUPLINGS[inside][0]
        assert COUPLINGS[inside][-1] <= row.high < COUPLINGS[~inside & (COUPLINGS > 1e-6)][0]
    (polygon,) = polygons(height, **GRID)
    assert 310 <= polygon.outer[:, 0].max() < 320


def test_no_events_anywhere_exclude_nothing() -> None:
    height = surface(np.zeros((3, 4)), np.full((3, 4), 2.3))
    assert (height < 0).all()


@given(arrays.arrays(np.float64, (5, 9), elements=st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3)))
def test_intervals_are_cuts_through_the_regions(height: np.ndarray) -> None:
    masses, couplings = np.arange(1.0, 6.0), np.geomspace(1e-8, 1e-4, 9)
    found = polygons(height, masses=masses, couplings=couplings)
    corners = np.concatenate([ring for p in found for ring in (p.outer, *p.holes)] or [np.empty((0, 2))])
    for row in intervals(height, masses=masses, couplings=couplings):
        assert row.low <= row.high
        here = corners[corners[:, 0] == row.mass, 1]
        for edge in (row.low, row.high):
            assert np.min(np.abs(here / edge - 1)) < 1e-9
    assert sum(p.area for p in found) >= 0


def test_a_file_reads_back_what_was_found() -> None:
    found = intervals(2.0 - np.hypot(X, Y), **GRID)
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert list(rows[0]) == ["mass_mev", "coupling_low", "coupling_high"]
    assert [tuple(map(float, row.values())) for row in rows] == [(each.mass, each.low, each.high) for each in found]
    assert to_csv(()) == "mass_mev,coupling_low,coupling_high\n"
