"""Bands of expected limits: what experiments without signal would find, of uncertain strength."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincc, ndtr

from na62dump.inference.statistics.laws import CODES
from na62dump.inference.statistics.laws import probabilities as fill
from na62dump.inference.statistics.quantiles import count_quantiles
from na62dump.inference.statistics.upper_limits import upper_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.inference.settings import Inference, Prior

    Floats = NDArray[np.float64]

TAIL = 1e-6
"""Probability of counts that are left out, above and below."""

MOST = 100
"""Most counts of one background that are taken singly; more are taken in as many groups of neighbours."""

NODES = 33
"""Most relative uncertainties of one background at which bands are solved; between these their logarithm is interpolated."""

CLOSE = 1e-7
"""Accuracy of a band, in its logarithm."""

CERTAIN = 1e-5
"""A smaller relative uncertainty of the signal counts as this in bands: its density would lose its digits."""


def bands(
    background: Floats, uncertainty: Floats, *, relative: Floats, widths: tuple[float, ...], settings: Inference
) -> Floats:
    """Quantiles of the limits that background alone gives, in events of the nominal signal.

    A pseudo-experiment has a count n of the background, of probability P(n), and a signal that is x times the nominal one,
    where x follows the density of its uncertainty. Its limit on the nominal signal is L = s_up(n) / x, so that
    P(L <= l) = sum over n of P(n) P(x >= s_up(n) / l). The band of z standard deviations is where this is Phi(z). With
    0.01 expected events nearly all counts are 0, and what width there is comes from x.

    Parameters
    ----------
    background, uncertainty : float64[m], counts
        Expected background and its uncertainty.
    relative : float64[m, c]
        Relative uncertainty of the signal, pure numbers.
    widths : tuple of float
        Standard deviations z.
    settings : Inference
        Method, level and densities.

    Returns
    -------
    float64[width, m, c], counts
        Limits.
    """
    pairs, places = np.unique(np.stack([background, uncertainty]), axis=1, return_inverse=True)
    counts, probabilities = _outcomes(pairs, settings.priors.background)
    nodes = _nodes(relative)
    found = upper_limits(
        counts[:, None, :],
        pairs[0][:, None, None],
        uncertainty=pairs[1][:, None, None],
        relative=nodes[None, :, None],
        method=settings.method,
        confidence=settings.confidence,
        priors=settings.priors,
    )
    scores = np.array(widths, dtype=np.float64)
    solved = _quantiles(np.log(found), probabilities[:, None, :], nodes[:, None], scores, prior=settings.priors.signal)
    rows = zip(relative, places.ravel(), strict=True)
    return np.asarray(
        np.exp(np.stack([[np.interp(row, nodes, of[place]) for of in solved] for row, place in rows], axis=1))
    )


def _outcomes(pairs: Floats, prior: Prior) -> tuple[NDArray[np.int64], Floats]:
    """Counts and their probabilities, [pair, n], of backgrounds and uncertainties, float64[2, pair]; filled up with impossible ones."""
    ends = count_quantiles(*pairs[:, :, None], prior=prior, at=np.array([TAIL, 1 - TAIL]))
    every = [_grouped(*_likely(*pair, *span, prior=prior)) for pair, span in zip(pairs.T.tolist(), ends, strict=True)]
    longest = max(len(counts) for counts, _ in every)
    padded = [np.pad(counts, (0, longest - len(counts)), mode="edge") for counts, _ in every]
    return np.array(padded), np.array([np.pad(shares, (0, longest - len(shares))) for _, shares in every])


def _likely(
    background: float, uncertainty: float, low: int, high: int, *, prior: Prior
) -> tuple[NDArray[np.int64], Floats]:
    """Counts from one to another, int64[n], and their probabilities, float64[n], which add up to 1."""
    found = np.empty(high + 1)
    fill(CODES[prior], background, uncertainty, found)
    return np.arange(low, high + 1), found[low:] / found[low:].sum()


def _grouped(counts: NDArray[np.int64], probabilities: Floats) -> tuple[NDArray[np.int64], Floats]:
    """At most `MOST` groups of neighbouring counts [n], each with the count in its middle and the probability of all."""
    edges = np.unique(np.linspace(0, len(counts), min(len(counts), MOST) + 1).astype(np.int64))
    return counts[(edges[:-1] + edges[1:] - 1) // 2], np.add.reduceat(probabilities, edges[:-1])


def _nodes(relative: Floats) -> Floats:
    distinct = np.unique(relative)
    return distinct if distinct.size <= NODES else np.linspace(distinct[0], distinct[-1], NODES)


def _quantiles(logarithms: Floats, probabilities: Floats, relative: Floats, scores: Floats, *, prior: Prior) -> Floats:
    """Logarithms of limits, float64[width, pair, node], below which is the probability of each score, from those of s_up, float64[pair, node, n].

    By bisection: these probabilities rise with the limit, in steps where the signal is all but certain.
    """
    reach = 1.0 + np.max(np.abs(scores)) * (1 + relative.max())
    low = np.broadcast_to(logarithms.min(axis=-1) - reach, (len(scores), *logarithms.shape[:-1]))
    high = np.broadcast_to(logarithms.max(axis=-1) + reach, low.shape)
    wanted = ndtr(scores)[:, None, None]
    for _ in range(math.ceil(math.log2(np.max(high - low) / CLOSE))):
        middle = (low + high) / 2
        strength = np.exp(logarithms - middle[..., None])
        reached = (probabilities * _exceeding(strength, relative, prior=prior)).sum(axis=-1) >= wanted
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def _exceeding(ratio: Floats, relative: Floats, *, prior: Prior) -> Floats:
    """Probability that the strength of the signal is at least a ratio, pure numbers; its mean is 1."""
    some = np.maximum(relative, CERTAIN)
    if prior == "gamma":
        shape = some**-2
        found = gammaincc(shape, shape * ratio)
    elif prior == "lognormal":
        width = np.sqrt(np.log1p(some**2))
        found = ndtr(-np.log(ratio) / width - width / 2)
    else:
        found = ndtr((1 - ratio) / some) / ndtr(1 / some)
    return np.asarray(found)
