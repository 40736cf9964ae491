"""How often limits are right: exact sums over the counts."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.statistics.feldman_cousins import intervals
from na62dump.inference.statistics.laws import CODES, probabilities
from na62dump.inference.statistics.upper_limits import upper_limits

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Method, Prior, Priors

WIDTHS = 6
"""Counts are summed up to so many standard deviations above the mean."""


def coverage(
    signal: ArrayLike,
    background: float,
    *,
    uncertainty: float = 0.0,
    relative: float = 0.0,
    method: Method,
    confidence: float,
    priors: Priors,
) -> NDArray[np.float64]:
    """Probability that the signal is inside of what is allowed: the sum of the probabilities of the counts whose limit says so.

    What is uncertain is drawn anew, from its density, in each experiment. Of Feldman and Cousins both ends count.

    Parameters
    ----------
    signal : float[signal], counts
        True signals.
    background, uncertainty : float, counts
        Expected background, and the width of its density.
    relative : float
        Width of the density of the signal's factor, a pure number.
    method, confidence, priors
        As of `upper_limits`.

    Returns
    -------
    float64[signal]
        Probabilities, to be at least the confidence level.

    Raises
    ------
    ConfigurationError
        As of `upper_limits`.
    """
    true = np.asarray(signal, dtype=np.float64)
    mean = float(true.max()) + background
    width = math.sqrt(mean) + uncertainty + relative * float(true.max())
    counts = np.arange(math.ceil(mean + WIDTHS * (width + 1)))
    ends = partial(intervals, uncertainty=uncertainty, relative=relative, confidence=confidence, priors=priors)
    limits = partial(upper_limits, uncertainty=uncertainty, relative=relative, confidence=confidence, priors=priors)
    if method == "feldman-cousins":
        lower, upper = ends(counts, background)
    else:
        lower, upper = np.zeros(counts.size), limits(counts, background, method=method)
    beside = _law(priors.background, background, uncertainty, counts.size)
    found = np.empty(true.shape)
    for place, value in np.ndenumerate(true):
        made = np.convolve(_law(priors.signal, value, relative * value, counts.size), beside)[: counts.size]
        found[place] = made[(lower <= value) & (value <= upper)].sum()
    return found


def _law(prior: Prior, mean: float, width: float, size: int) -> NDArray[np.float64]:
    out = np.empty(size)
    shift = probabilities(CODES[prior], mean, width, out)
    return out * math.exp(shift)
