"""Intervals of Feldman and Cousins for a signal beside an uncertain background."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from na62dump.errors import ConfigurationError
from na62dump.inference.settings import check_level
from na62dump.inference.statistics.belts import belt_intervals
from na62dump.inference.statistics.crossings import cls_limits
from na62dump.inference.statistics.inputs import Inputs, inputs
from na62dump.inference.statistics.laws import CODES

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Priors

DECIMALS = 3
"""Relative uncertainties of the signal are rounded to so many, so that the points of a grid share intervals."""

BEYOND = 1.5
"""Signals are tried up to so many times the upper limit of CLs that excludes half as much."""

WIDTHS = 8
"""Counts are looked at up to so many standard deviations above their mean for the highest signal."""

STEP, STEPS = 0.025, 60
"""Larger backgrounds, counts, whose upper ends are tried where fewer were seen than expected."""

MOST = 2000
"""Counts that are looked at, at most: the work goes with their square."""


def intervals(
    observed: ArrayLike,
    background: ArrayLike,
    *,
    uncertainty: ArrayLike = 0.0,
    relative: ArrayLike = 0.0,
    confidence: float,
    priors: Priors,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both ends of the interval of signals in whose belt the observed count is; all arrays are broadcast against each other.

    For each signal s, counts n are taken in the order of P(n | s) / max P(n | any s) until they are as probable as the level
    (Feldman and Cousins, PRD 57 (1998) 3873, section IV.B). P is averaged over the densities of background and signal. As in
    their tables, the upper end is lengthened to the largest that a larger background has, where fewer were seen than expected.

    Parameters
    ----------
    observed : int[point]
        Counts seen.
    background, uncertainty : float[point], counts
        Expected background, and the width of its density.
    relative : float[point]
        Width of the density of the signal's factor, whose mean is 1; a pure number, rounded to `DECIMALS`.
    confidence : float
        Level, such as 0.9.
    priors : Priors
        Densities of background and signal.

    Returns
    -------
    lower, upper : float64[point], counts
        Expected signal.

    Raises
    ------
    ConfigurationError
        If a number cannot be, or counts are too many, or the interval has no end.
    """
    check_level(confidence)
    shape, flat = inputs(observed, background, uncertainty=uncertainty, relative=relative, prior=priors.background)
    rounded = flat._replace(relative=flat.relative.round(DECIMALS))
    rows, places = np.unique(np.stack(rounded), axis=1, return_inverse=True)
    distinct = Inputs(rows[0].astype(np.int64), *rows[1:])
    found = _intervals(distinct, confidence=confidence, priors=priors)
    _lengthen(distinct, found, confidence=confidence, priors=priors)
    lower, upper = found[places.ravel()].T
    return lower.reshape(shape), upper.reshape(shape)


def _lengthen(given: Inputs, found: NDArray[np.float64], *, confidence: float, priors: Priors) -> None:
    few = given.background > given.observed + 1
    rows = Inputs(given.observed[few], given.background[few], given.uncertainty[few], given.relative[few])
    first = np.ceil(rows.background / STEP)
    for step in range(STEPS if few.any() else 0):
        more = _intervals(rows._replace(background=(first + step) * STEP), confidence=confidence, priors=priors)
        found[few, 1] = np.maximum(found[few, 1], more[:, 1])


def _intervals(given: Inputs, *, confidence: float, priors: Priors) -> NDArray[np.float64]:
    codes = CODES[priors.background], CODES[priors.signal]
    highest, found = np.empty(given.observed.size), np.empty((given.observed.size, 2))
    if not found.size:
        return found
    beyond = (1 - confidence) / 2
    cls_limits(*given, *codes, math.log(beyond), -float(ndtri(beyond)), highest)
    highest *= BEYOND
    mean = np.maximum(highest + given.background, given.observed)
    width = np.sqrt(mean + given.uncertainty**2 + (given.relative * highest) ** 2)
    counts = np.ceil(mean + WIDTHS * (width + 1))
    bad = ~(counts <= MOST)
    if bad.any():
        msg = (
            f"no interval of Feldman and Cousins for {given.observed[bad][0]} observed, {given.background[bad][0]:g} expected and "
            f"the relative uncertainty {given.relative[bad][0]:g}: more than {MOST} different counts are possible; take 'cls'"
        )
        raise ConfigurationError(msg)
    belt_intervals(*given, highest, counts.astype(np.int64), confidence, *codes, found)
    endless = ~np.isfinite(found).all(axis=1)
    if endless.any():
        msg = f"the relative uncertainty {given.relative[endless][0]:g} leaves the interval no end; take a smaller one, or 'cls'"
        raise ConfigurationError(msg)
    return found
