"""How tracks are spread over a spill: the chance that two of them are together in time.

With a rate of shape f(t), the integral of f over the spill being 1, two tracks of a burst are within a short time W of each other,
|dt| < W / 2, with probability W * int f(t)^2 dt. For a flat spill of length T the integral is 1 / T, and it is larger for any other.

With n_k of N tracks in the bins k of width d, sum_k n_k (n_k - 1) / (N (N - 1) d) is a mean over all ordered pairs of tracks, so
that its expectation is sum_k p_k^2 / d without bias (a U-statistic; Hoeffding, Ann. Math. Stat. 19 (1948) 293). Bursts are
joined with their numbers of pairs as weights, which is what a sum over pairs of all bursts needs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError, EstimateError, InputFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Overlap(NamedTuple):
    """Chance of two tracks of a burst to be together, per time.

    Attributes
    ----------
    value : float, 1/ns
        Integral of f(t)^2: one over the effective length of the spill.
    uncertainty : float, 1/ns
        Statistical.
    unresolved : float
        Relative change of the value when bins are half as wide: structure that the bins do not resolve, and chance. A pure
        number.
    pairs : float
        Ordered pairs of tracks that it comes from.
    """

    value: float
    uncertainty: float
    unresolved: float
    pairs: float


class _Products(NamedTuple):
    """Sums over the bins of each burst, float64[burst]: pairs in one bin per its width (1/ns), triples and pairs per its square."""

    pairs: NDArray[np.float64]
    triples2: NDArray[np.float64]
    pairs2: NDArray[np.float64]


def flat(numbers: NDArray[np.int64], durations: NDArray[np.float64]) -> Overlap:
    """The same chance if the rate is constant over each spill.

    Parameters
    ----------
    numbers : int64[burst]
        Tracks.
    durations : float64[burst], ns
        Lengths of the spills.

    Returns
    -------
    Overlap
        In 1/ns; without uncertainty.

    Raises
    ------
    EstimateError
        If no burst has two tracks.
    ConfigurationError
        If a duration is not above 0.
    """
    _check(durations)
    pairs = _falling(np.asarray(numbers), 2)
    total = _enough(pairs)
    return Overlap(math.fsum(pairs / durations) / total, 0.0, 0.0, total)


def overlap(
    burst: NDArray[np.int64], burst_time: NDArray[Any], *, clock: float, durations: NDArray[np.float64], width: float
) -> Overlap:
    """Chance of two tracks of a burst to be together, from the times of single tracks.

    Parameters
    ----------
    burst : int64[track]
        Index of the burst.
    burst_time : int[track] or float[track], in units of ``clock``
        Time since the burst began.
    clock : float, ns
        Unit of time.
    durations : float64[burst], ns
        Lengths of the spills.
    width : float, ns
        Of a bin, about: a spill has a whole number of them. Many units of the clock, fewer than what the rate changes in.

    Returns
    -------
    Overlap
        In 1/ns.

    Raises
    ------
    EstimateError
        If no burst has two tracks.
    ConfigurationError
        If a duration, the clock or the width is not above 0.
    InputFileError
        If a track is not within its burst.
    """
    _check(np.append(durations, [clock, width]))
    share = burst_time * clock / durations[burst]
    outside = (share < 0.0) | (share >= 1.0)
    if np.any(outside):
        at = int(np.argmax(outside))
        msg = (
            f"a track is {burst_time[at] * clock:g} ns after the beginning of burst {burst[at]}, which is "
            f"{durations[burst[at]]:g} ns long: give the bursts their true durations, or drop what is after their end"
        )
        raise InputFileError(msg)
    numbers = np.bincount(burst, minlength=len(durations))
    pairs = _falling(numbers, 2)
    total = _enough(pairs)
    bins = np.maximum(np.rint(durations / width), 1).astype(np.int64)
    coarse = _products(burst, share, bins=bins, durations=durations)
    fine = _products(burst, share, bins=2 * bins, durations=durations)
    value = math.fsum(coarse.pairs) / total
    change = math.fsum(fine.pairs) / total / value - 1.0 if value > 0.0 else math.inf
    return Overlap(value, math.sqrt(_variance(coarse, numbers)) / total, change, total)


def _products(
    burst: NDArray[np.int64], share: NDArray[np.float64], *, bins: NDArray[np.int64], durations: NDArray[np.float64]
) -> _Products:
    """Products of a number of bins, int64[burst], from the fractions of their bursts, float64[track], at which tracks are."""
    begin = np.cumsum(bins) - bins
    cells, counts = np.unique(begin[burst] + (share * bins[burst]).astype(np.int64), return_counts=True)
    of = np.searchsorted(begin, cells, side="right") - 1

    def summed(power: int) -> NDArray[np.float64]:
        return np.asarray(np.bincount(of, weights=_falling(counts, power), minlength=len(bins)))

    width = durations / bins
    return _Products(summed(2) / width, summed(3) / width**2, summed(2) / width**2)


def _variance(products: _Products, numbers: NDArray[np.int64]) -> float:
    """Variance of the sum over bursts of pairs in one bin per its width, 1/ns^2, from int64[burst] tracks.

    With A = sum_{i != j} h_ij of a burst, A^2 has terms of four, three and two tracks: A^2 = Q + 4 sum h_ij h_ik + 2 sum h_ij^2.
    Those of four, Q, have the mean (E h)^2 each, so that A^2 - (N)_2^2 Q / (N)_4 estimates Var A without bias; (N)_k = N (N - 1)
    ... (N - k + 1). Of bursts with less than four tracks only the last term counts.
    """
    squares = products.pairs**2
    apart = squares - 4 * products.triples2 - 2 * products.pairs2
    pairs, fours = _falling(numbers, 2), _falling(numbers, 4)
    enough = fours > 0.0
    each = squares[enough] - pairs[enough] ** 2 * (apart[enough] / fours[enough])
    few = math.fsum(2 * products.pairs2[~enough])
    return max(math.fsum(each), 0.0) + few


def _falling(numbers: NDArray[np.int64], power: int) -> NDArray[np.float64]:
    """Ordered choices of so many different ones: float64[n], pure numbers."""
    result = np.ones(len(numbers))
    for less in range(power):
        result *= np.maximum(numbers - less, 0)
    return result


def _enough(pairs: NDArray[np.float64]) -> float:
    total = math.fsum(pairs)
    if not total > 0.0:
        msg = "no burst has two single tracks, so there is no pair to learn from; give more bursts"
        raise EstimateError(msg)
    return total


def _check(lengths: NDArray[np.float64]) -> None:
    """Refuse lengths of time (ns) that are none."""
    good = np.isfinite(lengths) & (lengths > 0.0)
    if not np.all(good):
        msg = f"a duration, clock or width is {lengths[~good][0]:g} ns: all must be finite and above 0"
        raise ConfigurationError(msg)
