"""Measured minus true mass, as quantiles at the probabilities of a normal variable z: those of a Gaussian lie on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTHS = tuple(np.linspace(-3.0, 3.0, 13).tolist())
"""Values of z that the quantiles are taken at."""

_LOW, _MIDDLE, _HIGH = (WIDTHS.index(z) for z in (-1.0, 0.0, 1.0))


def quantiles(residuals: NDArray[np.float64]) -> tuple[float, ...]:
    """Quantiles at `WIDTHS`.

    Parameters
    ----------
    residuals : float64[row], MeV
        Measured minus true mass.

    Returns
    -------
    tuple of float, MeV
        One for each of `WIDTHS`.
    """
    return tuple(np.quantile(residuals, ndtr(WIDTHS)).tolist())


def resolution(residuals: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median, and half of the central 68%.

    Parameters
    ----------
    residuals : float64[z] or float64[n, z], MeV
        Quantiles.

    Returns
    -------
    median, half : float64 or float64[n], MeV
        Of the residuals.
    """
    return residuals[..., _MIDDLE], (residuals[..., _HIGH] - residuals[..., _LOW]) / 2


def window(residuals: NDArray[np.float64], widths: float) -> NDArray[np.float64]:
    """Median residual, and so many times half of the central 68% to each side.

    Parameters
    ----------
    residuals : float64[n, z], MeV
        Quantiles.
    widths : float
        A pure number.

    Returns
    -------
    float64[n, 2], MeV
        Lowest and highest residual.
    """
    median, half = resolution(residuals)
    return np.stack([median - widths * half, median + widths * half], axis=-1)


def share(residuals: NDArray[np.float64], windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the residuals that lie in a window.

    Between the quantiles, and beyond them, z is linear in the residual.

    Parameters
    ----------
    residuals : float64[n, z], MeV
        Quantiles.
    windows : float64[n, 2], MeV
        Lowest and highest residual.

    Returns
    -------
    float64[n]
        Pure numbers.
    """
    pairs = zip(residuals, windows, strict=True)
    z = np.array([_normal(ends, known) for known, ends in pairs]).reshape(-1, 2)
    return np.asarray(ndtr(z[:, 1]) - ndtr(z[:, 0]))


def _normal(values: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of z of residuals, float64[n], MeV, given their quantiles, float64[z], MeV."""
    found = np.interp(values, known, WIDTHS)
    for beyond, end, before in ((values < known[0], 0, 1), (values > known[-1], -1, -2)):
        step = abs(known[end] - known[before]) / abs(WIDTHS[end] - WIDTHS[before])  # no zero with a sign
        with np.errstate(divide="ignore", invalid="ignore"):  # equal quantiles: nothing lies beyond
            found = np.where(beyond, WIDTHS[end] + (values - known[end]) / step, found)
    return np.asarray(found)
