"""Iterative unfolding by Bayes' theorem: what a histogram was before it was smeared.

G. D'Agostini, Nucl. Instrum. Meth. A 362 (1995) 487. The number of iterations is the regularisation: few keep the shape that
one begins with, many follow every fluctuation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Unfolded(NamedTuple):
    """A histogram before it was smeared.

    Attributes
    ----------
    counts : float64[true]
        Entries of each bin, pure numbers.
    covariance : float64[true, true]
        Of these, pure numbers.
    """

    counts: NDArray[np.float64]
    covariance: NDArray[np.float64]


def response(
    true: NDArray[np.int64], measured: NDArray[np.int64], *, weight: NDArray[np.float64], bins: int
) -> NDArray[np.float64]:
    """Probability to be measured in a bin.

    Parameters
    ----------
    true, measured : int64[entry]
        Bins of simulated entries; a measured one outside of 0 to ``bins`` - 1 is lost.
    weight : float64[entry]
        Of the entries, pure numbers.
    bins : int
        Of either.

    Returns
    -------
    float64[measured, true]
        Pure numbers; the sum over the first index is the efficiency. A true bin without entries stays where it is.
    """
    seen = (measured >= 0) & (measured < bins)
    matrix = np.zeros((bins, bins))
    np.add.at(matrix, (measured[seen], true[seen]), weight[seen])
    made = np.bincount(true, weights=weight, minlength=bins)
    return np.where(made > 0, matrix / np.where(made > 0, made, 1.0), np.eye(bins))


def unfold(
    counts: NDArray[np.float64], matrix: NDArray[np.float64], *, iterations: int, flat: bool = False
) -> NDArray[np.float64]:
    """Undo a smearing.

    Parameters
    ----------
    counts : float64[measured]
        Measured entries, pure numbers.
    matrix : float64[measured, true]
        Probabilities, see `response`.
    iterations : int
        How often Bayes' theorem is used; 0 leaves the counts as they are.
    flat : bool
        Whether the first iteration takes all true bins for equally likely, instead of the measured shape.

    Returns
    -------
    float64[true]
        True entries, pure numbers.

    Raises
    ------
    ConfigurationError
        If the shapes do not agree, a count is negative, or the number of iterations is.
    """
    _check(counts, matrix, iterations)
    found = _begin(counts, flat=flat and iterations > 0)
    for _ in range(iterations):
        found = _causes(found, matrix) @ counts
    return found


def unfold_with_covariance(
    counts: NDArray[np.float64],
    matrix: NDArray[np.float64],
    *,
    variance: NDArray[np.float64],
    iterations: int,
    flat: bool = False,
) -> Unfolded:
    """Undo a smearing as `unfold` does, and follow the errors through all iterations.

    T. Adye, PHYSTAT 2011 (arXiv:1105.1160), eq. 7: the derivatives of each iteration include those of its prior. The matrix
    is taken as exact.

    Parameters
    ----------
    counts, matrix, iterations, flat
        As for `unfold`: float64[measured] and float64[measured, true], pure numbers.
    variance : float64[measured]
        Of the counts, pure numbers.

    Returns
    -------
    Unfolded
        The same entries, with their covariance.
    """
    _check(counts, matrix, iterations)
    begins_flat = flat and iterations > 0
    found = _begin(counts, flat=begins_flat)
    jacobian = np.full(matrix.shape, 1.0 / len(counts)) if begins_flat else np.eye(len(counts))
    for _ in range(iterations):
        causes, folded = _causes(found, matrix), matrix @ found
        by_prior = np.diag(_over(causes @ counts, found)) - (causes * _over(counts, folded)) @ matrix
        found, jacobian = causes @ counts, causes + by_prior @ jacobian
    errors = jacobian * np.sqrt(variance)
    return Unfolded(found, errors @ errors.T)


def _begin(counts: NDArray[np.float64], *, flat: bool) -> NDArray[np.float64]:
    return np.full(len(counts), counts.mean()) if flat else counts.astype(np.float64)


def _causes(prior: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bayes' theorem, float64[true, measured]: chance of each true bin for a measured one, over the efficiency."""
    return _over(_over((matrix * prior).T, matrix @ prior), matrix.sum(axis=0)[:, None])


def _over(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ratio; 0 where there is nothing to divide by."""
    return np.asarray(np.divide(above, below, where=below > 0, out=np.zeros(np.broadcast(above, below).shape)))


def _check(counts: NDArray[np.float64], matrix: NDArray[np.float64], iterations: int) -> None:
    if matrix.shape != (len(counts), len(counts)) or not (counts >= 0).all() or iterations < 0:
        msg = (
            f"cannot unfold {len(counts)} counts, the least {counts.min(initial=0.0):g}, with a matrix of shape {matrix.shape} "
            f"in {iterations} iterations: the matrix must be square, with a row for each count, and no number below 0"
        )
        raise ConfigurationError(msg)
