"""Rows of candidates: flat, keyed by run, burst and event; what they know are attributes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import UnknownNameError, UnknownQuantityError, nearest
from na62dump.reconstruction.final_state import PHOTONS_OF, mass_of
from na62dump.reconstruction.quantities import LEGS, MEMBERS, PHOTONS, ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


def _refuse_private(name: str) -> None:
    """Refuse Python's own names, which copying asks for before a field is there."""
    if name.startswith("_"):
        raise AttributeError(name)


@dataclass(frozen=True)
class Leg:
    """One track or photon of every row; its quantities are attributes, such as ``leg.e_over_p``.

    Attributes
    ----------
    values : mapping of str to array[track] or array[cluster]
        Values per track or cluster, in the units of the table of quantities (mm, ns, MeV, MeV/c).
    index : int64[row]
        Which one each row has.
    """

    values: Mapping[str, NDArray[Any]]
    index: NDArray[np.int64]

    def __getattr__(self, name: str) -> NDArray[Any]:
        """Values of one quantity for every row, in the unit of the table of quantities."""
        _refuse_private(name)
        if name not in self.values:
            msg = f"a track or photon of a candidate has no quantity '{name}'; {nearest(name, self.values)}"
            raise UnknownQuantityError(msg)
        return self.values[name][self.index]


@dataclass(frozen=True)
class Neutral:
    """A neutral particle of every row that two photons make.

    Attributes
    ----------
    name : str
        PDG name, with its number if there are several.
    kind : str
        PDG name.
    nominal : float, MeV
        Its mass.
    mass : float64[row], MeV
        That of the two photons.
    """

    name: str
    kind: str
    nominal: float
    mass: NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Rows of candidates; their quantities are attributes, such as ``rows.cda`` and ``rows.plus.p``.

    Attributes
    ----------
    index : int64[row]
        Event that each row is of, counted in the unit; never falls from one row to the next.
    n_events : int
        Events of the unit.
    events, tracks, clusters : mapping of str to array
        Values per event, track and cluster, which rows look up.
    values : mapping of str to array[row]
        Values per row.
    legs : mapping of str to int64[row]
        For ``plus`` and ``minus`` the index of the track, for ``photon1`` and so on that of the cluster; ``first`` and
        ``second`` too, where each pair is taken both ways round.
    neutrals_of : tuple of str
        Neutral particles of the final state.
    crowded : bool[event]
        Events with too many photons to try every choice: they have rows without photons only, so where they lie is not
        defined.
    """

    index: NDArray[np.int64]
    n_events: int
    events: Mapping[str, NDArray[Any]]
    tracks: Mapping[str, NDArray[Any]]
    clusters: Mapping[str, NDArray[Any]]
    values: Mapping[str, NDArray[Any]]
    legs: Mapping[str, NDArray[np.int64]]
    neutrals_of: tuple[str, ...]
    crowded: NDArray[np.bool_]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.index)

    def leg(self, name: str) -> Leg:
        """One track or photon of every row.

        Parameters
        ----------
        name : str
            ``"plus"``, ``"minus"``, ``"first"``, ``"second"``, ``"photon1"`` and so on.

        Returns
        -------
        Leg
            Its quantities are attributes.

        Raises
        ------
        UnknownQuantityError
            If the rows have none of that name.
        """
        there = name if name in self.legs else _ALIASES.get(name, name)
        if there not in self.legs:
            msg = f"these candidates have no '{name}'; {nearest(name, self.legs)}"
            raise UnknownQuantityError(msg)
        return Leg(self.clusters if there in PHOTONS else self.tracks, self.legs[there])

    @property
    def plus(self) -> Leg:
        """The positive track of every row; the first one of two tracks of one charge."""
        return self.leg("plus")

    @property
    def minus(self) -> Leg:
        """The negative track of every row; the second one of two tracks of one charge."""
        return self.leg("minus")

    @property
    def first(self) -> Leg:
        """The track that is taken for the final state's ``plus``, whatever its charge."""
        return self.leg("first")

    @property
    def second(self) -> Leg:
        """The track that is taken for the final state's ``minus``, whatever its charge."""
        return self.leg("second")

    @property
    def photons(self) -> tuple[Leg, ...]:
        """The photons of every row, in the order of the particles that they make."""
        return tuple(self.leg(name) for name in PHOTONS if name in self.legs)

    @property
    def neutrals(self) -> tuple[Neutral, ...]:
        """The neutral particles of every row that two photons make, with their mass."""
        many = len(self.neutrals_of) > 1
        return tuple(
            Neutral(f"{kind} {i}" if many else kind, kind, mass_of(kind), self.quantity(f"neutral{i}_mass"))
            for i, kind in enumerate(self.neutrals_of, 1)
            if PHOTONS_OF[kind] > 1
        )

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
        msg = f"these candidates have no quantity '{name}'; {nearest(name, [*self.values, *self.events, *self.legs])}"
        raise UnknownQuantityError(msg)

    def quantity(self, name: str) -> NDArray[Any]:
        """Values of a quantity by name.

        Parameters
        ----------
        name : str
            ``"cda"``, or ``"plus.p"`` for a quantity of a track, ``"photon1.energy"`` of a photon.

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
        if leg and leg not in MEMBERS:
            msg = f"'{leg}' of '{name}' is no track or photon of a candidate; {nearest(leg, MEMBERS)}"
            raise UnknownNameError(msg)
        values: NDArray[Any] = getattr(self.leg(leg) if leg else self, rest)
        return values

    def has(self, name: str) -> bool:
        """Whether a quantity was computed: the final state has it, and the columns that it is made of were read."""
        leg, _, rest = name.rpartition(".")
        if leg:
            there = leg if leg in self.legs else _ALIASES.get(leg, leg)
            return there in self.legs and rest in (self.clusters if there in PHOTONS else self.tracks)
        if rest == "charge":
            return self.has("plus.charge")
        return rest in self.values or rest in self.events

    def columns(self) -> dict[str, NDArray[Any]]:
        """Values of every quantity by name, array[row] in the units of the table of quantities; ``charge`` too."""
        names = [*self.events, *(["charge"] if self.has("charge") else []), *self.values]
        for leg in self.legs:
            names += [f"{leg}.{name}" for name in (self.clusters if leg in PHOTONS else self.tracks)]
        return {name: self.quantity(name) for name in names}

    def best(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Choices of photons that are the best ones for their tracks.

        Parameters
        ----------
        among : bool[row]
            Those that may be chosen.

        Returns
        -------
        bool[row]
            For each pair of tracks one: of those that may be chosen (of all, if none may) the one whose neutral particles
            are nearest to their masses, and of equal ones the one with more energy.
        """
        order = np.lexsort((-self.photons_energy, self.mass_distance, ~among, self.pair_number, self.index))
        event, number = self.index[order], self.pair_number[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (event[1:] != event[:-1]) | (number[1:] != number[:-1])
        best = np.empty(len(order), dtype=np.bool_)
        best[order] = first
        return best

    def where(self, keep: NDArray[np.bool_]) -> Rows:
        """Rows for which the mask ``keep``, bool[row] without unit, is true."""
        return self if keep.all() else self.take(np.flatnonzero(keep))

    def alone(self) -> Rows:
        """The rows without anything of events, tracks and clusters that none of them has; events are counted anew."""
        events, index = _used(self.n_events, [self.index])
        tracks, legs = _used(_length(self.tracks), [at for name, at in self.legs.items() if name not in PHOTONS])
        clusters, photons = _used(_length(self.clusters), [at for name, at in self.legs.items() if name in PHOTONS])
        return replace(
            self,
            index=index[self.index],
            n_events=len(events),
            events={name: values.take(events) for name, values in self.events.items()},
            tracks={name: values.take(tracks) for name, values in self.tracks.items()},
            clusters={name: values.take(clusters) for name, values in self.clusters.items()},
            legs={name: (photons if name in PHOTONS else legs)[at] for name, at in self.legs.items()},
            crowded=self.crowded[events],
        )

    def take(self, chosen: NDArray[np.int64]) -> Rows:
        """Rows at the indices ``chosen``, int64[row] without unit."""
        return replace(
            self,
            index=self.index[chosen],
            values={name: values[chosen] for name, values in self.values.items()},
            legs={name: index[chosen] for name, index in self.legs.items()},
        )


_ALIASES = dict(zip(ROLES, LEGS, strict=True))
"""Where a pair is taken one way round only, its roles are its charges."""


def _length(table: Mapping[str, NDArray[Any]]) -> int:
    """Number of tracks or clusters in a table; 0 if it has no columns."""
    return len(next(iter(table.values()), ()))


def _used(n: int, indices: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of those of n things that are pointed at, and the new number of each of the n."""
    used = np.zeros(max(n, *(int(at.max()) + 1 for at in indices if len(at)), 0), dtype=np.bool_)
    for at in indices:
        used[at] = True
    numbers = np.flatnonzero(used[:n])
    new = np.empty(len(used), dtype=np.int64)
    new[numbers] = np.arange(len(numbers))
    return numbers, new
