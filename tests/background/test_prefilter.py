from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.background import prefilter
from na62dump.background.prefilter import Cuts, Lines, close_pairs, meeting
from na62dump.reconstruction.lines import vertex
from na62dump.reconstruction.pairs import all_pairs, pair_values
from tests.making import Event, events_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.geometry import Geometry

    Found = tuple[NDArray[np.int64], NDArray[np.int64]]

CUTS = {"cda_max": 20.0, "z_min": 105e3, "z_max": 180e3}


def lines_of(points: NDArray[np.float64], slopes: NDArray[np.float64], z: float) -> Lines:
    return Lines(points[0], points[1], slopes[0], slopes[1], z)


def halo(n: int, seed: int, *, z: float = 180e3) -> Lines:
    """Lines from a wide source at the dump to the spectrometer."""
    rng = np.random.default_rng(seed)
    source, target = rng.normal(0, 1200, (2, n)), rng.normal(0, 300, (2, n))
    slopes = (target - source) / (183.5e3 - 23e3)
    return lines_of(source + slopes * (z - 23e3), slopes, z)


def all_tested(first: Lines, second: Lines | None, **cuts: float) -> Found:
    """The same pairs by the exact arithmetic on every pair."""
    other = first if second is None else second
    flights, others, everything = prefilter.flights(first), prefilter.flights(other), np.arange(len(other.x))
    i, j = np.empty((2, max(len(first.x) * len(other.x), 1)), dtype=np.int64)
    n = 0
    for row in range(len(first.x)):
        maybe = everything if second is not None else everything[row + 1 :]
        n += meeting(row, maybe, flights, others, Cuts(**cuts), i[n:], j[n:])
    return i[:n], j[:n]


def same(found: Found, expected: Found) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("one_list", [False, True])
def test_no_pair_of_the_halo_is_lost_and_none_is_added(*, one_list: bool) -> None:
    first, second = halo(900, 1), None if one_list else halo(1100, 2)
    expected = all_tested(first, second, **CUTS)
    assert len(expected[0]) > 5_000
    assert same(close_pairs(first, second, **CUTS), expected)


@settings(deadline=None, max_examples=150)
@given(
    seed=st.integers(0, 2**32 - 1),
    steep=st.sampled_from([0.0, 1e-12, 1e-6, 1e-3, 1e-2, 0.3, 3.0]),
    between=st.sampled_from([1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-2, 1.0]),
    far=st.sampled_from([1e-3, 1.0, 300.0, 1e5]),
    cda_max=st.sampled_from([1e-9, 1e-3, 1.0, 20.0, 1e4]),
    plane=st.sampled_from([0.0, 180e3]),
    one_list=st.booleans(),
)
def test_nearly_parallel_and_steep_lines_are_judged_as_the_reconstruction_does(
    *, seed: int, steep: float, between: float, far: float, cda_max: float, plane: float, one_list: bool
) -> None:
    rng = np.random.default_rng(seed)
    middle = rng.uniform(-steep, steep, (2, 1))
    vertex_z = plane + rng.choice([0.0, 1.0, 75e3]) * rng.choice([-1, 1])

    def lines(n: int) -> Lines:
        slopes = middle + between * rng.normal(size=(2, n))
        points = far * rng.normal(size=(2, 1)) + cda_max * rng.normal(size=(2, n)) - slopes * (vertex_z - plane)
        return lines_of(points, slopes, plane)

    first, second = lines(40), None if one_list else lines(30)
    width = rng.choice([1e-3, 1.0, 1e3, 1e6])
    cuts = {"cda_max": cda_max, "z_min": vertex_z - width * rng.uniform(), "z_max": vertex_z + width * rng.uniform()}
    assert same(close_pairs(first, second, **cuts), all_tested(first, second, **cuts))


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    steep=st.floats(-13, 1).map(lambda power: 10**power),
    between=st.floats(-14, 0).map(lambda power: 10**power),
    far=st.floats(-3, 5).map(lambda power: 10**power),
    near=st.floats(-8, 0).map(lambda power: 10**power),
)
def test_a_pair_that_only_just_passes_is_found(
    *, seed: int, steep: float, between: float, far: float, near: float
) -> None:
    rng = np.random.default_rng(seed)
    slopes = rng.uniform(-steep, steep, (2, 1)) + between * rng.normal(size=(2, 8))
    lines = lines_of(far * (rng.normal(size=(2, 1)) + near * rng.normal(size=(2, 8))), slopes, 180e3)
    flown = prefilter.flights(lines)
    for i, j in zip(*np.triu_indices(8, 1), strict=True):
        r1, r2 = ((flown.x[k], flown.y[k], flown.z) for k in (i, j))
        u, v = ((flown.ux[k], flown.uy[k], flown.uz[k]) for k in (i, j))
        cda, _, _, z = vertex(r1, u, r2, v)
        if math.isnan(cda):
            continue
        above = np.nextafter(cda, np.inf)
        for z_min, z_max in ((np.nextafter(z, -np.inf), z + 1e3), (z - 1e3, np.nextafter(z, np.inf))):
            found = close_pairs(lines, None, cda_max=above, z_min=z_min, z_max=z_max)
            assert (i, j) in zip(*found, strict=True)


@pytest.mark.parametrize("name", ["cda_max", "z_min", "z_max"])
def test_limits_are_finite(name: str) -> None:
    with pytest.raises(ValueError, match=rf"finite lengths in mm, not .*{name} = inf"):
        close_pairs(halo(2, 1), None, **CUTS | {name: np.inf})


@pytest.mark.parametrize("cda_max", [0.0, -1.0, 1e-300])
def test_no_room_at_all(cda_max: float) -> None:
    assert close_pairs(halo(20, 1), None, **CUTS | {"cda_max": cda_max})[0].size == 0


def test_verdicts_are_those_of_the_pairs_of_an_event(geometry: Geometry) -> None:
    tracks = halo(120, 3)
    names = ("x", "y", "dxdz", "dydz")
    rows = [dict(zip(names, map(float, values), strict=True)) for values in zip(*tracks[:4], strict=True)]
    events = events_of([Event({}, {"Track": [row | {"charge": 1} for row in rows]})])
    _, plus, minus = all_pairs(events.offsets["Track"], events["Track_charge"])
    values = pair_values(
        events, geometry, plus=plus, minus=minus, swapped=np.zeros(len(plus), dtype=np.bool_), masses=(0.0, 0.0)
    )
    meet = (values["cda"] < 20.0) & (values["vertex_z"] > 105e3) & (values["vertex_z"] < 180e3)
    x, y, dxdz, dydz = (events[f"Track_{name}"].astype(np.float64) for name in names)
    stored = Lines(x, y, dxdz, dydz, geometry.reference.z)
    assert meet.sum() > 50
    assert same(close_pairs(stored, None, **CUTS), (plus[meet], minus[meet]))


@pytest.mark.parametrize("one_list", [False, True])
def test_tiles_and_buffers_change_nothing(monkeypatch: pytest.MonkeyPatch, *, one_list: bool) -> None:
    first, second = halo(500, 4), None if one_list else halo(700, 5)
    whole = close_pairs(first, second, **CUTS)
    monkeypatch.setattr(prefilter, "BUFFER", 100)
    assert same(close_pairs(first, second, **CUTS), whole)
    i, j = whole
    assert np.array_equal(np.lexsort((j, i)), np.arange(len(i)))


def test_more_lines_than_a_tile_holds() -> None:
    first, second = halo(20, 6), halo(prefilter.TILE + 1000, 7)
    found = close_pairs(first, second, **CUTS)
    assert same(found, all_tested(first, second, **CUTS))
    assert found[1].max() > prefilter.TILE


def test_lines_that_are_no_numbers_meet_nothing_and_harm_no_other() -> None:
    good = halo(60, 8)
    expected = close_pairs(good, None, **CUTS)
    x, y, dxdz, dydz = (np.append(values, [np.nan, np.inf, values[0]]) for values in good[:4])
    dydz[-1] = np.nan
    assert same(close_pairs(Lines(x, y, dxdz, dydz, good.z), None, **CUTS), expected)


@pytest.mark.parametrize("sizes", [(0, 0), (0, 5), (5, 0), (1, None), (0, None)])
def test_nothing_is_found_where_there_is_nothing(sizes: tuple[int, int | None]) -> None:
    second = None if sizes[1] is None else halo(sizes[1], 2)
    i, j = close_pairs(halo(sizes[0], 1), second, **CUTS)
    assert (len(i), len(j)) == (0, 0)
    assert i.dtype == j.dtype == np.int64


def test_parallel_lines_have_no_vertex() -> None:
    lines = lines_of(np.array([[0.0, 1.0, 1.0], [0.0, 2.0, 2.0]]), np.full((2, 3), 1e-3), 180e3)
    assert close_pairs(lines, None, **CUTS)[0].size == 0


def test_one_plane_for_both() -> None:
    with pytest.raises(ValueError, match=r"at z = 180000 mm and 1000 mm make no pairs: give both lists at one plane"):
        close_pairs(halo(2, 1), halo(2, 2, z=1000.0), **CUTS)


def test_the_filter_leaves_little_to_the_exact_arithmetic() -> None:
    first, second = halo(500, 9), halo(500, 10)
    bounds = prefilter.bounds_of(first, second, cuts=Cuts(**CUTS))
    marks = np.zeros((500, 504), dtype=np.uint8)
    for begin in range(0, 500, 10):
        prefilter.mark_rows(first, second, 0, begin, begin + 10, bounds, marks[begin:])
    found = len(close_pairs(first, second, **CUTS)[0])
    assert found <= marks.sum() < 1.01 * found
