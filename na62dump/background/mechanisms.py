"""Several mechanisms of background together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.background.estimate import Estimate


def together(estimates: Sequence[Estimate], regions: Sequence[str]) -> tuple[float, float]:
    """Expected number of all mechanisms in some regions together, and its uncertainty.

    Parameters
    ----------
    estimates : sequence of Estimate
        One of each mechanism.
    regions : sequence of str
        Regions.

    Returns
    -------
    expected, uncertainty : float, rows
        Statistical variances add up; a systematic source moves all mechanisms that have it together. Upper limits do
        not enter.

    Raises
    ------
    UnknownNameError
        If an estimate has no such region.
    """
    expected = sum(estimate.of(regions)[0] for estimate in estimates)
    square = 0.0
    moved: dict[str, float] = {}
    for estimate in estimates:
        at = [estimate.regions.index(name) for name in regions]
        square += float(estimate.covariance[np.ix_(at, at)].sum())
        for source, shift in estimate.systematic.items():
            moved[source] = moved.get(source, 0.0) + float(shift[at].sum())
    return float(expected), float(np.sqrt(square + sum(shift**2 for shift in moved.values())))
