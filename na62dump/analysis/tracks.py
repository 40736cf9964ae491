"""Single tracks of some events that a search keeps."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from na62dump.events import KEY, TRIGGERS, gather
from na62dump.events.quality import durations
from na62dump.hashing import uniform
from na62dump.reconstruction import singles
from na62dump.results import SingleTracks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.analysis.assembly import Analysis
    from na62dump.events import Events

_STREAM = 1
"""Seed of the hash that chooses which are kept."""


def single_tracks(
    search: Analysis, events: Events, *, among: NDArray[np.bool_], bursts: Mapping[tuple[int, int], float]
) -> SingleTracks | None:
    """Single tracks of some events that a search keeps.

    Parameters
    ----------
    search : Analysis
        Which tracks, and what is asked of each.
    events : Events
        What the detector recorded, in mm, ns, MeV, MeV/c.
    among : bool[event]
        Events of which tracks may be taken: those that may be seen, of good bursts.
    bursts : mapping of (int, int) to float, ns
        Durations of these bursts by run and burst number.

    Returns
    -------
    SingleTracks or None
        None if the search keeps none.
    """
    kept, ask = search.file.keep.singles, search.selection.single
    if kept is None or ask is None:
        return None
    barred = reduce(or_, (TRIGGERS[line] for line in kept.veto), 0)
    triggered = ((events["trigger"] & TRIGGERS[kept.trigger]) > 0) & ((events["trigger"] & barred) == 0)
    if kept.share < 1:
        names = np.stack([events[name].astype(np.int64) for name in KEY], axis=1)
        triggered &= uniform(_STREAM, names) < kept.share
    few = gather(events, np.flatnonzero(triggered & among))
    every = singles(few, search.geometry, matching=search.matching, final_state=search.file.final_state)
    chosen = every.where(np.logical_and.reduce(list(ask(every.values, search.cuts).values())))
    found = chosen.cut_out(kept.window)
    return SingleTracks(found, durations(found, bursts))
