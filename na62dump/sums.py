"""Sums of weights that do not depend on the order: each term is put on a power-of-two grid first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID = 2.0**-24
"""Step of the grid. Sums of float64 on it are exact below `LIMIT`, and rounding a weight of 1 costs 3e-8."""

LIMIT = 2.0**53 * GRID
"""Largest sum (5.4e8) that is exact whatever its terms; sums of whole numbers are exact up to 2**53."""


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
