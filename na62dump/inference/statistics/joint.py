"""How well counts of several regions together go with expected ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.inference.statistics.compatibility import TIE, compare, whole
from na62dump.inference.statistics.marginal import Marginal, first, log_poisson, marginal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TRUNCATED = 1e-8
"""Probability that a joint sum may leave out."""

OUTCOMES, WORK, MEMORY = 2e8, 2e10, 5e7
"""Largest joint sum: outcomes, outcomes times nodes of the integral (a few seconds each), and numbers kept at a time."""

INNER = 2e8
"""Most Poisson probabilities that are averaged over the separate uncertainties (a few seconds)."""

BLOCK = 2**20
"""Cells of a joint sum that are looked at together."""


@dataclass(frozen=True)
class Joint:
    """Several regions together.

    Attributes
    ----------
    observed : tuple of int
        Counts seen in each region.
    expected : tuple of float, counts
        Expectation of each region.
    common : float
        Relative uncertainty that moves all regions together.
    separate : tuple of float, counts
        Uncertainty of each region on its own.
    p_n : float
        Probability of at least as many in all as observed in all.
    p_l : float
        Probability of all outcomes (n_1, n_2, ...) that are at most as probable as the observed one.
    error : float
        Probability of the outcomes that `p_l` left out: the true one lies between `p_l` and ``p_l + error``.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    common: float
    separate: tuple[float, ...]
    p_n: float
    p_l: float
    error: float


def compare_jointly(
    observed: Sequence[int],
    expected: Sequence[float],
    *,
    common: float = 0.0,
    separate: Sequence[float] | None = None,
) -> Joint:
    """p-values of several regions: p_N of their sum, and p_L of their joint probability.

    Joint probability = integral over x ~ Gaussian(1, common), x >= 0, of the product of Poisson(n_i | x b_i), each averaged
    over a Gaussian of width `separate` if there is one. The published p_L = 0.24 of the three rings of the two-muon search
    (1, 1 and 2 observed, 0.29, 0.58 and 1.70 expected) is this one; that of their sum would be 0.34.

    Each region is summed over all counts but tails that together hold less than `TRUNCATED`.

    Parameters
    ----------
    observed : sequence of int
        Counts seen in each region.
    expected : sequence of float, counts
        Expectation of each region, b_i.
    common : float
        Relative uncertainty that moves all regions together.
    separate : sequence of float, counts, optional
        Uncertainty of each region on its own; none if left out.

    Returns
    -------
    Joint
        With the probability that was left out.

    Raises
    ------
    ConfigurationError
        If numbers of regions differ; a number is negative, not finite or too large, or an observed one is no whole number;
        or the sum has too many terms.
    """
    alone = tuple(separate) if separate is not None else (0.0,) * len(expected)
    if not len(observed) == len(expected) == len(alone) or not len(observed):
        msg = f"{len(observed)} observed, {len(expected)} expected numbers and {len(alone)} uncertainties: give one of each for every region"
        raise ConfigurationError(msg)
    seen, total = tuple(map(whole, observed)), math.fsum(expected)
    summed = compare(sum(seen), total, uncertainty=math.hypot(common * total, *alone))
    p_l, error = _joint_p_l(seen, expected, common=common, separate=alone)
    return Joint(seen, tuple(expected), common, alone, summed.p_n, p_l, error)


def _joint_p_l(
    observed: Sequence[int], expected: Sequence[float], *, common: float, separate: Sequence[float]
) -> tuple[float, float]:
    """p_L, and the probability left out."""
    total = math.fsum(expected)
    shared = marginal(total, common * total)
    rates = [np.asarray(shared.rates * (b / total if total else 0.0)) for b in expected]
    tail = TRUNCATED / (2 * len(expected))
    spans = [_span(marginal(b, math.hypot(common * b, s)), tail) for b, s in zip(expected, separate, strict=True)]
    inner = sum(_nodes(b, s) * len(span) for b, s, span in zip(expected, separate, spans, strict=True))
    left, right = _halves([len(span) for span in spans], nodes=len(shared.rates), inner=inner)
    tables = [_given(np.array(span), r, s) for span, r, s in zip(spans, rates, separate, strict=True)]
    seen = [_given(np.array([n]), r, s) for n, r, s in zip(observed, rates, separate, strict=True)]
    limit = float(shared.weights @ _product(seen)[:, 0]) * (1 + TIE)
    rows = (_product([tables[i] for i in left]) * shared.weights[:, None]).T
    columns = _product([tables[i] for i in right]) if right else np.ones((len(shared.rates), 1))
    step = max(BLOCK // columns.shape[1], 1)
    sums = []
    for start in range(0, len(rows), step):
        cells = rows[start : start + step] @ columns
        sums.append((cells[cells <= limit].sum(), cells.sum()))
    unlikely, every = (math.fsum(part) for part in zip(*sums, strict=True))
    return min(unlikely, 1.0), max(1 - every, 0.0)


def _span(law: Marginal, tail: float) -> range:
    """Counts of one region without its two tails."""
    low = first(lambda n: law.at_most(n) > tail, start=0)
    return range(low, first(lambda n: law.at_least(n) <= tail, start=low + 1))


def _given(counts: NDArray[np.int64], rates: NDArray[np.float64], uncertainty: float) -> NDArray[np.float64]:
    """Probability of counts of one region, float64[node, n], given its expectation at each node, counts."""
    if uncertainty == 0:
        return np.asarray(np.exp(log_poisson(counts, rates)))
    return np.array([marginal(float(rate), uncertainty).probabilities(counts) for rate in rates])


def _product(tables: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Probability of all combinations of counts at each node, float64[node, cell]."""
    return reduce(lambda a, b: (a[:, :, None] * b[:, None, :]).reshape(len(a), -1), tables)


def _nodes(expected: float, uncertainty: float) -> int:
    return len(marginal(expected, uncertainty).rates) if uncertainty else 0


def _halves(sizes: Sequence[int], *, nodes: int, inner: int) -> tuple[list[int], list[int]]:
    """Regions in two groups with about as many combinations of counts each; refused if there are too many."""
    groups: tuple[list[int], list[int]] = ([], [])
    cells = [1, 1]
    for region in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        side = int(cells[1] < cells[0])
        groups[side].append(region)
        cells[side] *= sizes[region]
    terms = math.prod(cells)
    if max(terms / OUTCOMES, terms * nodes / WORK, sum(cells) * nodes / MEMORY, inner * nodes / INNER) > 1:
        msg = (
            f"the joint p-value of {len(sizes)} regions would be a sum of {terms:.1e} outcomes at {nodes} expectations, with "
            f"{inner * nodes:.1e} probabilities for separate uncertainties; the largest are {OUTCOMES:.0e} outcomes, {WORK:.0e} "
            f"outcomes times expectations, {INNER:.0e} probabilities: take fewer regions, add some of them up, or leave out "
            "separate uncertainties"
        )
        raise ConfigurationError(msg)
    return groups
