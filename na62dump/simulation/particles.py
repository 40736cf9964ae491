"""Particles on their way to the detectors: what every source of events makes, and all that the detectors see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ELECTRON, MUON, PHOTON, PION, KAON, PI0, ETA = 11, 13, 22, 211, 321, 111, 221
"""PDG numbers."""
CHARGED = (ELECTRON, MUON, PION, KAON)
"""PDG numbers of the charged particles that are simulated."""
NEUTRINOS = (12, 14, 16)
"""PDG numbers: what no detector sees."""
SHOWERING = (ELECTRON, PHOTON)
"""PDG numbers of what makes electromagnetic showers."""
HADRONS = (PION, KAON)
"""PDG numbers of the charged hadrons that are simulated."""

IN_LAV, IN_ANTI0 = 1, 2
"""Bits of the activity of an event."""

PARTICLE = np.dtype(
    [("pdg", "i4"), *((name, "f8") for name in ("charge", "x", "y", "z", "px", "py", "pz", "time"))], align=True
)
"""Record of a `Particle`."""


class Particle(Protocol):
    """A particle.

    Attributes
    ----------
    pdg, charge : int, float (e)
        PDG number: muon, electron, photon, charged pion or kaon, or neutrino; and electric charge.
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
    activity : uint8[event]
        Bits `IN_LAV` and `IN_ANTI0`: what else of the event these detectors see, in time with it.
    """

    per_event: int
    counts: NDArray[np.int64]
    rows: NDArray[np.void]
    activity: NDArray[np.uint8]


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
        All counts equal to ``per_event``, no other activity, all other values 0.
    """
    count = np.full(events, per_event, dtype=np.int64)
    return Particles(per_event, count, np.zeros(events * per_event, dtype=PARTICLE), np.zeros(events, dtype=np.uint8))
