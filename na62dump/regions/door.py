"""The one door for data: what is hidden is removed before anything may look at it or count it."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from na62dump.errors import BlindingError
from na62dump.regions.plane import hidden_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from na62dump.datasets.samples import Kind
    from na62dump.reconstruction import Candidates, Rows
    from na62dump.regions.plane import Plane

_KEY = object()


@dataclass(frozen=True)
class Opened:
    """Hidden regions and control samples that have been opened; only the blinding record makes one that holds any.

    Attributes
    ----------
    regions : frozenset of str
        Their names.
    analysis : str
        Name of the analysis for which they are open.
    digest : str
        Its digest.
    """

    regions: frozenset[str]
    analysis: str
    digest: str
    made_by: InitVar[object]

    def __post_init__(self, made_by: object) -> None:
        """Refuse a maker other than the record."""
        if made_by is not _KEY:
            msg = "regions are opened only by a record in blinding.toml"
            raise BlindingError(msg)


NOTHING = Opened(frozenset(), "", "", _KEY)
"""No region is open."""


def grant(regions: frozenset[str], *, analysis: str, digest: str) -> Opened:
    """Opening that a checked record stands for; called by `BlindingRecord.opened` alone."""
    return Opened(regions, analysis, digest, _KEY)


@dataclass(frozen=True)
class Policy:
    """What the door goes by.

    Attributes
    ----------
    kind : str
        ``"data"`` or ``"simulation"``, as the sample was declared; ``"mixed"`` is what no sample can be declared: rows of
        two tracks of two different events, which `na62dump.regions.mixed` lets through.
    opened : Opened
        Hidden regions that a valid record has opened.
    """

    kind: Kind | Literal["mixed"]
    opened: Opened = NOTHING


@dataclass(frozen=True)
class Veil:
    """A further view of the same events under which data are hidden too.

    Attributes
    ----------
    candidates : Candidates
        Rows of another final state, or of detectors scaled by a systematic variation.
    plane : Plane
        Regions of the analysis that looks at them so.
    opened : Opened
        Hidden regions of that analysis that a valid record has opened.
    """

    candidates: Candidates
    plane: Plane
    opened: Opened = NOTHING


@dataclass(frozen=True)
class Curtain:
    """What further views hide; only `curtain` makes one.

    Attributes
    ----------
    hides : bool[event]
        Whether each event is hidden.
    """

    hides: NDArray[np.bool_]
    made_by: InitVar[object]

    def __post_init__(self, made_by: object) -> None:
        """Refuse a maker other than the function that looks at the views."""
        if made_by is not _KEY:
            msg = "what is hidden is found only by na62dump.regions.curtain"
            raise BlindingError(msg)


@dataclass(frozen=True)
class Hidden:
    """Which events are hidden, for what else is made of them, such as single tracks; only `hidden_events` makes one.

    Attributes
    ----------
    events : bool[event]
        Whether each event is hidden.
    """

    events: NDArray[np.bool_]
    made_by: InitVar[object]

    def __post_init__(self, made_by: object) -> None:
        """Refuse a maker other than the door."""
        if made_by is not _KEY:
            msg = "which events are hidden is found only by na62dump.regions.hidden_events"
            raise BlindingError(msg)


@dataclass(frozen=True)
class Visible:
    """Rows that came through the door; only `blind` and `mixed` make one.

    Attributes
    ----------
    rows : Rows
        What may be seen.
    policy : Policy
        What the door went by.
    """

    rows: Rows
    policy: Policy
    made_by: InitVar[object]

    def __post_init__(self, made_by: object) -> None:
        """Refuse a maker other than the door."""
        if made_by is not _KEY:
            msg = "rows become visible only through na62dump.regions.blind, or mixed"
            raise BlindingError(msg)


def let_through(rows: Rows) -> Visible:
    """Rows of two different events; called by `mixed` alone, which has looked at their keys."""
    return Visible(rows, Policy("mixed"), _KEY)


def curtain(veils: Iterable[Veil], *, n_events: int) -> Curtain:
    """What further views of some events hide of data.

    Parameters
    ----------
    veils : iterable of Veil
        Every final state that they are analysed for, in every systematic variation; looked at one by one.
    n_events : int
        Number of the events.

    Returns
    -------
    Curtain
        For the door.

    Raises
    ------
    BlindingError
        If a view is of other events.
    """
    hides = np.zeros(n_events, dtype=np.bool_)
    for veil in veils:
        _hide(hides, veil)
    return Curtain(hides, _KEY)


def hidden_events(
    candidates: Candidates, planes: Sequence[Plane], *, policy: Policy, behind: Curtain | None = None
) -> Hidden:
    """Find the events of which data must show nothing.

    A data row is hidden if it lies in a hidden region of any of the planes, by its geometry alone, and belongs to no control
    sample that is open there; or if it has an undefined coordinate, as events with too many photons to try every choice
    have. One hidden row hides its whole event. Nothing of simulation is hidden.

    Parameters
    ----------
    candidates : Candidates
        All rows.
    planes : sequence of Plane
        Regions of the analysis of these rows.
    policy : Policy
        Data or simulation, and what has been opened.
    behind : Curtain, optional
        What further views of the same events hide.

    Returns
    -------
    Hidden
        For all that is made of these events.

    Raises
    ------
    BlindingError
        If there are no planes, if the further views are of other events, or if the rows are said to be mixed.
    """
    rows = candidates.rows
    if not planes:
        msg = "no regions were given: data cannot be blinded without them"
        raise BlindingError(msg)
    if policy.kind == "mixed":
        msg = "rows of two events are of no event that could be hidden: na62dump.regions.mixed asks for their keys"
        raise BlindingError(msg)
    if policy.kind == "simulation":
        return Hidden(np.zeros(rows.n_events, dtype=np.bool_), _KEY)
    hides = behind.hides.copy() if behind else np.zeros(rows.n_events, dtype=np.bool_)
    for plane in planes:
        _hide(hides, Veil(candidates, plane, policy.opened))
    return Hidden(hides, _KEY)


def blind(candidates: Candidates, planes: Sequence[Plane], *, policy: Policy, behind: Curtain | None = None) -> Visible:
    """Let through what may be seen: simulation whole, and of data what `hidden_events` leaves.

    Parameters
    ----------
    candidates : Candidates
        All rows.
    planes : sequence of Plane
        Regions of the analysis of these rows.
    policy : Policy
        Data or simulation, and what has been opened.
    behind : Curtain, optional
        What further views of the same events hide.

    Returns
    -------
    Visible
        The rows that remain, in their order; of data, nothing else is left of their events, nor of any other.

    Raises
    ------
    BlindingError
        As for `hidden_events`.
    """
    rows = candidates.rows
    hidden = hidden_events(candidates, planes, policy=policy, behind=behind)
    if policy.kind == "simulation":
        return Visible(rows, policy, _KEY)
    return Visible(rows.where(~hidden.events[rows.index]).alone(), policy, _KEY)


def _hide(hides: NDArray[np.bool_], veil: Veil) -> None:
    """Mark the events that have a hidden row in a view."""
    rows = veil.candidates.rows
    if rows.n_events != len(hides):
        msg = f"a view of {rows.n_events} events cannot hide rows of {len(hides)} events"
        raise BlindingError(msg)
    hides |= rows.crowded  # where they lie is not defined
    opened = veil.opened.regions
    x, y = (rows.quantity(name) for name in veil.plane.columns)
    shown = veil.plane.shown(opened, values=rows.quantity)
    hides[rows.index[hidden_points(veil.plane, x, y=y, opened=opened, shown=shown)]] = True
