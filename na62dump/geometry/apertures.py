"""Is a point inside? Scalar kernels over mm, for any stage that propagates a line to a plane."""

from __future__ import annotations

import math

from na62dump.kernels import kernel

VIEWS_OUTSIDE_HOLE = 2
"""Views of a STRAW chamber, of four, that must see a track for a space point: two coordinates need two views."""


@kernel
def in_annulus(x: float, y: float, r_min: float, r_max: float) -> bool:
    """Whether r_min < r < r_max; x, y, r_min, r_max in mm."""
    r2 = x * x + y * y
    return r_min * r_min < r2 < r_max * r_max


@kernel
def in_square(x: float, y: float, r_min: float, half_side: float) -> bool:
    """Whether a point is in a square with a round hole; all in mm."""
    return abs(x) < half_side and abs(y) < half_side and x * x + y * y > r_min * r_min


@kernel
def in_octagon(x: float, y: float, r_min: float, apothem: float) -> bool:
    """Whether a point is in a regular octagon with a round hole; all in mm."""
    diagonal = (abs(x) + abs(y)) / math.sqrt(2.0)
    return abs(x) < apothem and abs(y) < apothem and diagonal < apothem and x * x + y * y > r_min * r_min


@kernel
def in_chamber(x: float, y: float, r_max: float, hole_x: float, half_width: float) -> bool:
    """Whether a STRAW chamber sees a point; all in mm.

    Inside the disc, farther than the half-width from the centre of the hole, and outside the beam
    band of at least `VIEWS_OUTSIDE_HOLE` of the views x, y, u, v (NA62 framework, GeometricAcceptance).
    """
    if x * x + y * y >= r_max * r_max:
        return False
    dx = x - hole_x
    if dx * dx + y * y <= half_width * half_width:
        return False
    seen = 0
    seen += abs(dx) > half_width
    seen += abs(y) > half_width
    seen += abs(dx + y) / math.sqrt(2.0) > half_width
    seen += abs(dx - y) / math.sqrt(2.0) > half_width
    return seen >= VIEWS_OUTSIDE_HOLE
