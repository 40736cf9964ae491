"""Sums of weights that do not depend on the order: each term is put on a power-of-two grid first.

A sample whose weights are of a size below `SMALLEST` is refused when its sums are complete: rounding would cost them digits.
Single small weights beside larger ones lose nothing that counts.
"""

from __future__ import annotations

import math
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
"""Smallest root mean square of a sample's weights: its square is 2**10 steps of `GRID`, so sums lose at most 2**-11."""


def check_size(total2: float, n: int, *, sample: str) -> None:
    """Refuse a sample whose weights are so small that the grid would round their sums away.

    Parameters
    ----------
    total2 : float
        Sum of the squared weights of all its events, without unit, on the grid.
    n : int
        Number of its events.
    sample : str
        Its name.

    Raises
    ------
    InputFileError
        If the root mean square of the weights is below `SMALLEST`.
    """
    if n > 0 and total2 < n * SMALLEST * SMALLEST:
        msg = (
            f"sample '{sample}': its weights are too small to be summed exactly (root mean square "
            f"{math.sqrt(total2 / n):.3g}, at least {SMALLEST:.3g}): scale them to about 1"
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
