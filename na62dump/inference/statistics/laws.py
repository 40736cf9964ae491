"""Probabilities of counts whose mean is uncertain, in closed form: kernels.

Everywhere below, out float64[n] is to hold the probabilities of 0, 1, ..., n - 1 counts, up to a common factor whose
logarithm is returned: so none of them overflows, and none underflows that matters beside the largest. mean and width are
those of the density that the Poisson probabilities are averaged over, in counts.

A ratio here is that of the probability of k counts to that of k - 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.statistics.marginal import NARROW
from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.inference.settings import Prior

GAMMA, GAUSSIAN, LOGNORMAL = range(3)

CODES: dict[Prior, int] = {"gamma": GAMMA, "gaussian": GAUSSIAN, "lognormal": LOGNORMAL}
"""Numbers that the kernels know the densities by."""

BIG = 1e250
LOG_BIG = math.log(BIG)
ROOT_2, LOG_ROOT_2_PI = math.sqrt(2), math.log(2 * math.pi) / 2

SETTLED = 18.4
"""Half of the logarithm by which an error of the continued fraction has to fall: to 1e-16."""

REACH = 9.0
"""The quadrature of the log-normal density ends so many standard deviations from its centre."""

LARGE = 500.0
"""Below this mean, in counts, the probability of no counts does not underflow."""


@kernel
def probabilities(prior: int, mean: float, width: float, out: NDArray[np.float64]) -> float:
    """Fill out float64[n] with probabilities of counts, pure numbers; return the logarithm of their common factor."""
    if width <= NARROW * mean:
        return poisson(mean, out) + accumulate(out)
    if prior == GAMMA:
        return gamma(mean, width, out) + accumulate(out)
    if prior == GAUSSIAN:
        return gaussian(mean, width, out) + accumulate(out)
    return lognormal(mean, width, out)


@kernel
def accumulate(out: NDArray[np.float64]) -> float:
    """Make probabilities of the ratios in out float64[n], pure numbers: the first is 1 over the returned factor."""
    shift = 0.0
    out[0] = 1.0
    for k in range(1, out.size):
        out[k] *= out[k - 1]
        if out[k] > BIG:
            out[: k + 1] /= BIG
            shift += LOG_BIG
    return shift


@kernel
def poisson(mean: float, out: NDArray[np.float64]) -> float:
    """Ratios of a known mean into out float64[n], pure numbers; return the logarithm of the probability of 0 counts."""
    for k in range(1, out.size):
        out[k] = mean / k
    return -mean


@kernel
def gamma(mean: float, width: float, out: NDArray[np.float64]) -> float:
    """Ratios for a gamma density into out float64[n], pure numbers: a negative binomial distribution."""
    shape = (mean / width) ** 2
    share = mean / (shape + mean)
    for k in range(1, out.size):
        out[k] = (shape + k - 1) / k * share
    return -shape * math.log1p(mean / shape)


@kernel
def gaussian(mean: float, width: float, out: NDArray[np.float64]) -> float:
    """Ratios for a Gaussian that is cut off at 0 into out float64[n], pure numbers.

    With g the density and m = mean - width^2, partial integration gives k P(k) = m P(k-1) + width^2 P(k-2), where P(-1) stands
    for g(0): ratios follow upwards. They lose digits where m < 0, as exp(2 |m| sqrt(k) / width); there the same equation is a
    continued fraction downwards, all of whose terms are positive, and which forgets its beginning as fast.
    """
    variance = width * width
    centre = mean - variance
    z = centre / width
    above = math.log(math.erfc(-mean / width / ROOT_2) / 2)
    if z * math.sqrt(out.size) > -1.0:
        share = math.erfc(-z / ROOT_2) / 2
        ratio = width * (z + math.exp(-z * z / 2 - LOG_ROOT_2_PI) / share)
        for k in range(1, out.size):
            out[k] = ratio
            ratio = (centre + variance / ratio) / (k + 1)
        return variance / 2 - mean + math.log(share) - above
    last = int((math.sqrt(out.size) - SETTLED / z) ** 2) + 1
    ratio = (math.sqrt(centre * centre + 4 * last * variance) + centre) / (2 * last)
    for k in range(last - 1, 0, -1):
        ratio = variance / ((k + 1) * ratio - centre)
        if k < out.size:
            out[k] = ratio
    density = -((mean / width) ** 2) / 2 - math.log(width) - LOG_ROOT_2_PI
    return math.log(variance / (ratio - centre)) + density - above


@kernel
def lognormal(mean: float, width: float, out: NDArray[np.float64]) -> float:
    """Probabilities for a log-normal density into out float64[n], pure numbers, by the trapezoidal rule in the logarithm.

    Its error falls exponentially with the step (Trefethen and Weideman, SIAM Review 56 (2014) 385): the integrand is a Gaussian
    times a Poisson probability, which is as narrow as 1/sqrt(n) in the logarithm of the mean.
    """
    spread = math.log1p((width / mean) ** 2)
    sigma, top = math.sqrt(spread), out.size - 1
    step = 1 / math.sqrt(16 + (16 + 4 * top) * spread)
    nodes = int(REACH / step)
    lowest, growth = mean * math.exp(-sigma * nodes * step - spread / 2), math.exp(sigma * step)
    largest = 0.0
    if mean > LARGE:
        largest, rate = -np.inf, lowest
        for node in range(-nodes, nodes + 1):
            k = min(top, int(min(rate, top)))
            largest = max(largest, k * math.log(rate) - rate - math.lgamma(k + 1.0) - (node * step) ** 2 / 2)
            rate *= growth
    out[:] = 0.0
    rate = lowest
    for node in range(-nodes, nodes + 1):
        shift = -rate - (node * step) ** 2 / 2 - largest
        term, factor = 1.0, math.exp(shift)
        for k in range(out.size):
            out[k] += term * factor
            term *= rate / (k + 1)
            if term > BIG:
                term /= BIG
                shift += LOG_BIG
                factor = math.exp(shift)
        rate *= growth
    return largest + math.log(step) - LOG_ROOT_2_PI
