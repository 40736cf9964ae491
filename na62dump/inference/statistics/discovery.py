"""How significant an excess is, and how many events would be enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from na62dump.errors import ConfigurationError
from na62dump.inference.statistics.compatibility import significance
from na62dump.inference.statistics.inputs import inputs
from na62dump.inference.statistics.laws import CODES, probabilities
from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Prior
    from na62dump.inference.statistics.compatibility import Compatibility

LEFT_OUT = 1e-12
"""Part of a tail that may be left out."""


@dataclass(frozen=True)
class Excess:
    """An excess near one mass, and in all of the region.

    Attributes
    ----------
    local : Compatibility
        Of the events in the window of the mass, with the background of the window.
    overall : Compatibility
        Of all events of the region, with all its background: global, without the mass of a signal, as NA62 published it
        (arXiv:2303.08666).
    trials : float or None
        Windows that fit into the range that was looked at, a pure number.
    p : float or None
        Probability of at least one excess like the local one among so many independent windows.
    two_sided : float or None
        Standard deviations of it.
    """

    local: Compatibility
    overall: Compatibility
    trials: float | None
    p: float | None
    two_sided: float | None


def p_values(
    observed: ArrayLike, background: ArrayLike, *, uncertainty: ArrayLike = 0.0, prior: Prior
) -> NDArray[np.float64]:
    """Probabilities of at least as many counts from the background alone; all arrays are broadcast against each other.

    Parameters
    ----------
    observed : int[point]
        Counts seen.
    background, uncertainty : float[point], counts
        Expected background, and the width of its density.
    prior : str
        That density.

    Returns
    -------
    float64[point]
        Probabilities.

    Raises
    ------
    ConfigurationError
        If a number cannot be.
    """
    shape, flat = inputs(observed, background, uncertainty=uncertainty, relative=0.0, prior=prior)
    found = np.empty(flat.observed.size)
    _tails(CODES[prior], flat.observed, flat.background, flat.uncertainty, found)
    return found.reshape(shape)


def minimum_counts(
    background: ArrayLike,
    *,
    uncertainty: ArrayLike = 0.0,
    prior: Prior,
    deviations: float = 5.0,
    sides: int = 2,
) -> NDArray[np.int64]:
    """Fewest events that make an excess of so many standard deviations; all arrays are broadcast against each other.

    The published table of hadronic channels follows in 13 of 14 entries from known backgrounds and both sides: the probability
    of as many or more is below 5.73e-7.

    Parameters
    ----------
    background, uncertainty : float[channel], counts
        Expected background, and the width of its density; 0 for a known background.
    prior : str
        That density.
    deviations : float
        Standard deviations.
    sides : int
        Of the normal distribution that they are counted on: 2, or 1.

    Returns
    -------
    int64[channel]
        Counts.

    Raises
    ------
    ConfigurationError
        If a number cannot be.
    """
    if not (deviations > 0 and sides in {1, 2}):
        msg = f"{deviations:g} standard deviations on {sides} sides: give a positive number, and 1 or 2 sides"
        raise ConfigurationError(msg)
    shape, flat = inputs(0, background, uncertainty=uncertainty, relative=0.0, prior=prior)
    found = np.empty(flat.observed.size, dtype=np.int64)
    _fewest(CODES[prior], flat.background, flat.uncertainty, sides * float(ndtr(-deviations)), found)
    return found.reshape(shape)


def excess(local: Compatibility, overall: Compatibility, *, trials: float | None = None) -> Excess:
    """Put what the window of a mass says beside what the whole region says.

    Parameters
    ----------
    local, overall : Compatibility
        Of the window, and of the region, as of `compare`.
    trials : float, optional
        Range of masses over the width of a window, at least 1.

    Returns
    -------
    Excess
        With the probability among so many windows, if they are given: 1 - (1 - p)^trials.

    Raises
    ------
    ConfigurationError
        If trials are fewer than 1.
    """
    if trials is None:
        return Excess(local, overall, None, None, None)
    if not 1 <= trials < math.inf:
        msg = (
            f"{trials:g} windows in the range of masses: at least 1 has to fit; give range and window in the same unit"
        )
        raise ConfigurationError(msg)
    p = -math.expm1(trials * math.log1p(-local.p_n)) if local.p_n < 1 else 1.0
    return Excess(local, overall, trials, p, significance(p))


@kernel
def tail(prior: int, mean: float, width: float, count: int) -> float:
    """Probability of at least count counts, whose mean, in counts, has a density of that width."""
    if count == 0:
        return 1.0
    length, total, last = count + 16, 0.0, 1.0
    while last > LEFT_OUT * total:
        work = np.empty(length)
        factor = math.exp(probabilities(prior, mean, width, work))
        total = factor * work[count:].sum()
        last = factor * work[-1] * length
        length *= 4
    return min(total, 1.0)


@kernel
def _tails(
    prior: int,
    counts: NDArray[np.int64],
    mean: NDArray[np.float64],
    width: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    for i in range(counts.size):
        out[i] = tail(prior, mean[i], width[i], counts[i])


@kernel
def _fewest(
    prior: int, mean: NDArray[np.float64], width: NDArray[np.float64], p: float, out: NDArray[np.int64]
) -> None:
    for i in range(mean.size):
        low, high = 0, 1
        while tail(prior, mean[i], width[i], high) > p:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            if tail(prior, mean[i], width[i], middle) > p:
                low = middle
            else:
                high = middle
        out[i] = high
