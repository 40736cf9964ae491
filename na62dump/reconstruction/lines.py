"""Geometry of straight lines: one kernel per quantity, scalars in, scalars out."""

from __future__ import annotations

import math

from na62dump.kernels import kernel

PARALLEL = 1e-24
"""Squared sine of an angle below which two lines have no closest point: 1e-12 rad, the precision of a float64 slope."""

Point = tuple[float, float, float]


@kernel
def closest_approach(
    x1: float, y1: float, z1: float, ux: float, uy: float, uz: float,
    x2: float, y2: float, z2: float, vx: float, vy: float, vz: float,
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Where two lines come closest.

    Each line is a point (x, y, z; mm) and a unit vector. Standard solution of
    (r1 + s u - r2 - t v) . u = (r1 + s u - r2 - t v) . v = 0.

    Returns
    -------
    s, t : float, mm
        Distances along the lines from their points to the closest points; NaN for parallel lines.
    x, y, z : float, mm
        Vector from the closest point of the second line to that of the first; NaN for parallel lines.
    """
    dx, dy, dz = x1 - x2, y1 - y2, z1 - z2
    cx, cy, cz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    sine2 = cx * cx + cy * cy + cz * cz
    if not sine2 > PARALLEL:
        return math.nan, math.nan, math.nan, math.nan, math.nan
    s = -((dy * vz - dz * vy) * cx + (dz * vx - dx * vz) * cy + (dx * vy - dy * vx) * cz) / sine2
    t = -((dy * uz - dz * uy) * cx + (dz * ux - dx * uz) * cy + (dx * uy - dy * ux) * cz) / sine2
    return s, t, dx + s * ux - t * vx, dy + s * uy - t * vy, dz + s * uz - t * vz


@kernel
def length(x: float, y: float, z: float) -> float:
    """Length of a vector, in the unit of its components."""
    return math.sqrt(x * x + y * y + z * z)


@kernel
def direction(dxdz: float, dydz: float) -> Point:
    """Unit vector of a line with given slopes."""
    norm = math.sqrt(1.0 + dxdz * dxdz + dydz * dydz)
    return dxdz / norm, dydz / norm, 1.0 / norm


@kernel
def vertex(r1: Point, u: Point, r2: Point, v: Point) -> tuple[float, float, float, float]:
    """Closest distance of two lines, and the midpoint (x, y, z) of their closest approach, all in mm; NaN if parallel.

    Each line is a point (mm) and a unit vector.
    """
    s, t, x, y, z = closest_approach(*r1, *u, *r2, *v)
    return (
        length(x, y, z),
        (r1[0] + s * u[0] + r2[0] + t * v[0]) / 2.0,
        (r1[1] + s * u[1] + r2[1] + t * v[1]) / 2.0,
        (r1[2] + s * u[2] + r2[2] + t * v[2]) / 2.0,
    )


@kernel
def across(px: float, py: float, pz: float, fx: float, fy: float, fz: float) -> float:
    """Part of a momentum (MeV/c) across a flight (mm): what a daughter that is not seen carries away."""
    cx, cy, cz = py * fz - pz * fy, pz * fx - px * fz, px * fy - py * fx
    return math.sqrt((cx * cx + cy * cy + cz * cz) / (fx * fx + fy * fy + fz * fz))


@kernel
def invariant_mass(p1: float, p2: float, m1: float, m2: float, sine_half: float) -> float:
    """Mass (MeV) of two particles with momenta p (MeV/c), masses m (MeV) and half an opening angle of the given sine.

    m^2 = m1^2 + m2^2 + 2 (E1 E2 - p1 p2) + 4 p1 p2 sin^2(theta / 2), which keeps its digits at small angles.
    """
    e1 = math.sqrt(p1 * p1 + m1 * m1)
    e2 = math.sqrt(p2 * p2 + m2 * m2)
    return math.sqrt(m1 * m1 + m2 * m2 + 2.0 * (e1 * e2 - p1 * p2) + 4.0 * p1 * p2 * sine_half * sine_half)


@kernel
def through_magnet(start: float, before: float, after: float, z_start: float, z_magnet: float, z: float) -> float:
    """Coordinate (mm) at z (mm) of a track that is at `start` (mm) at z_start (mm), with slopes before and after the magnet.

    The two straight lines meet at the magnet's centre, z_magnet (mm).
    """
    if z <= z_magnet:
        return start + before * (z - z_start)
    return start + before * (z_magnet - z_start) + after * (z - z_magnet)
