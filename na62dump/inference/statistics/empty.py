"""Expectations of 0 that are not certain: what the densities that have none of them use instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Prior

MEAN, WIDTH = math.sqrt(2 / math.pi), math.sqrt(1 - 2 / math.pi)
"""Of a Gaussian around 0 that is cut off there, in its standard deviations."""


def positive(mean: ArrayLike, width: ArrayLike, *, prior: Prior) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Backgrounds that a density can describe.

    A window without an entry has 0 +- something. No gamma and no log-normal density is that; the nearest one has mean and width of
    the Gaussian that is cut off at 0.

    Parameters
    ----------
    mean, width : float[point], counts
        Expected background, and its uncertainty.
    prior : str
        The density.

    Returns
    -------
    mean, width : float64[point], counts
        The same where the mean is above 0 or certain, and everywhere for a Gaussian.
    """
    known, error = np.broadcast_arrays(np.asarray(mean, dtype=np.float64), np.asarray(width, dtype=np.float64))
    empty = (known == 0) & (error > 0) & (prior != "gaussian")
    return np.where(empty, MEAN * error, known), np.where(empty, WIDTH * error, error)
