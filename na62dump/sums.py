"""Sums of weights that do not depend on the order: each term is put on a power-of-two grid first.

Weights below `SMALLEST` are refused where a sample's events are counted: the square of such a weight would be less than
2**10 steps of the grid, and rounding would cost it more than 2**-11 of its value, or all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import InputFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID = 2.0**-24
"""Step of the grid. Sums of float64 on it are exact below `LIMIT`, and rounding a weight of 1 costs 3e-8."""

LIMIT = 2.0**53 * GRID
"""Largest sum (5.4e8) that is exact whatever its terms; sums of whole numbers are exact up to 2**53."""

SMALLEST = 2.0**-7
"""Smallest absolute weight but 0: rounding its square, 2**10 steps of `GRID`, costs at most 2**-11 of it."""


def check_weights(weights: NDArray[np.floating], *, sample: str) -> None:
    """Refuse weights whose squares the grid would round away.

    Parameters
    ----------
    weights : float[n]
        Weights, without unit.
    sample : str
        Sample that they are of.

    Raises
    ------
    InputFileError
        If a weight is not 0 and its absolute value is below `SMALLEST`.
    """
    small = (weights != 0.0) & (np.abs(weights) < SMALLEST)
    if bool(np.any(small)):
        msg = (
            f"sample '{sample}': weight {weights[small][0]:.6g} is too small to be summed exactly (less than {SMALLEST:.2g}, "
            "and not 0): scale the sample's weights to about 1"
        )
        raise InputFileError(msg)


def on_grid(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Values rounded to the nearest multiple of `GRID`.

    Parameters
    ----------
    values : float[n]
        Weights or squared weights, without unit.

    Returns
    -------
    float64[n]
        Terms whose sum is exact in any order.

    Raises
    ------
    ValueError
        If a value is not finite or beyond `LIMIT`.
    """
    wide = np.asarray(values, dtype=np.float64)
    if not bool(np.all(np.abs(wide) < LIMIT)):
        bad = wide[~(np.abs(wide) < LIMIT)][0]
        msg = f"weight {bad} cannot be summed exactly: weights must be finite and below {LIMIT:.3g}"
        raise ValueError(msg)
    return np.rint(wide / GRID) * GRID
