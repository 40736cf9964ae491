"""Counting what requirements leave, for rows and for events, in one pass over the masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNT, SUM, SUM2 = 0, 1, 2
"""Last index of a tally: number, sum of weights, sum of squared weights."""


@kernel
def _add(out: NDArray[np.float64], step: int, weight: float, weight2: float) -> None:
    out[step, COUNT] += 1.0
    out[step, SUM] += weight
    out[step, SUM2] += weight2


@kernel
def _close_event(
    reached: int, meets: NDArray[np.bool_], spared: NDArray[np.bool_], weight: float, weight2: float,
    cumulative: NDArray[np.float64], alone: NDArray[np.float64], all_but: NDArray[np.float64],
) -> None:  # fmt: skip
    for step in range(reached + 1):
        _add(cumulative, step, weight, weight2)
    for cut in range(len(meets)):
        if meets[cut]:
            _add(alone, cut, weight, weight2)
        if spared[cut]:
            _add(all_but, cut, weight, weight2)


@kernel
def count(
    masks: NDArray[np.bool_], event: NDArray[np.int64], weight: NDArray[np.float64], weight2: NDArray[np.float64],
    cumulative: NDArray[np.float64], alone: NDArray[np.float64], all_but: NDArray[np.float64],
) -> None:  # fmt: skip
    """Tally rows and events.

    Parameters
    ----------
    masks : bool[requirement, row]
        What each row meets.
    event : int64[row]
        Event of each row; rows of an event stand together.
    weight, weight2 : float64[row]
        Weight and squared weight, without unit, on the grid of exact sums.
    cumulative : float64[2, requirement + 1, 3]
        Filled, for rows and for events, with what is left before the first requirement and after each.
    alone, all_but : float64[2, requirement, 3]
        Filled with what meets each requirement, and what meets all the others.
    """
    n_cuts, n_rows = masks.shape
    meets = np.zeros((2, n_cuts), dtype=np.bool_)
    spared = np.zeros((2, n_cuts), dtype=np.bool_)
    furthest = 0
    for row in range(n_rows):
        reached, failed = n_cuts, 0
        for cut in range(n_cuts):
            meets[0, cut] = masks[cut, row]
            if not masks[cut, row]:
                failed += 1
                reached = min(reached, cut)
        for cut in range(n_cuts):
            spared[0, cut] = failed == 0 or (failed == 1 and not meets[0, cut])
        _close_event(reached, meets[0], spared[0], weight[row], weight2[row], cumulative[0], alone[0], all_but[0])
        furthest = max(furthest, reached)
        meets[1] |= meets[0]
        spared[1] |= spared[0]
        if row == n_rows - 1 or event[row + 1] != event[row]:
            _close_event(furthest, meets[1], spared[1], weight[row], weight2[row], cumulative[1], alone[1], all_but[1])
            furthest = 0
            meets[1] = False
            spared[1] = False
