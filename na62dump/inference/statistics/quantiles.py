"""Counts that the background alone makes: their quantiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.inference.statistics.inputs import inputs
from na62dump.inference.statistics.laws import CODES, probabilities
from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Prior

ROUNDING = 1e-12
"""Probabilities that differ by less are equal: that of at most 0 counts may be the one asked for."""


def count_quantiles(
    background: ArrayLike, uncertainty: ArrayLike = 0.0, *, prior: Prior, at: ArrayLike
) -> NDArray[np.int64]:
    """Quantiles of the counts of an uncertain background; all arrays are broadcast against each other.

    Parameters
    ----------
    background, uncertainty : float[point], counts
        Expected background, and the width of its density.
    prior : str
        That density.
    at : float[point]
        Probabilities, from 0 up to but not including 1.

    Returns
    -------
    int64[point]
        Smallest count n with P(at most n) at least so large.

    Raises
    ------
    ConfigurationError
        If a number cannot be.
    """
    _, flat = inputs(0, background, uncertainty=uncertainty, relative=0.0, prior=prior)
    places = np.asarray(at, dtype=np.float64)
    if not ((places >= 0) & (places < 1)).all():
        msg = f"quantiles at {places.ravel().tolist()}: probabilities have to be at least 0 and below 1"
        raise ConfigurationError(msg)
    shape = np.broadcast_shapes(np.shape(background), np.shape(uncertainty))
    given = [array.reshape(shape) for array in (flat.background, flat.uncertainty)]
    mean, width, place = (np.array(each) for each in np.broadcast_arrays(*given, places))
    found = np.empty(mean.shape, dtype=np.int64)
    _quantiles(CODES[prior], mean.ravel(), width.ravel(), place.ravel(), found.ravel())
    return found


def median_count(background: ArrayLike, uncertainty: ArrayLike = 0.0, *, prior: Prior) -> NDArray[np.int64]:
    """Median counts int64[point] of the background alone, whose expectation and its uncertainty are float[point] counts."""
    return count_quantiles(background, uncertainty, prior=prior, at=1 / 2)


@kernel
def _quantiles(
    prior: int,
    mean: NDArray[np.float64],
    width: NDArray[np.float64],
    at: NDArray[np.float64],
    out: NDArray[np.int64],
) -> None:
    for i in range(mean.size):
        length = 16
        out[i] = -1
        while out[i] < 0:
            work = np.empty(length)
            shift = probabilities(prior, mean[i], width[i], work)
            total = 0.0
            for k in range(length):
                total += work[k] * math.exp(shift)
                if total >= at[i] * (1 - ROUNDING):
                    out[i] = k
                    break
            length *= 4
