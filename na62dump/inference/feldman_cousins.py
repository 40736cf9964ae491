"""Intervals of Feldman and Cousins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Priors


def intervals(
    observed: ArrayLike,
    background: ArrayLike,
    *,
    uncertainty: ArrayLike = 0.0,
    relative: ArrayLike = 0.0,
    confidence: float,
    priors: Priors,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper ends float64[...], counts."""
    raise NotImplementedError
