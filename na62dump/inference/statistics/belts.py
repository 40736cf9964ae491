"""Where counts are in the confidence belt of Feldman and Cousins: kernels.

Everywhere below, beside float64[count] holds probabilities of background counts, best float64[count] the largest probability of
each count for any signal, made and work float64[count] are written to; all are pure numbers. signal is in counts, relative the
width of the density of its factor, prior the number of that density.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.statistics.laws import probabilities
from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOLDEN = (math.sqrt(5) - 1) / 2
NARROWED = 40
"""Steps of a search by golden section: to 4e-9 of the range, and a maximum is flat to the square of that."""

POINTS = 400
"""Signals that are tried before an end of an interval is narrowed down."""

HALVINGS = 45

EQUAL = 1e-10
"""Ratios that differ by less are equal, and then both counts are in the belt."""


@kernel
def absolute(prior: int, mean: float, width: float, out: NDArray[np.float64]) -> None:
    """Fill out float64[count] with probabilities, pure numbers."""
    out *= math.exp(probabilities(prior, mean, width, out))


@kernel
def both(made: NDArray[np.float64], beside: NDArray[np.float64], count: int) -> float:
    """Probability of count counts of signal and background together."""
    total = 0.0
    for k in range(count + 1):
        total += made[k] * beside[count - k]
    return total


@kernel
def largest(count: int, relative: float, prior: int, beside: NDArray[np.float64], work: NDArray[np.float64]) -> float:
    """Largest probability of count counts for any signal."""
    made = work[: count + 1]
    low, high = 0.0, 2 * (count + 1) * (1 + relative * relative)
    best = float(beside[count])
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    absolute(prior, left, relative * left, made)
    at_left = both(made, beside, count)
    absolute(prior, right, relative * right, made)
    at_right = both(made, beside, count)
    for _ in range(NARROWED):
        best = max(best, at_left, at_right)
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            absolute(prior, left, relative * left, made)
            at_left = both(made, beside, count)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            absolute(prior, right, relative * right, made)
            at_right = both(made, beside, count)
    return best


@kernel
def accepted(
    signal: float,
    observed: int,
    confidence: float,
    relative: float,
    prior: int,
    beside: NDArray[np.float64],
    best: NDArray[np.float64],
    work: NDArray[np.float64],
) -> bool:
    """Whether the counts that go better with the signal than the observed one are less probable than confidence together."""
    absolute(prior, signal, relative * signal, work)
    own = both(work, beside, observed) / best[observed] * (1 + EQUAL)
    total = 0.0
    for count in range(beside.size):
        probability = both(work, beside, count)
        if probability > own * best[count]:
            total += probability
    return total < confidence


@kernel
def end(
    start: float,
    stop: float,
    observed: int,
    confidence: float,
    relative: float,
    prior: int,
    beside: NDArray[np.float64],
    best: NDArray[np.float64],
    work: NDArray[np.float64],
) -> float:
    """First signal from start towards stop, counts, for which the observed count is in the belt; NaN if it is for none."""
    outside = start
    for point in range(POINTS + 1):
        signal = start + (stop - start) * point / POINTS
        if accepted(signal, observed, confidence, relative, prior, beside, best, work):
            break
        outside = signal
    else:
        return np.nan
    for _ in range(HALVINGS if point > 0 else 0):
        middle = (outside + signal) / 2
        if accepted(middle, observed, confidence, relative, prior, beside, best, work):
            signal = middle
        else:
            outside = middle
    return signal


@kernel
def belt_intervals(
    observed: NDArray[np.int64],
    background: NDArray[np.float64],
    uncertainty: NDArray[np.float64],
    relative: NDArray[np.float64],
    highest: NDArray[np.float64],
    counts: NDArray[np.int64],
    confidence: float,
    background_prior: int,
    signal_prior: int,
    out: NDArray[np.float64],
) -> None:
    """Fill out float64[p, 2], counts, with both ends; infinite where the highest signal is still inside.

    observed, counts int64[p]: counts seen, and how many are looked at; background, uncertainty, highest float64[p], counts: of the
    background, and the largest signal that is tried.
    """
    for i in range(observed.size):
        beside, best, work = np.empty(counts[i]), np.empty(counts[i]), np.empty(counts[i])
        absolute(background_prior, background[i], uncertainty[i], beside)
        for count in range(counts[i]):
            best[count] = largest(count, relative[i], signal_prior, beside, work)
        given = observed[i], confidence, relative[i], signal_prior, beside, best, work
        out[i, 0] = end(0.0, highest[i], *given)
        out[i, 1] = end(highest[i], 0.0, *given)
        if out[i, 1] == highest[i]:
            out[i, 1] = np.inf
