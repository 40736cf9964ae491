"""Values of single tracks: acceptance at each plane, and what each detector has in time at the extrapolated point."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from na62dump.geometry import NO_TILE, distance_to_tile, in_annulus, in_chamber, in_octagon, in_square, tile_at
from na62dump.kernels import kernel
from na62dump.reconstruction import inputs
from na62dump.reconstruction.lines import through_magnet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.inputs import Clusters, Planes, TileHits, TileSizes, TrackColumns, Windows
    from na62dump.reconstruction.matching import Matching


class Line(NamedTuple):
    """A track: position (mm) at the reference plane, slopes (rad) before and after the magnet."""

    x: float
    y: float
    dxdz: float
    dydz: float
    dxdz_after: float
    dydz_after: float


class Hits(NamedTuple):
    """What the detectors behind the magnet saw, with the tiles of their planes."""

    lkr: Clusters
    muv3: TileHits
    muv3_tiles: TileSizes
    chod: TileHits
    chod_tiles: TileSizes


class TrackValues(NamedTuple):
    """Values of tracks, one array[track] each.

    Attributes
    ----------
    dt_trigger : float32[track], ns
        Track time minus trigger time.
    e_over_p : float32[track], without unit
        Energy of the associated LKr cluster over the momentum; 0 without one.
    lkr_energy : float32[track], MeV
        That energy.
    n_muv3, n_chod : uint8[track]
        Associated tiles.
    in_straw, in_chod, in_lkr, in_muv3, in_lav12 : bool[track]
        Whether the track is inside each acceptance, and inside the hole of LAV12.
    """

    dt_trigger: NDArray[np.float32]
    e_over_p: NDArray[np.float32]
    lkr_energy: NDArray[np.float32]
    n_muv3: NDArray[np.uint8]
    n_chod: NDArray[np.uint8]
    in_straw: NDArray[np.bool_]
    in_chod: NDArray[np.bool_]
    in_lkr: NDArray[np.bool_]
    in_muv3: NDArray[np.bool_]
    in_lav12: NDArray[np.bool_]


_TYPES = ("f4", "f4", "f4", "u1", "u1", "?", "?", "?", "?", "?")


@kernel
def _nearest_energy(
    x: float, y: float, time: float, event: int, clusters: Clusters, radius: float, window: float
) -> float:
    """Energy (MeV) of the nearest in-time cluster within the radius (mm) of a point (mm), 0 if there is none."""
    best = radius * radius
    energy = 0.0
    for i in range(clusters.offsets[event], clusters.offsets[event + 1]):
        if abs(clusters.time[i] - time) > window:
            continue
        dx, dy = clusters.x[i] - x, clusters.y[i] - y
        distance2 = dx * dx + dy * dy
        if distance2 <= best:
            best = distance2
            energy = clusters.energy[i]
    return energy


@kernel
def _tiles_near(
    x: float, y: float, time: float, event: int, hits: TileHits, sizes: TileSizes, radius: float, window: float
) -> int:
    """Count in-time tiles whose rectangle is within the radius (mm) of a point (mm)."""
    count = 0
    for i in range(hits.offsets[event], hits.offsets[event + 1]):
        if abs(hits.time[i] - time) > window:
            continue
        tile = tile_at(hits.x[i], hits.y[i], sizes.raster, sizes.pitch_x, sizes.pitch_y)
        if tile == NO_TILE:
            continue
        if distance_to_tile(x - hits.x[i], y - hits.y[i], sizes.half_x[tile], sizes.half_y[tile]) <= radius:
            count += 1
    return count


@kernel
def _at(line: Line, planes: Planes, z: float) -> tuple[float, float]:
    """Point (mm) where a track crosses a plane at z (mm)."""
    x = through_magnet(line.x, line.dxdz, line.dxdz_after, planes.z_reference, planes.z_magnet, z)
    y = through_magnet(line.y, line.dydz, line.dydz_after, planes.z_reference, planes.z_magnet, z)
    return x, y


@kernel
def _fill_acceptance(i: int, line: Line, planes: Planes, out: TrackValues) -> None:
    x, y = _at(line, planes, planes.chod_z)
    out.in_chod[i] = in_annulus(x, y, planes.chod_r_min, planes.chod_r_max)
    x, y = _at(line, planes, planes.lkr_z)
    out.in_lkr[i] = in_octagon(x, y, planes.lkr_r_min, planes.lkr_apothem)
    x, y = _at(line, planes, planes.muv3_z)
    out.in_muv3[i] = in_square(x, y, planes.muv3_r_min, planes.muv3_half_side)
    x, y = _at(line, planes, planes.lav12_z)
    out.in_lav12[i] = math.hypot(x, y) < planes.lav12_r
    inside = True
    for number in range(planes.chambers.shape[0]):
        z, r_max, hole_x, half_width = planes.chambers[number]
        x, y = _at(line, planes, z)
        inside = inside and in_chamber(x, y, r_max, hole_x, half_width)
    out.in_straw[i] = inside


@kernel
def _fill_matches(
    event: int,
    i: int,
    time: float,
    p: float,
    line: Line,
    hits: Hits,
    planes: Planes,
    windows: Windows,
    out: TrackValues,
) -> None:
    """Fill what the detectors have in time (ns) near a track of momentum p (MeV/c)."""
    x, y = _at(line, planes, planes.lkr_z)
    out.lkr_energy[i] = _nearest_energy(x, y, time, event, hits.lkr, windows.lkr_radius, windows.lkr_window)
    out.e_over_p[i] = out.lkr_energy[i] / p
    x, y = _at(line, planes, planes.chod_z)
    out.n_chod[i] = _tiles_near(x, y, time, event, hits.chod, hits.chod_tiles, windows.chod_radius, windows.chod_window)
    x, y = _at(line, planes, planes.muv3_z)
    radius = windows.muv3_radius / max(p, windows.muv3_momentum_min)
    out.n_muv3[i] = _tiles_near(x, y, time, event, hits.muv3, hits.muv3_tiles, radius, windows.muv3_window)


@kernel
def _fill_tracks(
    least: int,
    tracks: TrackColumns,
    trigger_time: NDArray[np.float32],
    hits: Hits,
    planes: Planes,
    windows: Windows,
    out: TrackValues,
) -> None:
    """Fill values of the tracks of events that have at least `least`; trigger_time float32[event], ns."""
    for event in range(len(trigger_time)):
        first, last = tracks.offsets[event], tracks.offsets[event + 1]
        if last - first < least:
            continue
        for i in range(first, last):
            line = Line(
                np.float64(tracks.x[i]),
                np.float64(tracks.y[i]),
                np.float64(tracks.dxdz[i]),
                np.float64(tracks.dydz[i]),
                np.float64(tracks.dxdz_after[i]),
                np.float64(tracks.dydz_after[i]),
            )
            out.dt_trigger[i] = tracks.time[i] - trigger_time[event]
            _fill_acceptance(i, line, planes, out)
            _fill_matches(event, i, tracks.time[i], tracks.p[i], line, hits, planes, windows, out)


def track_values(events: Events, geometry: Geometry, *, matching: Matching, least: int = 1) -> dict[str, NDArray[Any]]:
    """Values of every track, none of them a verdict.

    Parameters
    ----------
    events : Events
        Tracks, clusters and hits, in mm, ns, MeV, MeV/c.
    geometry : Geometry
        Planes and apertures, mm.
    matching : Matching
        Radii (mm) and half windows (ns).
    least : int
        Tracks of events with fewer tracks than this are left at zero: no row can need them.

    Returns
    -------
    dict of str to array[track]
        The fields of `TrackValues`: ns, MeV and numbers without unit.
    """
    n = len(events["Track_p"])
    out = TrackValues(*(np.zeros(n, dtype=dtype) for dtype in _TYPES))
    hits = Hits(
        inputs.clusters(events),
        inputs.tile_hits(events, "MUV3"),
        inputs.tile_sizes(geometry.muv3.tiles),
        inputs.tile_hits(events, "CHOD"),
        inputs.tile_sizes(geometry.chod.tiles),
    )
    _fill_tracks(
        least,
        inputs.track_columns(events),
        events["trigger_time"],
        hits,
        inputs.planes(geometry),
        inputs.windows(matching),
        out,
    )
    return out._asdict()
