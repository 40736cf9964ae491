from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from na62dump.geometry import in_annulus, in_chamber, in_octagon, in_square

COORDINATE = st.floats(-1300.0, 1300.0)
CHAMBER = {"r_max": 1000.0, "hole_x": 101.2, "half_width": 63.8}


def clear(*values: float) -> bool:
    """Whether no value is so near zero that rounding decides its sign."""
    return all(abs(value) > 1e-6 for value in values)


@given(x=COORDINATE, y=COORDINATE, r_min=st.floats(0.0, 400.0), r_max=st.floats(500.0, 1300.0))
def test_annulus(x: float, y: float, r_min: float, r_max: float) -> None:
    r = math.hypot(x, y)
    assume(clear(r - r_min, r - r_max))
    assert in_annulus(x, y, r_min, r_max) == (r_min < r < r_max)


@given(x=COORDINATE, y=COORDINATE, r_min=st.floats(0.0, 400.0), half_side=st.floats(500.0, 1300.0))
def test_square(x: float, y: float, r_min: float, half_side: float) -> None:
    r = math.hypot(x, y)
    assume(clear(r - r_min, abs(x) - half_side, abs(y) - half_side))
    assert in_square(x, y, r_min, half_side) == (max(abs(x), abs(y)) < half_side and r > r_min)


@given(x=COORDINATE, y=COORDINATE, r_min=st.floats(0.0, 400.0), apothem=st.floats(500.0, 1300.0))
def test_octagon_is_the_common_part_of_eight_half_planes(x: float, y: float, r_min: float, apothem: float) -> None:
    normals = [(math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)) for k in range(8)]
    beyond = [x * nx + y * ny - apothem for nx, ny in normals]
    r = math.hypot(x, y)
    assume(clear(r - r_min, *beyond))
    assert in_octagon(x, y, r_min, apothem) == (max(beyond) < 0 and r > r_min)


@given(x=COORDINATE, y=COORDINATE)
def test_chamber_needs_two_views_outside_the_beam_band(x: float, y: float) -> None:
    half_width = CHAMBER["half_width"]
    dx = x - CHAMBER["hole_x"]
    angles = (0.0, math.pi / 2, math.pi / 4, -math.pi / 4)
    outside = [abs(dx * math.cos(angle) + y * math.sin(angle)) - half_width for angle in angles]
    r, from_hole = math.hypot(x, y), math.hypot(dx, y)
    assume(clear(r - CHAMBER["r_max"], from_hole - half_width, *outside))
    seen = sum(distance > 0 for distance in outside)
    assert in_chamber(x, y, **CHAMBER) == (r < CHAMBER["r_max"] and from_hole > half_width and seen >= 2)


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [
        (101.2, 0.0, False),  # centre of the hole
        (101.2, 63.0, False),  # at its edge
        (165.2, 0.0, False),  # beside it: x sees, but u and v are 45 mm from the centre and y 0 mm
        (101.2, 95.0, True),  # above it: y, u and v see, 67 mm from the centre
        (192.0, 0.0, True),  # farther to the side: x, u and v see, 64.2 mm from the centre
        (500.0, 500.0, True),
        (800.0, 800.0, False),  # beyond the straws
    ],
)
def test_chamber_at_chosen_points(x: float, y: float, *, inside: bool) -> None:
    assert in_chamber(x, y, **CHAMBER) == inside


def test_undefined_points_are_nowhere() -> None:
    assert not in_annulus(np.nan, 0.0, 0.0, 1.0)
    assert not in_square(np.nan, 0.0, 0.0, 1.0)
    assert not in_octagon(0.0, np.nan, 0.0, 1.0)
    assert not in_chamber(np.nan, 0.0, **CHAMBER)
