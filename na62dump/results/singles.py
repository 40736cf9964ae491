"""Single tracks that a run kept, each as an event of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.events import COLUMNS, KEY, Events, concatenate, gather

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

DURATION = "duration"
OFFSETS = "offsets."


@dataclass(frozen=True)
class SingleTracks:
    """Single tracks of one sample.

    Attributes
    ----------
    events : Events
        One per track, with the hits near it in time; mm, ns, MeV, MeV/c.
    duration : float64[single], ns
        Of the spill that each is of.
    """

    events: Events
    duration: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.events)

    def __add__(self, other: SingleTracks) -> SingleTracks:
        """Tracks of both inputs."""
        return SingleTracks(concatenate([self.events, other.events]), np.concatenate([self.duration, other.duration]))

    def __eq__(self, other: object) -> bool:
        """Whether every number is equal, bit for bit."""
        if not isinstance(other, SingleTracks):
            return NotImplemented
        mine, theirs = self.to_arrays(), other.to_arrays()
        return mine.keys() == theirs.keys() and all(mine[k].tobytes() == theirs[k].tobytes() for k in mine)

    __hash__ = None  # type: ignore[assignment]  # it holds arrays, and its base declares a method

    def where(self, keep: NDArray[np.bool_]) -> SingleTracks:
        """Tracks for which the mask ``keep``, bool[single] without unit, is true."""
        return self._take(np.flatnonzero(keep))

    def sorted(self) -> SingleTracks:
        """Tracks in the one order that does not depend on how they were found: by event, then by what they are."""
        tracks = [name for name in sorted(self.events.columns) if COLUMNS[name].collection == "Track"]
        # lexsort takes the most important key last
        return self._take(np.lexsort([self.events[name] for name in (*tracks, *reversed(KEY))]))

    def _take(self, chosen: NDArray[np.int64]) -> SingleTracks:
        return SingleTracks(gather(self.events, chosen), self.duration[chosen])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Columns, offsets and durations by name, array[single] or array[element] in the units of the table of columns."""
        offsets = {f"{OFFSETS}{name}": begin for name, begin in self.events.offsets.items()}
        return {**self.events.columns, **offsets, DURATION: self.duration}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> SingleTracks:
        """Read what `to_arrays` gave, array[single] or array[element] in the units of the table of columns.

        Raises
        ------
        ValueError
            If the arrays do not belong together.
        """
        offsets = {name.removeprefix(OFFSETS): a for name, a in arrays.items() if name.startswith(OFFSETS)}
        columns = {name: a for name, a in arrays.items() if name in COLUMNS}
        n = len(arrays[DURATION])
        for name, values in columns.items():
            group = COLUMNS[name].collection
            if len(values) != (offsets[group][-1] if group else n) or (group and len(offsets[group]) != n + 1):
                msg = f"column '{name}' of single tracks has {len(values)} values, which does not fit the others"
                raise ValueError(msg)
        return cls(Events(n, columns, offsets), arrays[DURATION])
