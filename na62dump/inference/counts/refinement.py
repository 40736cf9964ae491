"""Mass hypotheses between those of a grid, where an observed event would fall through it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.counts.hypotheses import windows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.inference.settings import Window
    from na62dump.signal.yields import Expected

BESIDE = 1e-6
"""Relative distance of two hypotheses of which one counts an event and the other does not."""

STEPS = 20
"""Of the fixed point that an end of the hypotheses is: windows change slowly with mass, so that each step gains digits."""


def refined(expected: Expected, seen: Mapping[str, Sequence[float]], *, window: Window) -> Expected:
    """Yields at more masses: that of each observed event, and both ends of the hypotheses that count it.

    A grid may be coarser than the resolution; then an event would lie between the windows, and count at no mass.

    Parameters
    ----------
    expected : Expected
        Yields on a grid.
    seen : mapping of str to sequence of float, MeV
        Measured masses of observed events, by search.
    window : Window
        Width of the windows, and how many events are looked at.

    Returns
    -------
    Expected
        Between two masses signal is a power law: none where either has none. Events beyond ``window.events`` are left to the grid.
    """
    added = [
        mass
        for search, masses in seen.items()
        for event in sorted(mass for mass in masses if np.isfinite(mass))[: window.events]
        for mass in _around(expected, search, event, widths=window.widths)
    ]
    low, high = expected.masses[[0, -1]]
    masses = np.union1d(expected.masses, [mass for mass in added if low < mass < high])
    return at_masses(expected, masses) if len(masses) > len(expected.masses) else expected


def at_masses(expected: Expected, masses: NDArray[np.float64]) -> Expected:
    """Yields at other masses between those of the grid.

    Parameters
    ----------
    expected : Expected
        Yields on a grid that rises.
    masses : float64[n], MeV
        Not outside of it.

    Returns
    -------
    Expected
        Power laws of the signal, and linear residuals and uncertainties; the same at a mass of the grid.
    """
    after = np.clip(np.searchsorted(expected.masses, masses), 1, len(expected.masses) - 1)
    low, high = expected.masses[after - 1], expected.masses[after]
    part = np.log(masses / low) / np.log(high / low)

    def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power law of values float64[part, m, c], pure numbers, along the second axis; exactly these at both ends."""
        below, above = values[:, after - 1], values[:, after]
        some = (below > 0) & (above > 0)
        safe = [np.where(some, side, 1.0) for side in (below, above)]
        step = part[:, None]
        inner = np.where(some, np.exp((1 - step) * np.log(safe[0]) + step * np.log(safe[1])), 0.0)
        return np.where(step == 0, below, np.where(step == 1, above, inner))

    def along(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Linear along the first axis of values float64[m, n], MeV."""
        return np.stack([np.interp(masses, expected.masses, column) for column in values.T], axis=-1)

    return replace(
        expected,
        masses=masses,
        events=between(expected.events),
        statistical=between(expected.statistical),
        residuals=np.stack([along(known) for known in expected.residuals]),
        uncertainties={
            channel: {
                source: value
                if np.ndim(value) == 0
                else np.interp(masses, expected.masses, np.asarray(value, dtype=np.float64)).tolist()
                for source, value in sources.items()
            }
            for channel, sources in expected.uncertainties.items()
        },
    )


def _around(expected: Expected, search: str, event: float, *, widths: float) -> list[float]:
    """Hypotheses (MeV) at the mass of an event, and just inside and outside of the lowest and highest that count it."""
    windows = windows_of(expected, search, widths=widths)
    if not windows.measured:
        return []
    around = windows.ends - expected.masses[:, None]
    ends = []
    for side in (1, 0):  # the lowest hypothesis has the event at its upper end
        mass = event
        for _ in range(STEPS):
            mass = event - float(np.interp(mass, expected.masses, around[:, side]))
        ends.append(mass)
    return [event, *(end * (1 + sign * BESIDE) for end in ends for sign in (-1, 1))]
