"""Values of track pairs: vertex, closest approach, the pair's line at the dump, mass, time difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.kernels import kernel
from na62dump.reconstruction import inputs
from na62dump.reconstruction.lines import closest_approach, invariant_mass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.inputs import TrackColumns

PAIR_VALUES = (
    "cda",
    "vertex_x",
    "vertex_y",
    "vertex_z",
    "vertex_radius",
    "cda_tax",
    "z_tax",
    "p",
    "mass",
    "opening_angle",
    "dt",
    "straw1_separation",
)
"""Columns that `pair_values` computes, in its order."""


@kernel
def _count_pairs(offsets: NDArray[np.int64]) -> int:
    total = 0
    for event in range(len(offsets) - 1):
        n = offsets[event + 1] - offsets[event]
        total += n * (n - 1) // 2
    return total


@kernel
def _fill_pairs(
    offsets: NDArray[np.int64],
    charge: NDArray[np.int8],
    event_of: NDArray[np.int64],
    plus: NDArray[np.int64],
    minus: NDArray[np.int64],
) -> None:
    """Fill int64[pair] indices of event and tracks; the positive track of an opposite-charge pair is ``plus``."""
    row = 0
    for event in range(len(offsets) - 1):
        for i in range(offsets[event], offsets[event + 1]):
            for j in range(i + 1, offsets[event + 1]):
                swap = charge[i] < charge[j]
                event_of[row] = event
                plus[row] = j if swap else i
                minus[row] = i if swap else j
                row += 1


def all_pairs(
    offsets: NDArray[np.int64], charge: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every pair of tracks of every event.

    Parameters
    ----------
    offsets : int64[event + 1]
        Where the tracks of each event begin.
    charge : int8[track], e
        Charges.

    Returns
    -------
    event, plus, minus : int64[pair]
        Index of the event, and of the two tracks; of two tracks of one charge the first is ``plus``.
    """
    n = int(_count_pairs(offsets))
    event, plus, minus = (np.empty(n, dtype=np.int64) for _ in range(3))
    _fill_pairs(offsets, charge, event, plus, minus)
    return event, plus, minus


@kernel
def _fill_values(
    plus: NDArray[np.int64],
    minus: NDArray[np.int64],
    tracks: TrackColumns,
    masses: tuple[float, float],
    axis: tuple[float, float, float, float, float],
    z: tuple[float, float],
    out: NDArray[np.float64],
) -> None:
    """Fill float64[value, pair] in the order of `PAIR_VALUES`; mm, ns, MeV, MeV/c, rad."""
    x0, y0, z0, axis_dx, axis_dy = axis
    z_reference, z_straw1 = z
    norm = math.sqrt(1.0 + axis_dx * axis_dx + axis_dy * axis_dy)
    bx, by, bz = axis_dx / norm, axis_dy / norm, 1.0 / norm
    for row in range(len(plus)):
        i, j = plus[row], minus[row]
        p1, p2 = float(tracks.p[i]), float(tracks.p[j])
        x1, y1, dx1, dy1 = float(tracks.x[i]), float(tracks.y[i]), float(tracks.dxdz[i]), float(tracks.dydz[i])
        x2, y2, dx2, dy2 = float(tracks.x[j]), float(tracks.y[j]), float(tracks.dxdz[j]), float(tracks.dydz[j])
        n1 = math.sqrt(1.0 + dx1 * dx1 + dy1 * dy1)
        n2 = math.sqrt(1.0 + dx2 * dx2 + dy2 * dy2)
        ux, uy, uz, vx, vy, vz = dx1 / n1, dy1 / n1, 1.0 / n1, dx2 / n2, dy2 / n2, 1.0 / n2
        s, t, gx, gy, gz = closest_approach(x1, y1, z_reference, ux, uy, uz, x2, y2, z_reference, vx, vy, vz)
        vertex_x = (x1 + s * ux + x2 + t * vx) / 2.0
        vertex_y = (y1 + s * uy + y2 + t * vy) / 2.0
        vertex_z = z_reference + (s * uz + t * vz) / 2.0
        px, py, pz = p1 * ux + p2 * vx, p1 * uy + p2 * vy, p1 * uz + p2 * vz
        p = math.sqrt(px * px + py * py + pz * pz)
        s, t, hx, hy, hz = closest_approach(
            vertex_x, vertex_y, vertex_z, px / p, py / p, pz / p, x0, y0, z0, bx, by, bz
        )
        chord = math.sqrt((ux - vx) ** 2 + (uy - vy) ** 2 + (uz - vz) ** 2) / 2.0
        ahead = z_straw1 - z_reference
        out[0, row] = math.sqrt(gx * gx + gy * gy + gz * gz)
        out[1, row] = vertex_x
        out[2, row] = vertex_y
        out[3, row] = vertex_z
        out[4, row] = math.hypot(vertex_x - x0 - axis_dx * (vertex_z - z0), vertex_y - y0 - axis_dy * (vertex_z - z0))
        out[5, row] = math.sqrt(hx * hx + hy * hy + hz * hz)
        out[6, row] = vertex_z + s * pz / p
        out[7, row] = p
        out[8, row] = invariant_mass(p1, p2, masses[0], masses[1], chord)
        out[9, row] = 2.0 * math.asin(min(chord, 1.0))
        out[10, row] = float(tracks.time[i]) - float(tracks.time[j])
        out[11, row] = math.hypot(x1 - x2 + (dx1 - dx2) * ahead, y1 - y2 + (dy1 - dy2) * ahead)


def pair_values(
    events: Events,
    geometry: Geometry,
    *,
    plus: NDArray[np.int64],
    minus: NDArray[np.int64],
    masses: tuple[float, float],
) -> dict[str, NDArray[Any]]:
    """Values of given pairs, none of them a verdict.

    Parameters
    ----------
    events : Events
        Tracks, in mm, rad, ns, MeV/c.
    geometry : Geometry
        Proton axis and reference planes, mm.
    plus, minus : int64[pair]
        Indices of the two tracks.
    masses : tuple of float, MeV
        Mass hypotheses of the two tracks.

    Returns
    -------
    dict of str to float64[pair]
        ``cda``, ``vertex_x``, ``vertex_y``, ``vertex_z``, ``vertex_radius`` (mm; from the proton axis), ``cda_tax``
        and ``z_tax`` (mm; of the line along the total momentum through the vertex, and the proton axis), ``p``
        (MeV/c), ``mass`` (MeV), ``opening_angle`` (rad), ``dt`` (ns), ``straw1_separation`` (mm). NaN where two lines
        are parallel.
    """
    out = np.empty((len(PAIR_VALUES), len(plus)), dtype=np.float64)
    axis = geometry.axis
    _fill_values(
        plus,
        minus,
        inputs.track_columns(events),
        masses,
        (axis.x, axis.y, axis.z, axis.dxdz, axis.dydz),
        (geometry.reference.z, geometry.straw[0].z),
        out,
    )
    return dict(zip(PAIR_VALUES, out, strict=True))
