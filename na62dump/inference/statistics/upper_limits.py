"""Upper limits on a signal beside an uncertain background."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast, get_args

import numpy as np
from scipy.special import ndtri

from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.inference.settings import Method, check_level
from na62dump.inference.statistics.crossings import cls_limits
from na62dump.inference.statistics.feldman_cousins import intervals
from na62dump.inference.statistics.inputs import Inputs, inputs
from na62dump.inference.statistics.laws import CODES

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from na62dump.inference.settings import Prior, Priors


def upper_limits(
    observed: ArrayLike,
    background: ArrayLike,
    *,
    uncertainty: ArrayLike = 0.0,
    relative: ArrayLike = 0.0,
    method: Method,
    confidence: float,
    priors: Priors,
) -> NDArray[np.float64]:
    """Upper limits on the expected signal; all arrays are broadcast against each other.

    Poisson probabilities are averaged over the density of the background and over that of the signal (Cousins and Highland,
    NIM A 320 (1992) 331), with S(k | s) of k signal counts and B(j) of at most j background counts.

    ``"cls"``: sum over k <= n of S(k | s) B(n - k) / B(n) is 1 - confidence (Read, J. Phys. G 28 (2002) 2693; Zech, NIM A 277
    (1989) 608). ``"bayesian"``: density of the signal flat above 0. Its integral beyond s is the same sum, with S averaged over
    the density of the signal's factor x times 1/x: a gamma density of relative width r becomes another of mean 1 - r^2, and a
    log-normal one the same at 1 / (1 + r^2). Without an uncertainty of the signal it is CLs. ``"feldman-cousins"``: upper end
    of the interval of `feldman_cousins.intervals`.

    Parameters
    ----------
    observed : int[point]
        Counts seen.
    background, uncertainty : float[point], counts
        Expected background, and the width of its density.
    relative : float[point]
        Width of the density of the signal's factor, whose mean is 1; a pure number.
    method : str
        A name of `settings.Method`.
    confidence : float
        Level, such as 0.9.
    priors : Priors
        Densities of background and signal.

    Returns
    -------
    float64[point], counts
        Expected signal that is excluded, and more of it with it.

    Raises
    ------
    UnknownNameError
        If there is no such method.
    ConfigurationError
        If a number cannot be, the method has no limit for it, or the prior leaves no method a limit.
    """
    check_level(confidence)
    named(method)
    if method == "feldman-cousins":
        _, above = intervals(
            observed, background, uncertainty=uncertainty, relative=relative, confidence=confidence, priors=priors
        )
        return above
    shape, flat = inputs(observed, background, uncertainty=uncertainty, relative=relative, prior=priors.background)
    if method == "cls":
        return _cls(flat, confidence=confidence, priors=priors).reshape(shape)
    scale, weighted = _weighted(flat.relative, priors.signal)
    return (_cls(flat._replace(relative=weighted), confidence=confidence, priors=priors) / scale).reshape(shape)


def named(method: str) -> Method:
    """Method of a name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    for known in get_args(Method):
        if method == known:
            return cast("Method", known)
    msg = f"no method of limits '{method}'; {nearest(method, get_args(Method))}"
    raise UnknownNameError(msg)


def _cls(given: Inputs, *, confidence: float, priors: Priors) -> NDArray[np.float64]:
    found = np.empty(given.observed.size)
    if found.size:
        allowed = math.log1p(-confidence)
        cls_limits(*given, CODES[priors.background], CODES[priors.signal], allowed, float(ndtri(confidence)), found)
    bad = ~np.isfinite(found)
    if bad.any():
        msg = (
            f"no finite limit for the relative uncertainty {given.relative[bad][0]:g} of the signal at the confidence level "
            f"{confidence:g}: a signal of any size may have made nothing; take a smaller one"
        )
        raise ConfigurationError(msg)
    return found


def _weighted(relative: NDArray[np.float64], prior: Prior) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean, and width over mean, of a density times 1/x."""
    squared = relative**2
    if prior == "lognormal":
        return 1 / (1 + squared), relative
    if prior == "gaussian" and relative.any():
        msg = (
            "no Bayesian limit with a Gaussian uncertainty of the signal: it allows that all signals look alike, so that the "
            "posterior density cannot be normalised; take the prior 'gamma' or 'lognormal' for the signal, or the method 'cls'"
        )
        raise ConfigurationError(msg)
    if not (squared < 1).all():
        msg = (
            f"no Bayesian limit with the relative uncertainty {relative.max():g} of the signal: a gamma density that wide allows "
            "that all signals look alike; it has to be below 1; take the prior 'lognormal', or the method 'cls'"
        )
        raise ConfigurationError(msg)
    return 1 - squared, np.sqrt(squared / (1 - squared))
