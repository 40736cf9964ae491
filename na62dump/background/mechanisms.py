"""Several mechanisms of background together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.background.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def added(estimates: Sequence[Estimate], regions: tuple[str, ...]) -> Estimate:
    """Sum of mechanisms.

    Parameters
    ----------
    estimates : sequence of Estimate
        What is added; a mechanism adds nothing to a region that it does not know, or for which it has a limit only.
    regions : tuple of str
        Regions of the sum.

    Returns
    -------
    Estimate
        Statistical covariances add up; systematic uncertainties of one name move all mechanisms together.
    """
    expected, covariance = np.zeros(len(regions)), np.zeros((len(regions), len(regions)))
    systematic: dict[str, NDArray[np.float64]] = {}
    for estimate in estimates:
        known = estimate.measured
        kept = [estimate.regions.index(own) for own in known]
        into = np.array([r == own for r in regions for own in known], dtype=np.float64)
        into = into.reshape(len(regions), len(known))  # from regions of the estimate to those of the sum
        expected += into @ estimate.expected[kept]
        covariance += into @ estimate.covariance[np.ix_(kept, kept)] @ into.T
        for source, widths in estimate.systematic.items():
            systematic[source] = systematic.get(source, 0.0) + into @ widths[kept]
    mechanisms = [estimate.mechanism for estimate in estimates]
    return Estimate(
        mechanism=" + ".join(mechanisms),
        method="sum of mechanisms",
        regions=regions,
        expected=expected,
        covariance=covariance,
        systematic=systematic,
        limit=np.full(len(regions), np.nan),
        inputs={"mechanisms": mechanisms},
    )


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
        As of `added`.
    """
    return added(estimates, tuple(regions)).of(regions)
