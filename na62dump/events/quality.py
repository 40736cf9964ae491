"""Which events belong to good bursts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events.table import Events


def in_bursts(events: Events, bursts: frozenset[tuple[int, int]]) -> NDArray[np.bool_]:
    """Whether each event belongs to one of some bursts.

    Parameters
    ----------
    events : Events
        With the columns ``run`` and ``burst``.
    bursts : frozenset of (int, int)
        Run and burst numbers.

    Returns
    -------
    bool[event]
        True for events of those bursts.
    """
    run, burst = events["run"], events["burst"]
    changes = np.flatnonzero((run[1:] != run[:-1]) | (burst[1:] != burst[:-1])) + 1
    starts = np.concatenate([np.zeros(min(len(events), 1), dtype=np.int64), changes])
    inside = np.array([(int(run[i]), int(burst[i])) in bursts for i in starts], dtype=np.bool_)
    return np.repeat(inside, np.diff(starts, append=len(events)))
