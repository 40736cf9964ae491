"""What each way of production and each final state would exclude alone, were nothing observed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.inference.exclusion.contours import Extents, Interval, extents, intervals, polygons, surface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.signal.yields import Expected

By = Literal["channel", "final_state"]

ALL = "all"
"""Name of what all exclude together."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What some of the signal would exclude.

    Attributes
    ----------
    height : float64[m, c]
        Logarithm of expected events over the limit of no observed ones, a pure number: excluded is what lies above 0.
    intervals : tuple of Interval
        Excluded couplings at each mass of the grid.
    extents : Extents or None
        How far the regions reach; None if there is none.
    """

    height: NDArray[np.float64]
    intervals: tuple[Interval, ...]
    extents: Extents | None


def sensitivities(
    expected: Expected,
    by: By,
    *,
    regions: Sequence[str],
    confidence: float,
) -> dict[str, Sensitivity]:
    """Sensitivity of parts of the signal, each alone, with no observed event and no uncertainty.

    The limit is -ln(1 - confidence) events, that of CLs for n = 0 whatever the background: exp(-s) = 1 - confidence.

    Parameters
    ----------
    expected : Expected
        Signal.
    by : str
        Field of its parts that is told apart.
    regions : sequence of str
        Where events are counted.
    confidence : float
        Level, a pure number.

    Returns
    -------
    dict of str to Sensitivity
        In the order of the parts, without those that have no events; last of all together, unless final states are alternatives.

    Raises
    ------
    UnknownNameError
        If no part lies in a region.
    ConfigurationError
        If the level is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        msg = f"confidence = {confidence:g}: it has to be between 0 and 1"
        raise ConfigurationError(msg)
    for region in regions:
        if region not in expected.names("region"):
            msg = f"no expected numbers of '{expected.model}' in a region '{region}'; {nearest(region, expected.names('region'))}"
            raise UnknownNameError(msg)
    found = _events(expected, by, regions=regions)
    if not expected.alternatives:
        found[ALL] = np.sum(list(found.values()), axis=0)
    limit = np.full(expected.events.shape[1:], -math.log(1 - confidence))
    return {name: _sensitivity(expected, surface(events, limit)) for name, events in found.items() if events.any()}


def _events(expected: Expected, by: By, *, regions: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Events of each value of a field, float64[m, c], pure numbers."""
    different = tuple(dict.fromkeys(regions))
    return {
        value: np.sum([expected.total(**{by: value, "region": region}) for region in different], axis=0)
        for value in expected.names(by)
    }


def _sensitivity(expected: Expected, height: NDArray[np.float64]) -> Sensitivity:
    """What lies above 0 of a surface, float64[m, c], pure numbers."""
    crossed = intervals(height, masses=expected.masses, couplings=expected.couplings)
    regions = polygons(height, masses=expected.masses, couplings=expected.couplings)
    return Sensitivity(height, crossed, extents(regions, crossed))
