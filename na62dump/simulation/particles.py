"""Particles on their way to the detectors: what every source of events makes, and all that the detectors see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MUON = 13
"""PDG number."""
ELECTRON = 11
"""PDG number."""
PHOTON = 22
"""PDG number."""


class Particles(NamedTuple):
    """Particles of consecutive events, the same number in each.

    Attributes
    ----------
    per_event : int
        Most particles in an event: event i has the rows from i * per_event on.
    count : int64[event]
        Particles that the event really has.
    pdg : int32[row]
        PDG number: muons, electrons and photons.
    charge : float64[row]
        Electric charge, e.
    x, y, z : float64[row], mm
        Where it begins.
    px, py, pz : float64[row], MeV/c
        Momentum there.
    time : float64[row], ns
        After the centre of the readout window, flight time to the detectors taken off.
    """

    per_event: int
    count: NDArray[np.int64]
    pdg: NDArray[np.int32]
    charge: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    px: NDArray[np.float64]
    py: NDArray[np.float64]
    pz: NDArray[np.float64]
    time: NDArray[np.float64]


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
        All counts equal to ``per_event``, all other values undefined.
    """
    rows = events * per_event
    floats = [np.empty(rows, dtype=np.float64) for _ in range(7)]
    charge, x, y, z, px, py, pz = floats
    return Particles(
        per_event=per_event,
        count=np.full(events, per_event, dtype=np.int64),
        pdg=np.empty(rows, dtype=np.int32),
        charge=charge,
        x=x,
        y=y,
        z=z,
        px=px,
        py=py,
        pz=pz,
        time=np.zeros(rows, dtype=np.float64),
    )
