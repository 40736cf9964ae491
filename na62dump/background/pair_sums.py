"""Sums over pairs that share tracks, and their covariance.

With n tracks in each list there are n^2 pairs, but no more to learn than n tracks hold. Let the two lists be independent Poisson
processes with intensities a and b, and S = sum_ij h(x_i, y_j). By Campbell's theorem (Kingman, Poisson Processes, 1993, section
3.2) E S = int h da db and

    Var S = int (int h db)^2 da + int (int h da)^2 db + int h^2 da db,

the decomposition of Hoeffding (Ann. Math. Stat. 19 (1948) 293) without the term of a fixed sample size. As
E sum_i (sum_j h)^2 = int (int h db)^2 da + int h^2 da db, likewise for j, and E sum_ij h^2 = int h^2 da db,

    sum_i r_i^2 + sum_j c_j^2 - sum_ij h_ij^2,   r_i = sum_j h_ij,   c_j = sum_i h_ij,

is an unbiased estimate of Var S. Of pairs i < j within one list,

    Var S = int (int h da)^2 da + int h^2 da da / 2,   estimated by   sum_i r_i^2 - sum_{i<j} h_ij^2,

where r_i is the sum over all pairs of track i. Covariances of two regions have products of two in place of squares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PairSums(NamedTuple):
    """Sums of weights of pairs.

    Attributes
    ----------
    expected : float64[region]
        In the unit of the weights, such as rows.
    covariance : float64[region, region]
        In that unit squared. An unbiased estimate from few tracks can have negative eigenvalues; no sum of regions has a
        negative variance.
    """

    expected: NDArray[np.float64]
    covariance: NDArray[np.float64]


def pair_sums(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    *,
    region: NDArray[np.int64],
    weight: NDArray[np.float64],
    regions: int,
    one_list: bool = False,
) -> PairSums:
    """Sums of the weights of pairs, and the covariance that comes from finite numbers of tracks.

    Parameters
    ----------
    first, second : int64[pair]
        Indices of the two tracks, unique over all bursts.
    region : int64[pair]
        Index of the pair's region.
    weight : float64[pair]
        In any unit; none negative.
    regions : int
        Their number.
    one_list : bool
        Whether both indices count the same tracks; if not, the two lists have nothing in common.

    Returns
    -------
    PairSums
        In the unit of the weights; the same, bit for bit, in whatever order the pairs come.

    Raises
    ------
    ConfigurationError
        If a region is not one of these, or a weight is negative or not finite.
    """
    _check(region, weight, regions=regions)
    if one_list:
        first, second = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((weight, region, second, first))
    first, second, region, weight = first[order], second[order], region[order], weight[order]
    pair = np.cumsum(np.append(True, (np.diff(first) != 0) | (np.diff(second) != 0)))[: len(first)]
    squares = -_squares(pair, region, weight=weight, regions=regions)
    if one_list:
        both, twice = np.concatenate([first, second]), np.tile(np.arange(len(first)), 2)
        squares += _squares(both, region[twice], weight=weight[twice], regions=regions)
    else:
        squares += _squares(first, region, weight=weight, regions=regions)
        squares += _squares(second, region, weight=weight, regions=regions)
    expected = np.bincount(region, weights=weight, minlength=regions)
    return PairSums(expected.astype(np.float64), squares)


def delete_a_burst(
    burst: NDArray[np.int64],
    region: NDArray[np.int64],
    *,
    weight: NDArray[np.float64],
    regions: int,
    bursts: int,
) -> PairSums:
    """The same sums, with the covariance of the jackknife that leaves out one burst at a time.

    Var S = B / (B - 1) sum_b (S_b - S / B)^2 (Efron and Stein, Ann. Stat. 9 (1981) 586, for a sum over B bursts). It is larger
    than that of `pair_sums` where bursts differ in intensity by more than chance.

    Parameters
    ----------
    burst : int64[pair]
        Index of the burst of a pair.
    region : int64[pair]
        Index of its region.
    weight : float64[pair]
        In any unit; none negative.
    regions, bursts : int
        Their numbers; bursts without a pair count.

    Returns
    -------
    PairSums
        In the unit of the weights; the same, bit for bit, in whatever order the pairs come.

    Raises
    ------
    ConfigurationError
        If there are fewer than two bursts, a burst or region is not one of these, or a weight is negative or not finite.
    """
    _check(region, weight, regions=regions)
    if bursts < 2 or _outside(burst, bursts):  # noqa: PLR2004 - one burst has no spread
        msg = (
            f"{bursts} bursts, with indices up to {np.max(burst, initial=-1)}: give at least two, and count all of them"
        )
        raise ConfigurationError(msg)
    order = np.lexsort((weight, region, burst))
    burst, region, weight = burst[order], region[order], weight[order]
    each = np.bincount(burst * regions + region, weights=weight, minlength=bursts * regions).reshape(bursts, regions)
    apart = each - each.mean(axis=0)
    return PairSums(each.sum(axis=0), np.einsum("br,bs->rs", apart, apart) * bursts / (bursts - 1))


def _squares(
    group: NDArray[np.int64], region: NDArray[np.int64], *, weight: NDArray[np.float64], regions: int
) -> NDArray[np.float64]:
    """Sum over groups of the products of their sums in two regions: float64[region, region], unit of the weights squared."""
    _, rows = np.unique(group, return_inverse=True)
    sums = sparse.csr_array((weight, (rows, region)), shape=(rows.max(initial=-1) + 1, regions))
    return np.asarray((sums.T @ sums).toarray())


def _outside(index: NDArray[np.int64], number: int) -> bool:
    return bool(np.any((index < 0) | (index >= number)))


def _check(region: NDArray[np.int64], weight: NDArray[np.float64], *, regions: int) -> None:
    """Refuse indices and weights that have no meaning."""
    if _outside(region, regions):
        msg = f"indices of regions are from {region.min()} to {region.max()}, but there are {regions}: give 0 to {regions - 1}"
        raise ConfigurationError(msg)
    if not np.all((weight >= 0.0) & np.isfinite(weight)):
        bad = weight[~((weight >= 0.0) & np.isfinite(weight))][0]
        msg = f"a pair has weight {bad:g}: weights of pairs are finite and not negative"
        raise ConfigurationError(msg)
