"""Values of track pairs: vertex, closest approach, the pair's line at the dump, mass, time difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from na62dump.kernels import kernel
from na62dump.reconstruction import inputs
from na62dump.reconstruction.lines import Point, across, closest_approach, direction, invariant_mass, length

if TYPE_CHECKING:
    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.inputs import TrackColumns

Values = NDArray[np.float64]


class PairValues(NamedTuple):
    """Values of pairs, float64[pair] each; NaN where two lines are parallel.

    Attributes
    ----------
    cda : mm
        Closest distance of the two tracks.
    vertex_x, vertex_y, vertex_z : mm
        Midpoint of the closest approach.
    vertex_radius : mm
        Distance of the vertex from the proton axis.
    cda_tax, z_tax : mm
        Closest approach of the line along the total momentum through the vertex, and the proton axis.
    pt_tax : MeV/c
        Momentum across the line from the dump to the vertex.
    p : MeV/c
        Total momentum.
    mass : MeV
        Invariant mass.
    corrected_mass : MeV
        Mass with a massless particle that carries away ``pt_tax``: sqrt(m^2 + pt^2) + pt (SLD, Phys. Rev. Lett. 80 (1998) 660).
    opening_angle : rad
        Angle between the tracks.
    dt : ns
        Time of the first track minus that of the second.
    straw1_separation : mm
        Distance of the tracks at STRAW1.
    """

    cda: Values
    vertex_x: Values
    vertex_y: Values
    vertex_z: Values
    vertex_radius: Values
    cda_tax: Values
    z_tax: Values
    pt_tax: Values
    p: Values
    mass: Values
    corrected_mass: Values
    opening_angle: Values
    dt: Values
    straw1_separation: Values


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
def _line(tracks: TrackColumns, i: int, z: float) -> tuple[Point, Point]:
    """Point (mm) of a track at the reference plane, and its direction."""
    return (np.float64(tracks.x[i]), np.float64(tracks.y[i]), z), direction(
        np.float64(tracks.dxdz[i]), np.float64(tracks.dydz[i])
    )


@kernel
def _fill_vertex(row: int, r1: Point, u: Point, r2: Point, v: Point, out: PairValues) -> None:
    # as `lines.vertex`, which would not be inlined here: a call for each pair takes four times as long
    s, t, x, y, z = closest_approach(*r1, *u, *r2, *v)
    out.cda[row] = length(x, y, z)
    out.vertex_x[row] = (r1[0] + s * u[0] + r2[0] + t * v[0]) / 2.0
    out.vertex_y[row] = (r1[1] + s * u[1] + r2[1] + t * v[1]) / 2.0
    out.vertex_z[row] = (r1[2] + s * u[2] + r2[2] + t * v[2]) / 2.0


@kernel
def _fill_kinematics(
    row: int, p1: float, u: Point, p2: float, v: Point, m1: float, m2: float, out: PairValues
) -> Point:
    """Fill momentum, angle and mass; gives the total momentum (MeV/c)."""
    px, py, pz = p1 * u[0] + p2 * v[0], p1 * u[1] + p2 * v[1], p1 * u[2] + p2 * v[2]
    sine_half = min(length(u[0] - v[0], u[1] - v[1], u[2] - v[2]) / 2.0, 1.0)
    out.p[row] = length(px, py, pz)
    out.opening_angle[row] = 2.0 * math.asin(sine_half)
    out.mass[row] = invariant_mass(p1, p2, m1, m2, sine_half)
    return px, py, pz


@kernel
def _fill_pointing(row: int, momentum: Point, origin: Point, slopes: tuple[float, float], out: PairValues) -> None:
    """Fill what the line of the pair has to do with the proton axis through the origin (mm)."""
    x, y, z = out.vertex_x[row], out.vertex_y[row], out.vertex_z[row]
    px, py, pz = momentum
    p, ahead = out.p[row], z - origin[2]
    s, _, dx, dy, dz = closest_approach(x, y, z, px / p, py / p, pz / p, *origin, *direction(slopes[0], slopes[1]))
    out.cda_tax[row] = length(dx, dy, dz)
    out.z_tax[row] = z + s * pz / p
    pt = across(px, py, pz, x - origin[0], y - origin[1], ahead)
    out.pt_tax[row] = pt
    out.corrected_mass[row] = math.sqrt(out.mass[row] * out.mass[row] + pt * pt) + pt
    out.vertex_radius[row] = math.hypot(x - origin[0] - slopes[0] * ahead, y - origin[1] - slopes[1] * ahead)


@kernel
def _fill_values(
    plus: NDArray[np.int64],
    minus: NDArray[np.int64],
    swapped: NDArray[np.bool_],
    tracks: TrackColumns,
    masses: tuple[float, float],
    origin: Point,
    slopes: tuple[float, float],
    z_reference: float,
    z_straw1: float,
    out: PairValues,
) -> None:
    """Fill the values of given pairs; masses in MeV, positions in mm, slopes in rad."""
    ahead = z_straw1 - z_reference
    for row in range(len(plus)):
        i, j = plus[row], minus[row]
        r1, u = _line(tracks, i, z_reference)
        r2, v = _line(tracks, j, z_reference)
        _fill_vertex(row, r1, u, r2, v, out)
        m1, m2 = (masses[1], masses[0]) if swapped[row] else masses
        momentum = _fill_kinematics(row, np.float64(tracks.p[i]), u, np.float64(tracks.p[j]), v, m1, m2, out)
        _fill_pointing(row, momentum, origin, slopes, out)
        out.dt[row] = np.float64(tracks.time[i]) - np.float64(tracks.time[j])
        out.straw1_separation[row] = math.hypot(
            r1[0] - r2[0] + (u[0] / u[2] - v[0] / v[2]) * ahead, r1[1] - r2[1] + (u[1] / u[2] - v[1] / v[2]) * ahead
        )


def pair_values(
    events: Events,
    geometry: Geometry,
    *,
    plus: NDArray[np.int64],
    minus: NDArray[np.int64],
    swapped: NDArray[np.bool_],
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
    swapped : bool[pair]
        Whether the tracks have each other's mass.
    masses : tuple of float, MeV
        Mass hypotheses of the two tracks.

    Returns
    -------
    dict of str to float64[pair]
        The fields of `PairValues`: mm, ns, MeV, MeV/c, rad.
    """
    table = np.empty((len(PairValues._fields), len(plus)), dtype=np.float64)
    out = PairValues(*table)
    axis = geometry.axis
    _fill_values(
        plus,
        minus,
        swapped,
        inputs.track_columns(events),
        masses,
        (axis.x, axis.y, axis.z),
        (axis.dxdz, axis.dydz),
        geometry.reference.z,
        geometry.straw[0].z,
        out,
    )
    return out._asdict()
