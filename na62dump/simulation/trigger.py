"""Trigger lines, emulated from the hits of an event.

Everywhere below, chod and lkr, records[hit], are the event's CHOD hits and LKr clusters, in ns and MeV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.events import CONTROL, H2, Q1
from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation import draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import TriggerData


@kernel
def coincidence_time(centre: float, it: TriggerData, chod: NDArray[np.void]) -> float:
    """Mean time (ns) of the two CHOD hits that make H2, of the rows of an event; infinite if there are none.

    Two hits in different tiles, close to each other; of several pairs the one nearest to the window's centre (ns),
    because the window is laid around the trigger.
    """
    best = np.inf
    for i in range(len(chod)):
        for j in range(i):
            apart = abs(chod[i].time - chod[j].time)
            mean = (chod[i].time + chod[j].time) / 2.0
            if chod[i].tile != chod[j].tile and apart < it.coincidence and abs(mean - centre) < abs(best - centre):
                best = mean
    return best if abs(best - centre) < it.window else np.inf


@kernel
def nearest_hit(centre: float, it: TriggerData, chod: NDArray[np.void]) -> float:
    """Time (ns) of the CHOD hit nearest to the window's centre (ns); infinite if none is in the trigger's window."""
    best = np.inf
    for i in range(len(chod)):
        if abs(chod[i].time - centre) < abs(best - centre):
            best = chod[i].time
    return best if abs(best - centre) < it.window else np.inf


@kernel
def nearest_cluster(centre: float, it: TriggerData, lkr: NDArray[np.void]) -> float:
    """Time (ns) of the LKr cluster above Control's energy nearest to a time (ns); infinite if none is in the window."""
    best = np.inf
    for i in range(len(lkr)):
        if lkr[i].energy > it.control_energy and abs(lkr[i].time - centre) < abs(best - centre):
            best = lkr[i].time
    return best if abs(best - centre) < it.window else np.inf


@kernel
def emulate(
    centre: float,
    it: TriggerData,
    key: np.uint64,
    chod: NDArray[np.void],
    lkr: NDArray[np.void],
) -> tuple[int, float]:
    """Trigger word of an event and the trigger's time (ns), from its CHOD and LKr rows; centre of its window in ns.

    The time is that of the H2 coincidence, else of the CHOD hit, else of the LKr cluster. Q1 is downscaled by a
    hash of the event's key.
    """
    word = 0
    time = coincidence_time(centre, it, chod)
    if np.isfinite(time):
        word |= H2
    else:
        time = nearest_hit(centre, it, chod)
    if np.isfinite(time):
        kept = absorb(key, draws.DOWNSCALING) % np.uint64(it.q1_downscaling) == np.uint64(0)
        word |= Q1 if kept else 0
    reference = time if np.isfinite(time) else centre
    cluster = nearest_cluster(reference, it, lkr)
    if np.isfinite(cluster):
        word |= CONTROL
        if not np.isfinite(time):
            time = cluster
    return word, time if np.isfinite(time) else centre
