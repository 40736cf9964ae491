"""How well an observed count goes with an expected one."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from scipy.special import ndtri

from na62dump.errors import ConfigurationError
from na62dump.inference.statistics.marginal import Marginal, check, first, marginal

TIE = 1e-7
"""Two counts are equally probable if their probabilities differ by less than this fraction, as in R's poisson.test."""


@dataclass(frozen=True)
class Compatibility:
    """One region: a count against an expectation.

    Attributes
    ----------
    observed : int
        Counts seen.
    expected, uncertainty : float, counts
        Gaussian of the expectation, cut off at 0.
    p_n : float
        Probability of at least as many as observed.
    p_l : float
        Probability of all counts that are at most as probable as the observed one.
    """

    observed: int
    expected: float
    uncertainty: float
    p_n: float
    p_l: float

    @property
    def significance(self) -> float:
        """Standard deviations of an excess, two-sided."""
        return significance(self.p_n)

    @property
    def one_sided(self) -> float:
        """Standard deviations of an excess, one-sided."""
        return significance(self.p_n, sides=1)


def whole(count: float) -> int:
    """A count as a whole number.

    Parameters
    ----------
    count : float
        What was counted.

    Returns
    -------
    int
        The same number.

    Raises
    ------
    ConfigurationError
        If it is not whole, negative, or above `LARGEST`.
    """
    check(count, what="observed number")
    if int(count) != count:
        msg = f"observed number {count!r}: it has to be a whole number; give what was counted"
        raise ConfigurationError(msg)
    return int(count)


def significance(p: float, *, sides: int = 2) -> float:
    """Standard deviations of a p-value: Z with P(|x| > Z) = p, or P(x > Z) = p if one-sided, of a normal x.

    The published 1.59% of one event in the signal region are 2.4 standard deviations two-sided (NA62, arXiv:2303.08666),
    and would be 2.15 one-sided.

    Parameters
    ----------
    p : float
        Probability.
    sides : int
        1 or 2.

    Returns
    -------
    float
        0 where there is no excess; p-values below the smallest number that the machine knows count as that number.
    """
    return max(0.0, -float(ndtri(max(p, sys.float_info.min) / sides)))


def compare(observed: int, expected: float, *, uncertainty: float = 0.0) -> Compatibility:
    """p-values of one count: p_N = P(n >= observed) and p_L = sum of the P(n) <= P(observed).

    P is a Poisson probability averaged over a Gaussian of the expectation (the p-values of NA62, arXiv:2303.08666, table 2:
    26.3 +- 3.4 expected and 28 observed give 0.41 and 0.74). It has one maximum (`Marginal`), so p_L is the sum of two
    tails, each to its end: nothing is left out.

    Parameters
    ----------
    observed : int
        Counts seen.
    expected : float, counts
        Mean of the Gaussian.
    uncertainty : float, counts
        Its standard deviation.

    Returns
    -------
    Compatibility
        Exact to 1e-6, to 1e-9 up to 1e4 counts, and to 1e-12 up to 1000.

    Raises
    ------
    ConfigurationError
        If a number is negative, not finite or too large, or the observed one is no whole number.
    """
    count, law = whole(observed), marginal(expected, uncertainty)
    return Compatibility(count, expected, uncertainty, law.at_least(count), _p_l(law, count))


def _p_l(law: Marginal, observed: int) -> float:
    limit = law.log_probability(observed) + TIE
    mode = law.mode()
    above = first(lambda n: law.log_probability(n) <= limit, start=mode)
    below = first(lambda n: n >= mode or law.log_probability(n) > limit, start=0)
    return min(law.at_most(below - 1) + law.at_least(above), 1.0)
