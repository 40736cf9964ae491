"""How many rows meet two requirements at once, for all pairs of requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 2**13
"""Rows of one product: few enough for the cache, and for their number to be exact in float32, which is below 2**24."""


def coincidences(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Count the rows that meet both of two requirements.

    Parameters
    ----------
    masks : bool[requirement, row]
        What each row meets.

    Returns
    -------
    float64[requirement, requirement]
        Number of rows, without unit; on the diagonal, of those that meet one.
    """
    both = np.zeros((len(masks), len(masks)))
    for start in range(0, masks.shape[1], _CHUNK):
        met = masks[:, start : start + _CHUNK].astype(np.float32)
        both += met @ met.T
    return both
