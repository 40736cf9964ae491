from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from na62dump.reconstruction.lines import closest_approach, invariant_mass, through_magnet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

POINT = hnp.arrays(np.float64, 3, elements=st.floats(-1e3, 1e3))
SLOPE = st.floats(-0.1, 0.1)
MUON = 105.6583755


def unit(dx: float, dy: float) -> Vector:
    vector = np.array([dx, dy, 1.0])
    scaled: Vector = vector / np.linalg.norm(vector)
    return scaled


def distance(r1: Vector, u: Vector, r2: Vector, v: Vector) -> float:
    *_, gx, gy, gz = closest_approach(*r1, *u, *r2, *v)
    return math.sqrt(gx * gx + gy * gy + gz * gz)


@given(POINT, SLOPE, SLOPE, POINT, SLOPE, SLOPE)
def test_distance_is_symmetric_and_that_of_a_textbook(
    r1: Vector, dx1: float, dy1: float, r2: Vector, dx2: float, dy2: float
) -> None:
    u, v = unit(dx1, dy1), unit(dx2, dy2)
    normal = np.cross(u, v)
    if np.linalg.norm(normal) < 1e-6:
        return
    expected = abs(np.dot(r1 - r2, normal)) / np.linalg.norm(normal)
    assert distance(r1, u, r2, v) == pytest.approx(expected, abs=1e-6)
    assert distance(r2, v, r1, u) == pytest.approx(expected, abs=1e-6)


@given(POINT, SLOPE, SLOPE, POINT, SLOPE, SLOPE, st.floats(0, 2 * math.pi), POINT)
def test_distance_does_not_depend_on_the_frame(
    r1: Vector, dx1: float, dy1: float, r2: Vector, dx2: float, dy2: float, angle: float, shift: Vector
) -> None:
    u, v = unit(dx1, dy1), unit(dx2, dy2)
    if np.linalg.norm(np.cross(u, v)) < 1e-6:
        return
    turn = np.array([[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]])
    moved = distance(turn @ r1 + shift, turn @ u, turn @ r2 + shift, turn @ v)
    assert moved == pytest.approx(distance(r1, u, r2, v), abs=1e-5)


@given(POINT, SLOPE, SLOPE, SLOPE, SLOPE)
def test_lines_through_one_point_meet_there(point: Vector, dx1: float, dy1: float, dx2: float, dy2: float) -> None:
    u, v = unit(dx1, dy1), unit(dx2, dy2)
    if np.linalg.norm(np.cross(u, v)) < 1e-4:
        return
    s, t, *_ = closest_approach(*(point - 500 * u), *u, *(point + 300 * v), *v)
    assert s == pytest.approx(500, abs=1e-4)
    assert t == pytest.approx(-300, abs=1e-4)


def test_parallel_lines_have_no_closest_point() -> None:
    u = unit(0.01, 0.02)
    r1, r2 = np.zeros(3), np.array([5.0, 0.0, 0.0])
    assert all(math.isnan(value) for value in closest_approach(*r1, *u, *r2, *u))


def test_mass_of_the_published_event() -> None:
    # momenta 99.5 and 39.6 GeV/c with an opening angle of 5.38 mrad: 411 MeV
    mass = invariant_mass(99.5e3, 39.6e3, MUON, MUON, math.sin(5.38e-3 / 2))
    assert mass == pytest.approx(411, abs=0.5)


@given(st.floats(1e3, 2e5), st.floats(1e3, 2e5), st.floats(0, 0.2))
def test_mass_is_that_of_four_vectors(p1: float, p2: float, angle: float) -> None:
    e1, e2 = math.hypot(p1, MUON), math.hypot(p2, MUON)
    s = (e1 + e2) ** 2 - (p1**2 + p2**2 + 2 * p1 * p2 * math.cos(angle))
    assert invariant_mass(p1, p2, MUON, MUON, math.sin(angle / 2)) ** 2 == pytest.approx(s, abs=1e-3)
    assert invariant_mass(p1, p2, MUON, MUON, 0.0) >= 2 * MUON * (1 - 1e-9)


@given(st.floats(-1e3, 1e3), SLOPE, SLOPE, st.floats(150e3, 250e3))
def test_there_and_back_through_the_magnet(start: float, before: float, after: float, z: float) -> None:
    there = through_magnet(start, before, after, 180e3, 197e3, z)
    slope = before if z <= 197e3 else after
    at_magnet = there + slope * (197e3 - z)
    assert at_magnet + before * (180e3 - 197e3) == pytest.approx(start, abs=1e-6)


def test_extrapolation_is_continuous_at_the_magnet() -> None:
    below = through_magnet(10.0, 1e-3, 5e-3, 180e3, 197e3, 197e3)
    above = through_magnet(10.0, 1e-3, 5e-3, 180e3, 197e3, 197e3 + 1e-6)
    assert above == pytest.approx(below, abs=1e-6)
