"""Counts whose expectation is uncertain: Poisson numbers, averaged over a Gaussian that is cut off at 0."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln, logsumexp, xlogy

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WIDTHS = 9
"""The Gaussian ends so many standard deviations from its mean; what is beyond weighs 2e-19."""

NODES = 12
"""Points of the Gauss-Legendre rule in each piece of the integral."""

NARROW = 1e-8
"""A relative uncertainty below this changes no probability by more than 1e-9, and its integral would lose its digits."""

POINTS, SHARES = np.polynomial.legendre.leggauss(NODES)

LARGEST = 1e7
"""Expectations and counts up to here keep their digits: logarithms of probabilities are differences of numbers 16 times as large."""


@dataclass(frozen=True, eq=False)
class Marginal:
    """Distribution of a count n: m(n) = sum of weight * Poisson(n | rate).

    m rises up to one most probable count and falls after it. With g the density of the rates, integration by parts gives
    m(n+1) - m(n) = integral of g'(rate) Poisson(n+1 | rate), whose sign is that of (expected - mean rate given n+1), and
    this mean grows with n (more generally: Holgate, Biometrika 57 (1970) 666).

    Attributes
    ----------
    rates : float64[node], counts
        Expectations, above 0 unless nothing at all is expected.
    weights : float64[node]
        Probability of each; they add up to 1.
    """

    rates: NDArray[np.float64]
    weights: NDArray[np.float64]

    def log_probability(self, count: int) -> float:
        """Logarithm of m(count)."""
        return float(logsumexp(log_poisson(np.array([count]), self.rates)[:, 0], b=self.weights))

    def probabilities(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Probability m(n) of each of some counts.

        Parameters
        ----------
        counts : int64[n]
            The counts.

        Returns
        -------
        float64[n]
            Probabilities.
        """
        return np.asarray(self.weights @ np.exp(log_poisson(counts, self.rates)))

    def at_least(self, count: int) -> float:
        """Probability of so many or more."""
        return min(float(self.weights @ gammainc(count, self.rates)), 1.0) if count > 0 else 1.0

    def at_most(self, count: int) -> float:
        """Probability of so many or fewer."""
        return min(float(self.weights @ gammaincc(count + 1, self.rates)), 1.0) if count >= 0 else 0.0

    def mode(self) -> int:
        """Most probable count; the smallest, if several are equally probable."""
        return first(lambda n: self.log_probability(n + 1) <= self.log_probability(n), start=0)


def marginal(expected: float, uncertainty: float = 0.0) -> Marginal:
    """Distribution of a count with an uncertain expectation.

    The integral is done in the root of the rate, where a Poisson probability is everywhere half a unit wide; a piece of it
    is as long as two standard deviations of what is narrower, Poisson or Gaussian.

    Parameters
    ----------
    expected : float, counts
        Mean of the Gaussian before it is cut off at 0.
    uncertainty : float, counts
        Its standard deviation; 0 leaves a plain Poisson distribution.

    Returns
    -------
    Marginal
        Its probabilities are exact to 1e-6, to 1e-9 up to 1e4 counts, and to 1e-12 up to 1000.

    Raises
    ------
    ConfigurationError
        If a number is negative, not finite, or above `LARGEST`.
    """
    check(expected, what="expected number")
    check(uncertainty, what="uncertainty")
    if uncertainty <= NARROW * max(expected, NARROW):
        return Marginal(np.array([expected], dtype=np.float64), np.ones(1))
    low, high = max(0.0, expected - WIDTHS * uncertainty), expected + WIDTHS * uncertainty
    edges = math.sqrt(low), math.sqrt(high)
    pieces = math.ceil(max((high - low) / (2 * uncertainty), edges[1] - edges[0]))
    length = (edges[1] - edges[0]) / pieces
    roots = (edges[0] + length * (np.arange(pieces)[:, None] + (POINTS + 1) / 2)).ravel()
    densities = 2 * roots * np.exp(-(((roots**2 - expected) / uncertainty) ** 2) / 2) * np.tile(SHARES, pieces)
    return Marginal(roots**2, densities / densities.sum())


def log_poisson(counts: NDArray[np.int64], rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of Poisson probabilities.

    Parameters
    ----------
    counts : int64[n]
        Counts.
    rates : float64[node], counts
        Expectations.

    Returns
    -------
    float64[node, n]
        ln of the probability of each count for each rate.
    """
    return np.asarray(xlogy(counts, rates[:, None]) - rates[:, None] - gammaln(counts + 1))


def first(true: Callable[[int], bool], *, start: int) -> int:
    """Smallest whole number from `start` on for which a statement is true that stays true once it is."""
    reach = 1
    while not true(start + reach):
        reach *= 2
    return start + bisect_left(range(start, start + reach), 1, key=true)


def check(value: float, *, what: str) -> None:
    """Refuse what is neither an expectation nor an uncertainty nor a count.

    Parameters
    ----------
    value : float, counts
        The number.
    what : str
        What it is, for the message.

    Raises
    ------
    ConfigurationError
        If it is negative, not finite, or above `LARGEST`.
    """
    if not 0 <= value <= LARGEST:
        msg = f"{what} {value:g}: it has to be a number from 0 to {LARGEST:g}; correct it"
        raise ConfigurationError(msg)
