"""The one door for data: what is hidden is removed before anything may look at it or count it."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import BlindingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from na62dump.datasets.samples import Kind
    from na62dump.reconstruction import Candidates, Rows
    from na62dump.regions.plane import Plane

_KEY = object()


@dataclass(frozen=True)
class Opened:
    """Hidden regions that have been opened; only the blinding record makes one that holds any.

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
        ``"data"`` or ``"simulation"``, as the sample was declared.
    opened : Opened
        Hidden regions that a valid record has opened.
    """

    kind: Kind
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
class Visible:
    """Rows that came through the door; only `blind` makes one.

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
            msg = "rows become visible only through na62dump.regions.blind"
            raise BlindingError(msg)


def hidden_points(
    plane: Plane, x: NDArray[np.float64], *, y: NDArray[np.float64], opened: frozenset[str]
) -> NDArray[np.bool_]:
    """Which points data must not show.

    Parameters
    ----------
    plane : Plane
        The regions.
    x, y : float64[row]
        Coordinates in the base units of the plane's columns.
    opened : frozenset of str
        Hidden regions that have been opened.

    Returns
    -------
    bool[row]
        True in a hidden region, and where a coordinate is undefined.
    """
    hidden: NDArray[np.bool_] = np.isnan(x) | np.isnan(y)
    for region in plane.region:
        if region.hidden and region.name not in opened:
            # whatever other regions it shares points with, and in whatever order they stand
            hidden |= region.contains(x, y)
    return hidden


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


def blind(candidates: Candidates, planes: Sequence[Plane], *, policy: Policy, behind: Curtain | None = None) -> Visible:
    """Let through what may be seen.

    Simulation passes whole. A data row is hidden if it lies in a hidden region of any of the planes, by its geometry
    alone, or has an undefined coordinate, as events with too many photons to try every choice have; one hidden row hides
    its whole event.

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
        If there are no planes, or the further views are of other events.
    """
    rows = candidates.rows
    if not planes:
        msg = "no regions were given: data cannot be blinded without them"
        raise BlindingError(msg)
    if policy.kind == "simulation":
        return Visible(rows, policy, _KEY)
    hides = behind.hides.copy() if behind else np.zeros(rows.n_events, dtype=np.bool_)
    for plane in planes:
        _hide(hides, Veil(candidates, plane, policy.opened))
    return Visible(rows.where(~hides[rows.index]).alone(), policy, _KEY)


@dataclass(frozen=True)
class Hidden:
    """Events that must not be seen; only `hidden_events` makes one.

    Attributes
    ----------
    events : bool[event]
        Whether each is hidden.
    """

    events: NDArray[np.bool_]
    made_by: InitVar[object]


def hidden_events(
    candidates: Candidates, planes: Sequence[Plane], *, policy: Policy, behind: Curtain | None = None
) -> Hidden:
    """Temporary."""
    rows = candidates.rows
    hides = behind.hides.copy() if behind else np.zeros(rows.n_events, dtype=np.bool_)
    for plane in planes:
        _hide(hides, Veil(candidates, plane, policy.opened))
    return Hidden(hides, _KEY)


def _hide(hides: NDArray[np.bool_], veil: Veil) -> None:
    """Mark the events that have a hidden row in a view."""
    rows = veil.candidates.rows
    if rows.n_events != len(hides):
        msg = f"a view of {rows.n_events} events cannot hide rows of {len(hides)} events"
        raise BlindingError(msg)
    hides |= rows.crowded  # where they lie is not defined
    x, y = (rows.quantity(name) for name in veil.plane.columns)
    hides[rows.index[hidden_points(veil.plane, x, y=y, opened=veil.opened.regions)]] = True
