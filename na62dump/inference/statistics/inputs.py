"""Numbers that limits and significances are made from, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Prior

MOST = 1e5
"""Counts and backgrounds up to here have a limit within seconds, whatever the densities; the work goes with their square."""


class Inputs(NamedTuple):
    """Flat arrays, one entry for each result.

    Attributes
    ----------
    observed : int64[p]
        Counts seen.
    background, uncertainty : float64[p], counts
        Expected background, and the width of its density.
    relative : float64[p]
        Width of the density of the signal's factor, whose mean is 1; a pure number.
    """

    observed: NDArray[np.int64]
    background: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    relative: NDArray[np.float64]


def inputs(
    observed: ArrayLike, background: ArrayLike, *, uncertainty: ArrayLike, relative: ArrayLike, prior: Prior
) -> tuple[tuple[int, ...], Inputs]:
    """Bring numbers to one shape, and check them.

    Parameters
    ----------
    observed : int[point]
        Counts seen.
    background, uncertainty : float[point], counts
        Expected background, and the width of its density.
    relative : float[point]
        As of the signal's factor, a pure number.
    prior : str
        Density of the background.

    Returns
    -------
    tuple of int
        Their shape.
    Inputs
        The same, flat: float64[p], counts.

    Raises
    ------
    ConfigurationError
        If shapes do not go together, a number is negative, not finite or above `MOST`, or a count is not whole.
    """
    try:
        arrays = np.broadcast_arrays(observed, background, uncertainty, relative)
    except ValueError as error:
        shapes = ", ".join(str(np.shape(given)) for given in (observed, background, uncertainty, relative))
        msg = f"observed, background, uncertainty and relative uncertainty have the shapes {shapes}: bring them to one"
        raise ConfigurationError(msg) from error
    words = "observed number", "background", "uncertainty", "relative uncertainty"
    flat = [_numbers(array, what=what) for array, what in zip(arrays, words, strict=True)]
    check_density(flat[1], flat[2], prior=prior)
    return arrays[0].shape, Inputs(whole(flat[0]), *flat[1:])


def _numbers(given: NDArray[np.generic], *, what: str) -> NDArray[np.float64]:
    flat = np.array(given, dtype=np.float64).ravel()  # a copy: numba does not take views that were broadcast
    bad = ~((flat >= 0) & (flat <= MOST))
    if bad.any():
        msg = f"{what} {flat[bad][0]:g}: it has to be a number from 0 to {MOST:g}; correct it, or take fewer counts"
        raise ConfigurationError(msg)
    return flat


def whole(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Counts, float64[p], as whole numbers, int64[p]; counts is what was counted.

    Raises
    ------
    ConfigurationError
        If one is not whole.
    """
    found = counts.astype(np.int64)
    broken = found != counts
    if broken.any():
        msg = f"observed number {counts[broken][0]:g}: it has to be a whole number; give what was counted"
        raise ConfigurationError(msg)
    return found


def check_density(mean: NDArray[np.float64], width: NDArray[np.float64], *, prior: Prior) -> None:
    """Refuse a density of mean 0 that has a width, but for the Gaussian, which is cut off at 0.

    Parameters
    ----------
    mean, width : float64[p], counts
        Of each density.
    prior : str
        What it is.

    Raises
    ------
    ConfigurationError
        If there is one.
    """
    bad = (mean == 0) & (width > 0)
    if prior != "gaussian" and bad.any():
        msg = (
            f"background 0 with the uncertainty {width[bad][0]:g}: no {prior} density has the mean 0 and a width; give the "
            "background that is expected, or take the prior 'gaussian'"
        )
        raise ConfigurationError(msg)
