"""Accidental and prompt pairs, told apart by the time difference of their tracks.

The density in a window is n_a a(t) + n_p g(t): a is flat unless a shape is given, g a Gaussian around 0, each with integral 1 over the
window. At the maximum of the extended likelihood exp(-n_a - n_p) prod_i (n_a a_i + n_p g_i) (Barlow, Nucl. Instrum. Meth. A 297
(1990) 496) n_a + n_p is the number n of pairs, and what is left to find is the fraction f = n_p / n, in which the likelihood is
concave.

The upper limit is Bayesian, with a prior that is flat in n_a >= 0 and n_p >= 0: unlike a likelihood ratio it holds for a handful of
pairs, and it is -ln 0.1 for none. In N = n_a + n_p and f the posterior is a gamma distribution, N^(n + 1) exp(-N), times
prod_i (a_i + f (g_i - a_i)), so one integral over f is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import integrate, optimize, special

from na62dump.background.limits import CONFIDENCE
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Shape = Callable[[NDArray[np.float64]], NDArray[np.float64]]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(100)
"""Points of the integral over the fraction, and their weights; between -1 and 1."""

DEPTH = 40.0
"""Logarithm of the likelihood below its maximum from where on the integral has nothing left."""

ACCURACY = 1e-12
"""Of the fraction that fits best."""


class Window(NamedTuple):
    """What is known of time differences before any is seen.

    Attributes
    ----------
    width : float, ns
        Full width of the window, which is centred at 0.
    resolution : float, ns
        Width of the Gaussian of prompt pairs.
    shape : callable or None
        Acceptance of accidental pairs over t in ns, float64[n] to float64[n], pure numbers up to a factor; None if flat.
    """

    width: float
    resolution: float
    shape: Shape | None = None


@dataclass(frozen=True)
class Fit:
    """Numbers of pairs in the window.

    Attributes
    ----------
    accidental, prompt : float, pairs
        Those that fit best; the prompt number is negative where there are less pairs in the middle than accidental ones make.
    covariance : float64[2, 2], pairs squared
        Of the two, in this order: the inverse of the observed information.
    limit : float, pairs
        Upper limit at 90% on the prompt number, Bayesian with a flat prior.
    """

    accidental: float
    prompt: float
    covariance: NDArray[np.float64]
    limit: float

    @property
    def uncertainties(self) -> NDArray[np.float64]:
        """Of the accidental and the prompt number: float64[2], pairs."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


class Ratio(NamedTuple):
    """Prompt pairs after a veto over those before it; pure numbers.

    Attributes
    ----------
    value, uncertainty : float
        The ratio and its statistical uncertainty.
    limit : float
        The upper limit at 90% on what is left, over the number before.
    """

    value: float
    uncertainty: float
    limit: float


def fit(dt: NDArray[np.float64], window: Window) -> Fit:
    """Numbers of accidental and prompt pairs by maximum likelihood, extended and unbinned.

    Parameters
    ----------
    dt : float64[pair], ns
        Time differences within the window.
    window : Window
        In ns.

    Returns
    -------
    Fit
        In pairs, the same in any order of the differences. Without any the numbers and their covariance are 0, and the limit stands.

    Raises
    ------
    ConfigurationError
        If a time difference is outside of the window, a width makes no sense, or the shape is not above 0 where a pair is.
    """
    _check(window)
    if not np.all(np.abs(dt) <= window.width / 2.0):
        bad = dt[~(np.abs(dt) <= window.width / 2.0)][0]
        msg = f"a time difference of {bad:g} ns is outside of a window of full width {window.width:g} ns: cut before the fit"
        raise ConfigurationError(msg)
    area, inside = _accidental(window, window.width), _prompt(window, window.width)
    at = np.append(np.sort(dt), 0.0)
    shape = _shape(window, at)
    flat, peak = shape / area, _gaussian(window, at) / inside
    good = (shape > 0.0) & (flat > 0.0) & np.isfinite(flat)
    if not np.all(good):
        bad = at[~good][0]
        msg = f"the shape of accidental pairs is not above 0 at {bad:g} ns: it must be where there is a pair, and at 0"
        raise ConfigurationError(msg)
    if not peak[-1] > flat[-1]:
        msg = f"a resolution of {window.resolution:g} ns makes no peak in a window of {window.width:g} ns: take a wider window"
        raise ConfigurationError(msg)
    above = peak > flat
    least = -float(np.min(flat[above] / (peak[above] - flat[above])))
    flat, peak = flat[:-1], peak[:-1]
    fraction = _best(flat, peak, least=least)
    prompt = fraction * len(dt)
    return Fit(
        accidental=len(dt) - prompt,
        prompt=prompt,
        covariance=_covariance(flat, peak, fraction=fraction),
        limit=_limit(flat, peak),
    )


def ratio(before: Fit, after: Fit) -> Ratio:
    """What a veto leaves of the prompt pairs.

    Parameters
    ----------
    before, after : Fit
        Of all pairs, and of those that are not vetoed; these are among the former.

    Returns
    -------
    Ratio
        Pairs that are left and pairs that are vetoed fluctuate independently, so that the covariance of the two numbers is the
        variance of the smaller one.

    Raises
    ------
    ConfigurationError
        If there are no prompt pairs before the veto.
    """
    if not before.prompt > 0.0:
        msg = f"there are {before.prompt:g} prompt pairs before the veto: a ratio needs some"
        raise ConfigurationError(msg)
    value = after.prompt / before.prompt
    left, total = after.covariance[1, 1], before.covariance[1, 1]
    vetoed = max(total - left, 0.0)
    variance = (1.0 - value) ** 2 * left + value**2 * vetoed
    return Ratio(value, math.sqrt(variance) / before.prompt, after.limit / before.prompt)


def _shape(window: Window, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Acceptance of accidental pairs, float64[n], a pure number, not normalised."""
    return np.ones_like(t) if window.shape is None else np.asarray(window.shape(t), dtype=np.float64)


def _accidental(window: Window, width: float) -> float:
    """Integral of the acceptance over a full width, ns."""

    def at(t: float) -> float:
        return float(_shape(window, np.array([t]))[0])

    return float(sum(integrate.quad(at, *ends)[0] for ends in ((-width / 2.0, 0.0), (0.0, width / 2.0))))


def _gaussian(window: Window, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density of all prompt pairs, float64[n], 1/ns."""
    return np.asarray(np.exp(-((t / window.resolution) ** 2) / 2.0) / (window.resolution * math.sqrt(2.0 * math.pi)))


def _prompt(window: Window, width: float) -> float:
    """Fraction of all prompt pairs in a full width (ns)."""
    return math.erf(width / 2.0 / window.resolution / math.sqrt(2.0))


def _best(flat: NDArray[np.float64], peak: NDArray[np.float64], *, least: float) -> float:
    """Fraction of prompt pairs, not below the least one, with the largest likelihood, from densities float64[pair] in 1/ns."""
    apart = peak - flat

    def slope(fraction: float) -> float:
        return float(np.sum(apart / (flat + fraction * apart)))

    if not len(flat):
        return 0.0
    low, high = least * (1.0 - ACCURACY), 1.0 - ACCURACY
    if slope(low) <= 0.0:
        return low
    if slope(high) >= 0.0:
        return high
    return float(optimize.brentq(slope, low, high, xtol=ACCURACY))


def _covariance(flat: NDArray[np.float64], peak: NDArray[np.float64], *, fraction: float) -> NDArray[np.float64]:
    """Inverse of the observed information: float64[2, 2], pairs squared, from densities float64[pair] in 1/ns."""
    if not len(flat):
        return np.zeros((2, 2))
    each = np.stack([flat, peak]) / (len(flat) * (flat + fraction * (peak - flat)))
    return np.asarray(np.linalg.pinv(each @ each.T, hermitian=True))


def _limit(flat: NDArray[np.float64], peak: NDArray[np.float64]) -> float:
    """Upper limit on the prompt number, pairs, from densities float64[pair] in 1/ns."""
    best = max(_best(flat, peak, least=0.0), 0.0)

    def height(fraction: float) -> float:
        return float(np.sum(np.log((flat + fraction * (peak - flat)) / (flat + best * (peak - flat)))))

    def end(limit: float) -> float:
        """Where the likelihood is too small to count, between the best fraction and a limit."""
        return limit if height(limit) > -DEPTH else float(optimize.brentq(lambda f: height(f) + DEPTH, best, limit))

    low, high = end(0.0), end(1.0 - ACCURACY)
    fractions = (low + high) / 2.0 + (high - low) / 2.0 * NODES
    share = WEIGHTS * np.exp([height(fraction) for fraction in fractions])
    share /= share.sum()

    def beyond(number: float) -> float:
        return float(share @ special.gammaincc(len(flat) + 2, number / fractions)) - (1.0 - CONFIDENCE)

    highest = (len(flat) + 2.0) * 2.0 + DEPTH
    return float(optimize.brentq(beyond, 0.0, highest, xtol=ACCURACY * highest))


def _check(window: Window) -> None:
    """Refuse widths that make no window."""
    if not (0.0 < window.width < math.inf and 0.0 < window.resolution < math.inf):
        msg = (
            f"a window of {window.width:g} ns and a resolution of {window.resolution:g} ns: both are finite and above 0"
        )
        raise ConfigurationError(msg)
