"""Where CLs falls to a given value: kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.statistics.laws import probabilities
from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRECISION = 1e-11
"""Relative length of the last step of Newton's method; what is left is its square."""

STEPS = 400
"""Far more steps than are needed; after so many there is no number to be found."""


@kernel
def background_sums(
    prior: int, mean: float, width: float, single: NDArray[np.float64], summed: NDArray[np.float64]
) -> None:
    """Fill single, summed float64[n + 1] with the probabilities of k background counts, and of at most k, over that of at most n.

    Pure numbers; prior, mean and width (counts) as in `probabilities`.
    """
    probabilities(prior, mean, width, single)
    total = 0.0
    for k in range(single.size):
        total += single[k]
        summed[k] = total
    single /= total
    summed /= total


@kernel
def log_cls(
    signal: float,
    relative: float,
    prior: int,
    single: NDArray[np.float64],
    summed: NDArray[np.float64],
    work: NDArray[np.float64],
) -> tuple[float, float]:
    """Logarithm of CLs and its derivative; single, summed float64[n + 1] of `background_sums`, work float64[n + 2], pure numbers.

    With S(k) the probability of k signal counts, marginalised over whatever density, s dS(k)/ds = k S(k) - (k + 1) S(k + 1): the
    derivative is a sum of terms of one sign.
    """
    top = single.size - 1
    shift = probabilities(prior, signal, relative * signal, work)
    total, slope = work[0] * summed[top], 0.0
    for k in range(1, top + 1):
        total += work[k] * summed[top - k]
        slope += k * work[k] * single[top + 1 - k]
    slope += (top + 1) * work[top + 1] * single[0]
    return shift + math.log(total), -slope / (signal * total)


@kernel
def crossing(
    allowed: float,
    normal: float,
    relative: float,
    prior: int,
    single: NDArray[np.float64],
    summed: NDArray[np.float64],
    work: NDArray[np.float64],
) -> float:
    """Signal, counts, whose logarithm of CLs is allowed; normal: the quantile of the normal distribution beyond which as much lies.

    single, summed float64[n + 1] and work float64[n + 2], pure numbers, as in `log_cls`. Newton's method in log(1 + relative^2 s),
    in which the logarithm is a straight line for n = 0 and a gamma density; it is kept between the nearest values known to
    be below and above. It begins at a quantile of the gamma distribution, from its cube root (Wilson and Hilferty, PNAS 17
    (1931) 684).
    """
    shape = 1.0
    for k in range(single.size):
        shape += (single.size - 1 - k) * single[k]
    signal = shape * max(1 - 1 / (9 * shape) + normal / (3 * math.sqrt(shape)), 0.1) ** 3
    squared = relative * relative
    low, high = 0.0, np.inf
    for _ in range(STEPS):
        value, slope = log_cls(signal, relative, prior, single, summed, work)
        if value > allowed:
            low = signal
        else:
            high = signal
        stretch = 1 + squared * signal
        step = (allowed - value) / (slope * stretch)
        move = stretch * (math.expm1(squared * step) / squared if squared > 0 else step)
        if abs(move) <= PRECISION * signal:
            return signal + move
        following = signal + move
        if not low < following < high:
            following = 4 * signal if high == np.inf else (low + high) / 2
        signal = following
    return np.nan


@kernel
def cls_limits(
    observed: NDArray[np.int64],
    background: NDArray[np.float64],
    uncertainty: NDArray[np.float64],
    relative: NDArray[np.float64],
    background_prior: int,
    signal_prior: int,
    allowed: float,
    normal: float,
    out: NDArray[np.float64],
) -> None:
    """Fill out float64[p], counts, with upper limits; NaN where none is found.

    observed int64[p]; background, uncertainty float64[p], counts; relative float64[p], pure numbers; the rest as in `crossing`.
    """
    most = observed.max()
    singles, sums, work = np.empty(most + 1), np.empty(most + 1), np.empty(most + 2)
    for i in range(observed.size):
        n = observed[i]
        single, summed = singles[: n + 1], sums[: n + 1]
        known = (
            i > 0
            and n == observed[i - 1]
            and background[i] == background[i - 1]
            and uncertainty[i] == uncertainty[i - 1]
        )
        if not known:
            background_sums(background_prior, background[i], uncertainty[i], single, summed)
        out[i] = crossing(allowed, normal, relative[i], signal_prior, single, summed, work[: n + 2])
