"""What the kernels are given: columns of the events and numbers of the experiment, as flat named tuples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from na62dump.events import COLUMNS

if TYPE_CHECKING:
    from na62dump.events import Events
    from na62dump.geometry import Geometry, Tiles
    from na62dump.reconstruction.matching import Matching

Floats = NDArray[np.float32]
Offsets = NDArray[np.int64]


class TrackColumns(NamedTuple):
    """Columns of the tracks as the ntuple has them.

    Attributes
    ----------
    offsets : int64[event + 1]
        Where the tracks of each event begin.
    charge : int8[track], e
        Charge.
    p : float32[track], MeV/c
        Momentum.
    x, y : float32[track], mm
        Position at the reference plane.
    dxdz, dydz, dxdz_after, dydz_after : float32[track], rad
        Slopes before and after the magnet.
    time : float32[track], ns
        Time.
    """

    offsets: Offsets
    charge: NDArray[np.int8]
    p: Floats
    x: Floats
    y: Floats
    dxdz: Floats
    dydz: Floats
    dxdz_after: Floats
    dydz_after: Floats
    time: Floats


class Clusters(NamedTuple):
    """Columns of the LKr clusters.

    Attributes
    ----------
    offsets : int64[event + 1]
        Where the clusters of each event begin.
    x, y : float32[cluster], mm
        Position.
    energy : float32[cluster], MeV
        Energy.
    time : float32[cluster], ns
        Time.
    """

    offsets: Offsets
    x: Floats
    y: Floats
    energy: Floats
    time: Floats


class TileHits(NamedTuple):
    """Columns of the hits of MUV3 or CHOD.

    Attributes
    ----------
    offsets : int64[event + 1]
        Where the hits of each event begin.
    x, y : float32[hit], mm
        Centre of the tile.
    time : float32[hit], ns
        Time.
    """

    offsets: Offsets
    x: Floats
    y: Floats
    time: Floats


class TileSizes(NamedTuple):
    """Sizes of a plane's tiles, found by place.

    Attributes
    ----------
    raster : int16[row, column]
        Tile that covers each cell.
    pitch_x, pitch_y : float, mm
        Size of a cell.
    half_x, half_y : float64[tile], mm
        Half sides.
    """

    raster: NDArray[np.int16]
    pitch_x: float
    pitch_y: float
    half_x: NDArray[np.float64]
    half_y: NDArray[np.float64]


class Planes(NamedTuple):
    """Positions and apertures that a track is tested against, mm; chambers: float64[chamber, 4] (z, r_max, hole, half)."""

    z_reference: float
    z_magnet: float
    chambers: NDArray[np.float64]
    chod_z: float
    chod_r_min: float
    chod_r_max: float
    lkr_z: float
    lkr_r_min: float
    lkr_apothem: float
    muv3_z: float
    muv3_r_min: float
    muv3_half_side: float
    lav12_z: float
    lav12_r: float


class Windows(NamedTuple):
    """Numbers of `Matching`, mm, ns, mm MeV/c and MeV/c."""

    lkr_radius: float
    lkr_window: float
    muv3_radius: float
    muv3_momentum_min: float
    muv3_window: float
    chod_radius: float
    chod_window: float


def completed(events: Events) -> Events:
    """Events with a stand-in for every column that was not read.

    Parameters
    ----------
    events : Events
        With the columns that an analysis needs.

    Returns
    -------
    Events
        Collections that were not read are empty, single columns zero. What is made of a stand-in is dropped after the
        kernels have run: they have one signature whatever was read.
    """
    offsets = dict(events.offsets)
    columns = dict(events.columns)
    for name in (name for name in COLUMNS if name not in events):
        group = COLUMNS[name].collection
        if group and group not in offsets:
            offsets[group] = np.zeros(len(events) + 1, dtype=np.int64)
        length = int(offsets[group][-1]) if group else len(events)
        columns[name] = np.zeros(length, dtype=COLUMNS[name].dtype)
    return replace(events, columns=columns, offsets=offsets)


def track_columns(events: Events) -> TrackColumns:
    """Columns of the tracks, as read: mm, rad, MeV/c, ns."""
    return TrackColumns(events.offsets["Track"], *(events[f"Track_{name}"] for name in TrackColumns._fields[1:]))


def clusters(events: Events) -> Clusters:
    """Columns of the LKr clusters, as read: mm, MeV, ns."""
    return Clusters(events.offsets["LKr"], *(events[f"LKr_{name}"] for name in Clusters._fields[1:]))


def tile_hits(events: Events, detector: str) -> TileHits:
    """Columns of the hits of ``"MUV3"`` or ``"CHOD"``, as read: mm, ns."""
    return TileHits(events.offsets[detector], *(events[f"{detector}_{name}"] for name in TileHits._fields[1:]))


def tile_sizes(tiles: Tiles) -> TileSizes:
    """Half sides (mm) of a plane's tiles, to be looked up by place: a foreign ntuple may number its tiles otherwise."""
    return TileSizes(tiles.raster, tiles.pitch_x, tiles.pitch_y, tiles.half_x, tiles.half_y)


def planes(geometry: Geometry) -> Planes:
    """Positions and apertures of a geometry, mm."""
    last_lav = geometry.lav[-1]
    return Planes(
        z_reference=geometry.reference.z,
        z_magnet=geometry.magnet.z,
        chambers=np.array([[c.z, c.r_max, c.hole_x, c.hole_half_width] for c in geometry.straw], dtype=np.float64),
        chod_z=geometry.chod.z,
        chod_r_min=geometry.chod.r_min,
        chod_r_max=geometry.chod.r_max,
        lkr_z=geometry.lkr.z,
        lkr_r_min=geometry.lkr.r_min,
        lkr_apothem=geometry.lkr.apothem,
        muv3_z=geometry.muv3.z,
        muv3_r_min=geometry.muv3.r_min,
        muv3_half_side=geometry.muv3.half_side,
        lav12_z=last_lav.front,
        lav12_r=last_lav.r_inner,
    )


def windows(matching: Matching) -> Windows:
    """Numbers of the matching, mm, ns, mm MeV/c and MeV/c."""
    return Windows(
        lkr_radius=matching.lkr_radius,
        lkr_window=matching.lkr_window,
        muv3_radius=matching.muv3_sigmas * matching.muv3_scattering,
        muv3_momentum_min=matching.muv3_momentum_min,
        muv3_window=matching.muv3_window,
        chod_radius=matching.chod_radius,
        chod_window=matching.chod_window,
    )
