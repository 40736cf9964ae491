"""Values of single tracks: acceptance at each plane, and what each detector has in time at the extrapolated point."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

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


@kernel
def _chambers_crossed(x: float, y: float, dx: float, dy: float, dx2: float, dy2: float, planes: Planes) -> bool:
    for number in range(planes.chambers.shape[0]):
        z, r_max, hole_x, half_width = planes.chambers[number]
        at_x = through_magnet(x, dx, dx2, planes.z_reference, planes.z_magnet, z)
        at_y = through_magnet(y, dy, dy2, planes.z_reference, planes.z_magnet, z)
        if not in_chamber(at_x, at_y, r_max, hole_x, half_width):
            return False
    return True


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
def _fill_tracks(
    least: int,
    tracks: TrackColumns,
    trigger_time: NDArray[np.float32],
    clusters: Clusters,
    muv3: TileHits,
    muv3_sizes: TileSizes,
    chod: TileHits,
    chod_sizes: TileSizes,
    planes: Planes,
    windows: Windows,
    out: tuple[NDArray[Any], ...],
) -> None:
    """Fill the columns of `TRACK_VALUES` for the tracks of events that have at least `least`; mm, ns, MeV, MeV/c."""
    dt_trigger, e_over_p, lkr_energy, n_muv3, n_chod, in_straw, in_chod, in_lkr, in_muv3, in_lav12 = out
    z0, zm = planes.z_reference, planes.z_magnet
    for event in range(len(trigger_time)):
        first, last = tracks.offsets[event], tracks.offsets[event + 1]
        if last - first < least:
            continue
        for i in range(first, last):
            p, time = tracks.p[i], tracks.time[i]
            x, dx, dx2 = float(tracks.x[i]), float(tracks.dxdz[i]), float(tracks.dxdz_after[i])
            y, dy, dy2 = float(tracks.y[i]), float(tracks.dydz[i]), float(tracks.dydz_after[i])
            dt_trigger[i] = time - trigger_time[event]
            in_straw[i] = _chambers_crossed(x, y, dx, dy, dx2, dy2, planes)
            at_x = through_magnet(x, dx, dx2, z0, zm, planes.chod_z)
            at_y = through_magnet(y, dy, dy2, z0, zm, planes.chod_z)
            in_chod[i] = in_annulus(at_x, at_y, planes.chod_r_min, planes.chod_r_max)
            n_chod[i] = _tiles_near(at_x, at_y, time, event, chod, chod_sizes, windows.chod_radius, windows.chod_window)
            at_x = through_magnet(x, dx, dx2, z0, zm, planes.lkr_z)
            at_y = through_magnet(y, dy, dy2, z0, zm, planes.lkr_z)
            in_lkr[i] = in_octagon(at_x, at_y, planes.lkr_r_min, planes.lkr_apothem)
            lkr_energy[i] = _nearest_energy(at_x, at_y, time, event, clusters, windows.lkr_radius, windows.lkr_window)
            e_over_p[i] = lkr_energy[i] / p
            at_x = through_magnet(x, dx, dx2, z0, zm, planes.muv3_z)
            at_y = through_magnet(y, dy, dy2, z0, zm, planes.muv3_z)
            in_muv3[i] = in_square(at_x, at_y, planes.muv3_r_min, planes.muv3_half_side)
            radius = windows.muv3_radius / max(p, windows.muv3_momentum_min)
            n_muv3[i] = _tiles_near(at_x, at_y, time, event, muv3, muv3_sizes, radius, windows.muv3_window)
            at_x = through_magnet(x, dx, dx2, z0, zm, planes.lav12_z)
            at_y = through_magnet(y, dy, dy2, z0, zm, planes.lav12_z)
            in_lav12[i] = math.hypot(at_x, at_y) < planes.lav12_r


TRACK_VALUES = {
    "dt_trigger": np.float32,
    "e_over_p": np.float32,
    "lkr_energy": np.float32,
    "n_muv3": np.uint8,
    "n_chod": np.uint8,
    "in_straw": np.bool_,
    "in_chod": np.bool_,
    "in_lkr": np.bool_,
    "in_muv3": np.bool_,
    "in_lav12": np.bool_,
}
"""Type of each value that `track_values` computes."""


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
        ``dt_trigger`` (ns), ``e_over_p`` (1), ``lkr_energy`` (MeV), ``n_muv3`` and ``n_chod`` (associated tiles),
        and whether the track is inside STRAW, CHOD, LKr, MUV3 and the hole of LAV12.
    """
    n = len(events["Track_p"])
    out: dict[str, NDArray[Any]] = {name: np.zeros(n, dtype=dtype) for name, dtype in TRACK_VALUES.items()}
    _fill_tracks(
        least,
        inputs.track_columns(events),
        events["trigger_time"],
        inputs.clusters(events),
        inputs.tile_hits(events, "MUV3"),
        inputs.tile_sizes(geometry.muv3),
        inputs.tile_hits(events, "CHOD"),
        inputs.tile_sizes(geometry.chod),
        inputs.planes(geometry),
        inputs.windows(matching),
        tuple(out.values()),
    )
    return out
