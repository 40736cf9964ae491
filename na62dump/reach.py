"""Where a search reaches: couplings with enough expected events at each mass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError, UnknownNameError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.signal.yields import Expected

ENOUGH = -math.log(0.1)
"""Expected events: were there so many, none would be seen in one of ten experiments; the limit at 90% without background [PDG, statistics]."""

SIGNAL_REGIONS = ("SR",)
"""Where events are counted unless asked otherwise."""


class Reach(NamedTuple):
    """Lowest and highest coupling with enough events, in the unit of the coupling."""

    low: float
    high: float


def within(expected: Expected, regions: Sequence[str]) -> Expected:
    """The same numbers of some regions only.

    Parameters
    ----------
    expected : Expected
        Numbers of all regions.
    regions : sequence of str
        Which are kept.

    Returns
    -------
    Expected
        With the parts of these regions.

    Raises
    ------
    UnknownNameError
        If no part lies in one of them.
    """
    known = expected.names("region")
    for region in regions:
        if region not in known:
            msg = f"no expected numbers of '{expected.model}' in a region '{region}'; {nearest(region, known)}"
            raise UnknownNameError(msg)
    return expected.take([index for index, part in enumerate(expected.parts) if part.region in regions])


def reach(numbers: NDArray[np.float64], couplings: NDArray[np.float64]) -> Reach | None:
    """Couplings between which there are enough events at one mass.

    Parameters
    ----------
    numbers : float64[c]
        Expected events, pure numbers.
    couplings : float64[c]
        Grid, in the unit of the coupling.

    Returns
    -------
    Reach or None
        Outermost points of the grid; None if no point has enough.
    """
    enough = np.flatnonzero(numbers > ENOUGH)
    return Reach(float(couplings[enough[0]]), float(couplings[enough[-1]])) if enough.size else None


def widest(numbers: NDArray[np.float64]) -> int:
    """Coupling that reaches the most masses; of equal ones that with the largest number at any mass.

    Parameters
    ----------
    numbers : float64[m, c]
        Expected events, pure numbers.

    Returns
    -------
    int
        Its index.
    """
    masses = (numbers > ENOUGH).sum(axis=0)
    return int(np.lexsort((numbers.max(axis=0), masses))[-1])


def place_of(expected: Expected, coupling: float) -> int:
    """Point of the grid that is nearest to a coupling.

    Parameters
    ----------
    expected : Expected
        Has the grid.
    coupling : float
        In its unit.

    Returns
    -------
    int
        Its index.

    Raises
    ------
    ConfigurationError
        If the coupling is outside of the grid.
    """
    low, high = float(expected.couplings.min()), float(expected.couplings.max())
    if not low <= coupling <= high:
        unit = "" if expected.coupling["unit"] == "1" else f" {expected.coupling['unit']}"
        msg = (
            f"{expected.coupling['name']} = {coupling:g}{unit} is outside of the expected numbers of '{expected.model}'; "
            f"they are between {low:g} and {high:g}{unit}"
        )
        raise ConfigurationError(msg)
    return int(np.argmin(np.abs(np.log(expected.couplings / coupling))))


def spread(number: int, most: int) -> list[int]:
    """Indices of at most so many of a number of things, the first and the last among them, evenly spread."""
    return [int(index) for index in np.unique(np.linspace(0, number - 1, min(number, most)).round())] if number else []
