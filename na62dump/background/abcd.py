"""Number of rows in one corner of a square of counts, from the other three."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from collections.abc import Callable


class Square(NamedTuple):
    """Rows that pass two requirements (a), fail the first (b), fail the second (c), fail both (d)."""

    a: int
    b: int
    c: int
    d: int


class Corner(NamedTuple):
    """Expected rows and the ends of the interval of 68% CL."""

    expected: float
    low: float
    high: float

    @property
    def uncertainty(self) -> float:
        """Half of the interval, rows."""
        return (self.high - self.low) / 2


def corner(square: Square) -> Corner | None:
    """Expected rows in the first corner: b c / d.

    The interval is that of the profile likelihood of three Poisson numbers of means m_b, m_c and m_b m_c / A: where
    twice its logarithm is one below the maximum (PDG review of statistics, 40.3.2.1). It holds for small numbers, and
    says nothing of how a itself fluctuates. The average of b c / d over experiments is larger than the truth by about 1/d of it.

    Parameters
    ----------
    square : Square
        Numbers of rows; ``a`` does not enter.

    Returns
    -------
    Corner or None
        None if d is 0: the ratio is not defined.
    """
    if square.d == 0:
        return None
    best = square.b * square.c / square.d
    start = max(best, 1 / square.d)  # any number of the right size if the best one is 0
    high = _crossing(square, inside=best, step=lambda outside: 2 * outside, start=2 * start)
    low = _crossing(square, inside=best, step=lambda outside: outside / 2, start=best / 2) if best else 0.0
    return Corner(best, low, high)


def _crossing(square: Square, *, inside: float, step: Callable[[float], float], start: float) -> float:
    """Where the deviance is 1, between its minimum and outwards."""
    outside = start
    while deviance(outside, square) < 1:
        outside = step(outside)
    found = optimize.brentq(lambda a: deviance(a, square) - 1, inside, outside)
    return float(found)


def deviance(expected: float, square: Square) -> float:
    """Twice the logarithm of the likelihood below its maximum, if the first corner expects so many rows.

    With u = m_d, the likelihood is largest for m_b = b + d - u and m_c = c + d - u, where m_b m_c = A u: u is the smaller
    root of u^2 - (b + c + 2d + A) u + (b + d)(c + d) = 0.

    Parameters
    ----------
    expected : float, rows
        The first corner, A.
    square : Square
        Numbers of rows, d above 0.

    Returns
    -------
    float
        0 for b c / d.
    """
    _, b, c, d = square
    total = b + c + 2 * d + expected
    product = (b + d) * (c + d)
    u = 2 * product / (total + np.sqrt(total**2 - 4 * product))
    means = np.maximum([b + d - u, c + d - u, u], 0.0)  # rounding may leave a mean below 0
    return float(2 * special.kl_div([b, c, d], means).sum())
