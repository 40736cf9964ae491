"""Trigger lines, emulated from the hits of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.events.columns import CONTROL, H2, Q1
from na62dump.kernels import kernel
from na62dump.simulation import draws

if TYPE_CHECKING:
    from na62dump.simulation.apparatus import TriggerData
    from na62dump.simulation.buffers import ClusterRows, TileRows


@kernel
def coincidence_time(centre: float, it: TriggerData, chod: TileRows, begin: int, end: int) -> float:
    """Mean time (ns) of the two CHOD hits that make H2, of rows begin to end; infinite if there are none.

    Two hits in different tiles, close to each other; of several pairs the one nearest to the window's centre (ns),
    because the window is laid around the trigger.
    """
    best = np.inf
    for i in range(begin, end):
        for j in range(begin, i):
            apart = abs(chod.time[i] - chod.time[j])
            mean = (chod.time[i] + chod.time[j]) / 2.0
            if chod.tile[i] != chod.tile[j] and apart < it.coincidence and abs(mean - centre) < abs(best - centre):
                best = mean
    return best if abs(best - centre) < it.window else np.inf


@kernel
def nearest_hit(centre: float, it: TriggerData, chod: TileRows, begin: int, end: int) -> float:
    """Time (ns) of the CHOD hit nearest to the window's centre (ns); infinite if none is in the trigger's window."""
    best = np.inf
    for i in range(begin, end):
        if abs(chod.time[i] - centre) < abs(best - centre):
            best = chod.time[i]
    return best if abs(best - centre) < it.window else np.inf


@kernel
def nearest_cluster(centre: float, it: TriggerData, lkr: ClusterRows, begin: int, end: int) -> float:
    """Time (ns) of the LKr cluster above Control's energy nearest to a time (ns); infinite if none is in the window."""
    best = np.inf
    for i in range(begin, end):
        if lkr.energy[i] > it.control_energy and abs(lkr.time[i] - centre) < abs(best - centre):
            best = lkr.time[i]
    return best if abs(best - centre) < it.window else np.inf


@kernel
def emulate(
    centre: float,
    it: TriggerData,
    key: np.uint64,
    chod: TileRows,
    chod_begin: int,
    chod_end: int,
    lkr: ClusterRows,
    lkr_begin: int,
    lkr_end: int,
) -> tuple[int, float]:
    """Trigger word of an event and the trigger's time (ns), from its CHOD and LKr rows; centre of its window in ns.

    The time is that of the H2 coincidence, else of the CHOD hit, else of the LKr cluster. Q1 is downscaled by a
    hash of the event's key.
    """
    word = 0
    time = coincidence_time(centre, it, chod, chod_begin, chod_end)
    if np.isfinite(time):
        word |= H2
    else:
        time = nearest_hit(centre, it, chod, chod_begin, chod_end)
    if np.isfinite(time):
        kept = draws.absorb(key, draws.DOWNSCALING) % np.uint64(it.q1_downscaling) == np.uint64(0)
        word |= Q1 if kept else 0
    reference = time if np.isfinite(time) else centre
    cluster = nearest_cluster(reference, it, lkr, lkr_begin, lkr_end)
    if np.isfinite(cluster):
        word |= CONTROL
        if not np.isfinite(time):
            time = cluster
    return word, time if np.isfinite(time) else centre
