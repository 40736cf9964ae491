"""Single tracks: each with the hits of its event near it in time, and nothing else of the event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.events import COLUMNS, elements, gather
from na62dump.reconstruction.candidates import per_track
from na62dump.reconstruction.rows import Leg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.final_state import FinalState
    from na62dump.reconstruction.matching import Matching

HITS = ("LKr", "MUV3", "CHOD", "LAV", "ANTI0")
"""Collections that are kept near a track in time."""


@dataclass(frozen=True)
class Singles:
    """Single tracks of some events.

    Attributes
    ----------
    events : Events
        What the detector recorded, in mm, ns, MeV, MeV/c.
    track, index : int64[single]
        Each track, and the event that it is of.
    values : Leg
        What each knows, as the tracks of candidates do.
    """

    events: Events
    track: NDArray[np.int64]
    index: NDArray[np.int64]
    values: Leg

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.track)

    def where(self, keep: NDArray[np.bool_]) -> Singles:
        """Those for which the mask ``keep``, bool[single] without unit, is true."""
        track = self.track[keep]
        return replace(self, track=track, index=self.index[keep], values=replace(self.values, index=track))

    def cut_out(self, window: float) -> Events:
        """Each track as an event of its own.

        Parameters
        ----------
        window : float, ns
            Hits of its event that are within this time of the track are kept.

        Returns
        -------
        Events
            One per single, with one track each.
        """
        time = self.events["Track_time"][self.track]
        among = {"Track": elements(self.events.offsets["Track"], self.index)[0] == self._owner("Track", self.track)}
        for name in (name for name in HITS if name in self.events.offsets):
            index, _ = elements(self.events.offsets[name], self.index)
            among[name] = np.abs(self.events[f"{name}_time"][index] - self._owner(name, time)) <= window
        wanted = [name for name in self.events.columns if COLUMNS[name].collection in ("", *among)]
        slim = replace(
            self.events,
            columns={name: self.events[name] for name in wanted},
            offsets={name: self.events.offsets[name] for name in among},
        )
        return gather(slim, self.index, among=among)

    def _owner(self, collection: str, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """A value per single, repeated for every element of the collection in its event."""
        return np.repeat(values, np.diff(self.events.offsets[collection])[self.index])


def singles(events: Events, geometry: Geometry, *, matching: Matching, final_state: FinalState) -> Singles:
    """Every track of every event, with its values and without a verdict.

    Parameters
    ----------
    events : Events
        What the detector recorded, in mm, ns, MeV, MeV/c.
    geometry : Geometry
        The experiment, mm.
    matching : Matching
        Radii (mm) and half time windows (ns).
    final_state : FinalState
        Whose tracks they may be.

    Returns
    -------
    Singles
        In order of events.
    """
    begin = events.offsets["Track"]
    track = np.arange(begin[-1])
    index = np.repeat(np.arange(len(events)), np.diff(begin))
    known = per_track(events, geometry, matching=matching, final_state=final_state, least=1)
    return Singles(events, track, index, Leg(known, track))
