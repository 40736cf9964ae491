"""Particles on their way to the detectors: what every source of events makes, and all that the detectors see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MUON = 13
"""PDG number."""

PARTICLE = np.dtype(
    [("pdg", "i4"), *((name, "f8") for name in ("charge", "x", "y", "z", "px", "py", "pz", "time"))], align=True
)
"""Record of a `Particle`."""


class Particle(Protocol):
    """A particle.

    Attributes
    ----------
    pdg, charge : int, float (e)
        PDG number: muon, electron or photon; and electric charge.
    x, y, z : float, mm
        Where it begins.
    px, py, pz : float, MeV/c
        Momentum there.
    time : float, ns
        After the centre of the readout window, flight time to the detectors taken off.
    """

    pdg: int
    charge: float
    x: float
    y: float
    z: float
    px: float
    py: float
    pz: float
    time: float


class Particles(NamedTuple):
    """Particles of consecutive events. Kernels take few arrays of records: each array costs them at every call.

    Attributes
    ----------
    per_event : int
        Most particles in an event: those of event i are in the rows from i * per_event on.
    counts : int64[event]
        Particles that the event has.
    rows : PARTICLE[row]
        Particles; mm, MeV/c, ns.
    """

    per_event: int
    counts: NDArray[np.int64]
    rows: NDArray[np.void]


def room(events: int, per_event: int) -> Particles:
    """Particles to be filled.

    Parameters
    ----------
    events : int
        Number of events.
    per_event : int
        Most particles in one.

    Returns
    -------
    Particles
        All counts equal to ``per_event``, all other values 0.
    """
    count = np.full(events, per_event, dtype=np.int64)
    return Particles(per_event, count, np.zeros(events * per_event, dtype=PARTICLE))
