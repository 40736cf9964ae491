"""What a run keeps for backgrounds, beside what is selected: the table ``[keep]`` of an analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field, field_validator

from na62dump.configuration import Many, Settings, Time
from na62dump.errors import nearest
from na62dump.events import TRIGGERS
from na62dump.events.quality import durations
from na62dump.reconstruction import singles
from na62dump.results import SingleTracks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.analysis.assembly import Analysis
    from na62dump.events import Events


class KeepSingles(Settings):
    """Single tracks of a trigger line, which pairs of the combinatorial background are made of.

    Attributes
    ----------
    trigger, veto : tuple of str
        Lines of which an event must have one, and none.
    window : float, ns
        Hits of the event within this time of the track are kept with it.
    """

    trigger: Many[str]
    veto: Many[str]
    window: Annotated[Time, Field(gt=0)]

    @field_validator("trigger", "veto")
    @classmethod
    def _lines(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in TRIGGERS:
                msg = f"'{name}' is no trigger line; {nearest(name, TRIGGERS)}"
                raise ValueError(msg)
        return names

    @property
    def bits(self) -> tuple[int, int]:
        """Trigger bits asked for, and those that must not be there."""
        asked, barred = (sum(TRIGGERS[name] for name in set(names)) for names in (self.trigger, self.veto))
        return asked, barred


class Keep(Settings):
    """What is kept.

    Attributes
    ----------
    loosened : tuple of str
        Requirements: rows that fail some of these and no other are kept too.
    singles : KeepSingles, optional
        Which single tracks.
    """

    loosened: Many[str] = ()
    singles: KeepSingles | None = None


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
    asked, barred = kept.bits
    triggered = ((events["trigger"] & asked) > 0) & ((events["trigger"] & barred) == 0)
    every = singles(events, search.geometry, matching=search.matching, final_state=search.file.final_state)
    possible = every.where((triggered & among)[every.index])
    chosen = possible.where(np.logical_and.reduce(list(ask(possible.values, search.cuts).values())))
    found = chosen.cut_out(kept.window)
    return SingleTracks(found, durations(found, bursts))
