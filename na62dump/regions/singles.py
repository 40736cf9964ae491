"""Pairs of single tracks of two different events: no event holds them, so no region of data does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import BlindingError
from na62dump.regions.door import let_through

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.reconstruction import Candidates
    from na62dump.regions.door import Visible

EVENT_KEY = ("sample", "run", "burst", "event")
"""What tells an event from every other."""


def mixed(candidates: Candidates, first_keys: NDArray[np.int64], *, second_keys: NDArray[np.int64]) -> Visible:
    """Let through pairs of tracks of two different events, whole.

    The tracks themselves have to be of events that `hidden_events` has left.

    Parameters
    ----------
    candidates : Candidates
        The pairs.
    first_keys, second_keys : int64[row, 4]
        Event that each of the two tracks is of, as `EVENT_KEY` says.

    Returns
    -------
    Visible
        All rows, in their order.

    Raises
    ------
    BlindingError
        If the keys are not one for each track of each row, or both tracks of a row are of one event.
    """
    rows = candidates.rows
    expected = (len(rows), len(EVENT_KEY))
    for which, keys in (("first", first_keys), ("second", second_keys)):
        if keys.shape != expected or keys.dtype != np.int64:
            msg = (
                f"keys of the {which} tracks are {keys.dtype}{keys.shape}: mixed pairs are let through by int64{expected}, "
                f"({', '.join(EVENT_KEY)}) of each row"
            )
            raise BlindingError(msg)
    alike = (first_keys == second_keys).all(axis=1)
    if alike.any():
        key = ", ".join(f"{name} {n}" for name, n in zip(EVENT_KEY, first_keys[alike][0].tolist(), strict=True))
        msg = (
            f"{int(alike.sum())} of {len(rows)} mixed pairs have both tracks of one event, such as {key}: they are data, which "
            "pass through na62dump.regions.blind; mix tracks of different events only"
        )
        raise BlindingError(msg)
    return let_through(rows)
