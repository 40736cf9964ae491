"""Which events belong to good bursts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.events.table import Events

T = TypeVar("T", bool, float)


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
    return _of_its_burst(events, dict.fromkeys(bursts, True), other=False)


def durations(events: Events, bursts: Mapping[tuple[int, int], float]) -> NDArray[np.float64]:
    """Duration of the burst that each event belongs to.

    Parameters
    ----------
    events : Events
        With the columns ``run`` and ``burst``.
    bursts : mapping of (int, int) to float, ns
        Durations by run and burst number.

    Returns
    -------
    float64[event], ns
        NaN for events of other bursts.
    """
    return _of_its_burst(events, bursts, other=np.nan)


def _of_its_burst(events: Events, bursts: Mapping[tuple[int, int], T], *, other: T) -> NDArray[Any]:
    """A value of each event's burst: array[event], in the unit of the values."""
    run, burst = events["run"], events["burst"]
    changes = np.flatnonzero((run[1:] != run[:-1]) | (burst[1:] != burst[:-1])) + 1
    starts = np.concatenate([np.zeros(min(len(events), 1), dtype=np.int64), changes])
    values = np.array([bursts.get((int(run[i]), int(burst[i])), other) for i in starts], dtype=type(other))
    return np.repeat(values, np.diff(starts, append=len(events)))
