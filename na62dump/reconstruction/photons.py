"""Photons: LKr clusters that no track explains, and every way to give them to the neutral particles of a final state."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.kernels import kernel
from na62dump.reconstruction import inputs
from na62dump.reconstruction.final_state import PHOTONS_OF
from na62dump.reconstruction.lines import through_magnet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.inputs import Clusters, TrackColumns
    from na62dump.reconstruction.matching import Matching


class Limits(NamedTuple):
    """What photons must meet: half window (ns), least energy (MeV), distance from tracks (mm) in their window (ns), number."""

    window: float
    energy_min: float
    track_distance: float
    track_window: float
    most: int


class Combinations(NamedTuple):
    """Ways to choose photons.

    Attributes
    ----------
    row : int64[combination]
        Row (a track pair, or an event) that each belongs to.
    photons : int64[photon, combination]
        Clusters chosen.
    available : int64[row]
        Photons that each row could choose from; rows with more than `Matching.photons_max` have no combination.
    """

    row: NDArray[np.int64]
    photons: NDArray[np.int64]
    available: NDArray[np.int64]


def order(neutrals: Sequence[str]) -> NDArray[np.int64]:
    """What keeps a choice of photons from being counted twice.

    Parameters
    ----------
    neutrals : sequence of str
        Keys of `PHOTONS_OF`.

    Returns
    -------
    int64[photon], without unit
        Number of the earlier photon whose cluster must come before, -1 for none: the two photons of one particle stand
        in order, and so do the first photons of equal particles.
    """
    before: list[int] = []
    first: dict[str, int] = {}
    for name in neutrals:
        start = len(before)
        before += [first.get(name, -1), *range(start, start + PHOTONS_OF[name] - 1)]
        first[name] = start
    return np.array(before, dtype=np.int64)


@kernel
def _allowed(chosen: NDArray[np.int64], depth: int, before: NDArray[np.int64]) -> bool:
    for other in range(depth):
        if chosen[other] == chosen[depth]:
            return False
    return bool(before[depth] < 0 or chosen[before[depth]] < chosen[depth])


@kernel
def _choose(
    available: NDArray[np.int64],
    n: int,
    before: NDArray[np.int64],
    chosen: NDArray[np.int64],
    row: int,
    first: int,
    rows: NDArray[np.int64],
    photons: NDArray[np.int64],
) -> int:
    """Number of ways to choose from the first n of some clusters; written from place `first` on where there is room."""
    made, depth = 0, 0
    chosen[0] = -1
    while depth >= 0:
        chosen[depth] += 1
        if chosen[depth] >= n:
            depth -= 1
        elif _allowed(chosen, depth, before):
            if depth < len(before) - 1:
                depth += 1
                chosen[depth] = -1
                continue
            if first + made < len(rows):
                rows[first + made] = row
                for photon in range(len(before)):
                    photons[photon, first + made] = available[chosen[photon]]
            made += 1
    return made


@kernel
def _combine(
    event: NDArray[np.int64],
    time: NDArray[np.float64],
    clusters: Clusters,
    free: NDArray[np.bool_],
    limits: Limits,
    before: NDArray[np.int64],
    counts: NDArray[np.int64],
    rows: NDArray[np.int64],
    photons: NDArray[np.int64],
) -> int:
    """Number of ways for rows of given events and times (ns), written where there is room; photons at hand to counts."""
    available = np.empty(len(free), dtype=np.int64)
    chosen = np.empty(len(before), dtype=np.int64)
    made = 0
    for row in range(len(event)):
        n = 0
        for i in range(clusters.offsets[event[row]], clusters.offsets[event[row] + 1]):
            if free[i] and abs(clusters.time[i] - time[row]) <= limits.window:
                available[n] = i
                n += 1
        counts[row] = n
        if len(before) <= n <= limits.most:
            made += _choose(available, n, before, chosen, row, made, rows, photons)
    return made


@kernel
def _free(
    tracks: TrackColumns, clusters: Clusters, limits: Limits, z_reference: float, z_magnet: float, z_lkr: float,
    free: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Mark clusters of enough energy that are far (mm) from every in-time track of their event; z in mm."""
    for event in range(len(clusters.offsets) - 1):
        for i in range(clusters.offsets[event], clusters.offsets[event + 1]):
            free[i] = clusters.energy[i] >= limits.energy_min
            for k in range(tracks.offsets[event], tracks.offsets[event + 1]):
                if abs(clusters.time[i] - tracks.time[k]) > limits.track_window:
                    continue
                dx = clusters.x[i] - through_magnet(
                    tracks.x[k], tracks.dxdz[k], tracks.dxdz_after[k], z_reference, z_magnet, z_lkr
                )
                dy = clusters.y[i] - through_magnet(
                    tracks.y[k], tracks.dydz[k], tracks.dydz_after[k], z_reference, z_magnet, z_lkr
                )
                if dx * dx + dy * dy <= limits.track_distance * limits.track_distance:
                    free[i] = False


def combinations(
    events: Events,
    geometry: Geometry,
    *,
    matching: Matching,
    event: NDArray[np.int64],
    time: NDArray[np.float64],
    neutrals: Sequence[str],
) -> Combinations:
    """Every way to give photons to rows that are not crowded; no photon is used twice in a row.

    Parameters
    ----------
    events : Events
        Tracks and clusters, in mm, ns, MeV, MeV/c.
    geometry : Geometry
        Planes, mm.
    matching : Matching
        What makes a cluster a photon.
    event : int64[row]
        Event of each row.
    time : float64[row], ns
        Time that its photons must have.
    neutrals : sequence of str
        Particles that are made of photons.

    Returns
    -------
    Combinations
        In order of rows.
    """
    clusters = inputs.clusters(events)
    limits = Limits(
        matching.photon_window,
        matching.photon_energy_min,
        matching.photon_track_distance,
        matching.lkr_window,
        matching.photons_max,
    )
    free = np.empty(len(clusters.time), dtype=np.bool_)
    z = geometry.reference.z, geometry.magnet.z, geometry.lkr.z
    _free(inputs.track_columns(events), clusters, limits, *z, free)
    before, available = order(neutrals), np.empty(len(event), dtype=np.int64)
    nowhere = np.empty(0, dtype=np.int64)
    n = _combine(event, time, clusters, free, limits, before, available, nowhere, np.empty((len(before), 0), np.int64))
    rows, photons = np.empty(n, dtype=np.int64), np.empty((len(before), n), dtype=np.int64)
    _combine(event, time, clusters, free, limits, before, available, rows, photons)
    return Combinations(rows, photons, available)
