"""Candidates: flat rows, one per track pair, keyed by run, burst and event; all combinations, none rejected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import UnknownNameError, UnknownQuantityError, nearest
from na62dump.reconstruction.activity import event_values
from na62dump.reconstruction.inputs import completed
from na62dump.reconstruction.pairs import all_pairs, pair_values
from na62dump.reconstruction.quantities import LEG, LEGS, PAIR
from na62dump.reconstruction.tracks import track_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.final_state import FinalState
    from na62dump.reconstruction.matching import Matching
    from na62dump.reconstruction.quantities import Quantity

TRACKS_IN_A_PAIR = 2
"""Events with fewer tracks have no row."""

_FROM_EVENT = ("run", "burst", "event", "trigger", "burst_time")
_FROM_TRACK = ("charge", "p", "time", "chi2", "chambers")


def _refuse_private(name: str) -> None:
    """Refuse Python's own names, which copying asks for before a field is there."""
    if name.startswith("_"):
        raise AttributeError(name)


@dataclass(frozen=True)
class Leg:
    """One track of every row; its quantities are attributes, such as ``leg.e_over_p``.

    Attributes
    ----------
    tracks : mapping of str to array[track]
        Values per track, in the units of the table of quantities (mm, ns, MeV, MeV/c).
    index : int64[row]
        Which track each row has.
    """

    tracks: Mapping[str, NDArray[Any]]
    index: NDArray[np.int64]

    def __getattr__(self, name: str) -> NDArray[Any]:
        """Values of one quantity for every row, in the unit of the table of quantities."""
        _refuse_private(name)
        if name not in self.tracks:
            msg = f"a track of a pair has no quantity '{name}'; {nearest(name, self.tracks)}"
            raise UnknownQuantityError(msg)
        return self.tracks[name][self.index]


@dataclass(frozen=True)
class Rows:
    """Rows of candidates; their quantities are attributes, such as ``rows.cda`` and ``rows.plus.p``.

    Attributes
    ----------
    index : int64[row]
        Event that each row is of, counted in the unit; never falls from one row to the next.
    n_events : int
        Events of the unit.
    tracks, events : mapping of str to array
        Values per track and per event, which rows look up.
    values : mapping of str to array[row]
        Values per row.
    legs : mapping of str to int64[row]
        For ``plus`` and ``minus``, index of the track.
    """

    index: NDArray[np.int64]
    n_events: int
    events: Mapping[str, NDArray[Any]]
    tracks: Mapping[str, NDArray[Any]]
    values: Mapping[str, NDArray[Any]]
    legs: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.index)

    @property
    def plus(self) -> Leg:
        """The positive track of every row; the first one of two tracks of one charge."""
        return Leg(self.tracks, self.legs["plus"])

    @property
    def minus(self) -> Leg:
        """The negative track of every row; the second one of two tracks of one charge."""
        return Leg(self.tracks, self.legs["minus"])

    @property
    def charge(self) -> NDArray[np.int8]:
        """Total charge of every row, int8[row], e."""
        total: NDArray[np.int8] = self.plus.charge + self.minus.charge
        return total

    def __getattr__(self, name: str) -> NDArray[Any]:
        """Values of one quantity for every row, in the unit of the table of quantities."""
        _refuse_private(name)
        if name in self.values:
            return self.values[name]
        if name in self.events:
            return self.events[name][self.index]
        msg = f"a pair has no quantity '{name}'; {nearest(name, [*self.values, *self.events, *LEGS])}"
        raise UnknownQuantityError(msg)

    def quantity(self, name: str) -> NDArray[Any]:
        """Values of a quantity by name.

        Parameters
        ----------
        name : str
            ``"cda"``, or ``"plus.p"`` for a quantity of a leg.

        Returns
        -------
        array[row]
            In the unit of the table of quantities.

        Raises
        ------
        UnknownNameError
            If there is no such quantity.
        """
        leg, _, rest = name.rpartition(".")
        if leg and leg not in LEGS:
            msg = f"'{leg}' of '{name}' is no track of a pair; {nearest(leg, LEGS)}"
            raise UnknownNameError(msg)
        values: NDArray[Any] = getattr(getattr(self, leg) if leg else self, rest)
        return values

    def has(self, name: str) -> bool:
        """Whether a quantity was computed: the columns of the ntuple that it is made of were read."""
        leg, _, rest = name.rpartition(".")
        return rest in self.tracks if leg else rest in self.values or rest in self.events or rest == "charge"

    def where(self, keep: NDArray[np.bool_]) -> Rows:
        """Rows for which the mask ``keep``, bool[row] without unit, is true."""
        return self if keep.all() else self.take(np.flatnonzero(keep))

    def take(self, chosen: NDArray[np.int64]) -> Rows:
        """Rows at the indices ``chosen``, int64[row] without unit."""
        return replace(
            self,
            index=self.index[chosen],
            values={name: values[chosen] for name, values in self.values.items()},
            legs={name: index[chosen] for name, index in self.legs.items()},
        )


@dataclass(frozen=True)
class Candidates:
    """All rows of some events, before the blinding door; nothing but the door takes them."""

    rows: Rows


def build(events: Events, geometry: Geometry, *, matching: Matching, final_state: FinalState) -> Candidates:
    """All pairs of tracks of every event, with their values and without a verdict.

    Parameters
    ----------
    events : Events
        What the detector recorded, in mm, ns, MeV, MeV/c.
    geometry : Geometry
        The experiment, mm.
    matching : Matching
        Radii (mm) and half time windows (ns).
    final_state : FinalState
        What the two tracks are taken for.

    Returns
    -------
    Candidates
        One row per pair, in order of events.
    """
    full = completed(events)
    index, plus, minus = all_pairs(full.offsets["Track"], full["Track_charge"])
    weight = events["weight"] if "weight" in events else np.ones(len(events), dtype=np.float32)
    per_event = {name: full[name] for name in _FROM_EVENT} | {"weight": weight}
    per_track = {name: full[f"Track_{name}"] for name in _FROM_TRACK}
    per_event |= event_values(full, matching=matching)
    per_track |= track_values(full, geometry, matching=matching, least=TRACKS_IN_A_PAIR)
    per_pair = pair_values(full, geometry, plus=plus, minus=minus, masses=final_state.masses)
    rows = Rows(
        index=index,
        n_events=len(events),
        events={name: values for name, values in per_event.items() if _was_read(PAIR[name], events)},
        tracks={name: values for name, values in per_track.items() if _was_read(LEG[name], events)},
        values={name: values for name, values in per_pair.items() if _was_read(PAIR[name], events)},
        legs={"plus": plus, "minus": minus},
    )
    return Candidates(rows)


def _was_read(quantity: Quantity, events: Events) -> bool:
    return all(name in events for name in quantity.columns)
