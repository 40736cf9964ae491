"""Muons that are known, such as those measured in data: which of them makes the pair of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation import draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KNOWN = ("x", "y", "z", "length", "dxdz", "dydz", "p", "charge")
INCIDENT = np.dtype([(name, "f8") for name in (*_KNOWN, "upto")])
"""A muon in a piece of material: point in its middle and length along z, mm; slopes, rad; momentum, MeV/c; charge, e; and the
share of all that the muons up to this one have."""


class Incident(NamedTuple):
    """Muons in pieces of material.

    Attributes
    ----------
    rows : INCIDENT[muon]
        Where each is, mm, rad, MeV/c; there may be none.
    """

    rows: NDArray[np.void]


NONE = Incident(np.empty(0, dtype=INCIDENT))
"""The muons of a recipe are asked for."""


def incident(weight: NDArray[np.float64], **columns: NDArray[np.float64] | float) -> Incident:
    """Muons to draw from, in proportion to their weights.

    Parameters
    ----------
    weight : float64[muon]
        How often each makes a pair, in any unit.
    **columns : float64[muon] or float
        The fields of `INCIDENT` but the last, mm, rad, MeV/c and e. The vertex is flat in z over the length.

    Returns
    -------
    Incident
        In the same order.

    Raises
    ------
    ConfigurationError
        If a weight or a value is no finite number, a weight is negative, or all are zero.
    """
    rows = np.empty(len(weight), dtype=INCIDENT)
    for name in _KNOWN:
        rows[name] = columns[name]
    total = weight.sum()
    finite = np.isfinite(total) and all(np.isfinite(rows[name]).all() for name in columns)
    if not (finite and total > 0 and (weight >= 0).all()):
        msg = (
            f"{len(weight)} muons with a sum of weights of {total:g} cannot make pairs: all values must be finite, the "
            "weights at least 0, and one of them above it; leave out the others"
        )
        raise ConfigurationError(msg)
    upto = np.cumsum(weight)
    rows["upto"] = upto / upto[-1]
    return Incident(rows)


@kernel
def choose(muons: Incident, state: NDArray[np.uint64]) -> int:
    """Index of the muon that makes a pair, by bisection; state uint64[1] of the draws."""
    share = draws.uniform(state)
    low, high = 0, len(muons.rows) - 1
    while low < high:
        middle = (low + high) // 2
        if muons.rows[middle].upto > share:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def _fill(chosen: NDArray[np.int64], events: NDArray[np.int64], key: np.uint64, muons: Incident) -> None:
    state = np.empty(1, dtype=np.uint64)
    for i in range(len(events)):
        draws.start(state, absorb(key, events[i]), draws.SOURCE)
        chosen[i] = choose(muons, state)


def chosen(muons: Incident, key: np.uint64, *, events: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which muon made the pair of some events: it is drawn first of all.

    Parameters
    ----------
    muons : Incident
        Those that the events were simulated with; mm, MeV/c.
    key : uint64
        Of the burst, see `burst_key`.
    events : int64[event]
        Numbers of the events in the burst, without unit.

    Returns
    -------
    int64[event]
        Indices.
    """
    found = np.empty(len(events), dtype=np.int64)
    _fill(found, events, key, muons)
    return found
