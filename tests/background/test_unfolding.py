from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from na62dump.background.unfolding import response, unfold, unfold_with_covariance
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 20
EDGES = np.linspace(0, 1, BINS + 1)
MIDDLE = (EDGES[1:] + EDGES[:-1]) / 2
TRUE = 600 * norm.pdf(MIDDLE, 0.3, 0.1) + 600 * norm.pdf(MIDDLE, 0.7, 0.08) + 50


def smearing(width: float, efficiency: float = 0.9) -> NDArray[np.float64]:
    """Gaussian response, matrix[measured, true], with losses at the ends."""
    above, below = norm.cdf(EDGES[1:, None], MIDDLE, width), norm.cdf(EDGES[:-1, None], MIDDLE, width)
    return np.asarray(efficiency * (above - below))


MATRIX = smearing(0.05)


def test_the_response_is_what_happens_to_entries() -> None:
    true, measured = np.array([0, 0, 0, 1, 1]), np.array([0, 1, -1, 1, 5])
    matrix = response(true, measured, weight=np.array([1.0, 1.0, 2.0, 1.0, 3.0]), bins=3)
    assert matrix == pytest.approx(np.array([[0.25, 0, 0], [0.25, 0.25, 0], [0, 0, 1]]))


@pytest.mark.parametrize("flat", [False, True])
def test_without_iterations_nothing_changes(flat: bool) -> None:  # noqa: FBT001
    counts = np.arange(BINS, dtype=np.float64)
    found = unfold_with_covariance(counts, MATRIX, variance=counts, iterations=0, flat=flat)
    assert np.array_equal(found.counts, counts)
    assert found.covariance == pytest.approx(np.diag(counts))
    assert np.array_equal(unfold(counts, MATRIX, iterations=0, flat=flat), counts)


@pytest.mark.parametrize("flat", [False, True])
def test_truth_comes_back_through_the_same_response(flat: bool) -> None:  # noqa: FBT001
    found = unfold(MATRIX @ TRUE, MATRIX, iterations=2000, flat=flat)
    assert found == pytest.approx(TRUE, rel=0.03)
    assert MATRIX @ found == pytest.approx(MATRIX @ TRUE, rel=0.001)


def test_truth_is_a_fixed_point() -> None:
    # whoever begins with the truth stays there
    even = np.full(BINS, 7.0)
    assert unfold(MATRIX @ even, MATRIX, iterations=3, flat=True) == pytest.approx(even)


@given(st.integers(1, 5), st.booleans())
def test_errors_follow_the_derivatives(iterations: int, flat: bool) -> None:  # noqa: FBT001
    counts = MATRIX @ TRUE
    found = unfold_with_covariance(counts, MATRIX, variance=counts, iterations=iterations, flat=flat)
    assert found.counts == pytest.approx(unfold(counts, MATRIX, iterations=iterations, flat=flat))
    jacobian = np.empty((BINS, BINS))
    for number, step in enumerate(np.eye(BINS)):
        up, down = (unfold(counts + sign * step, MATRIX, iterations=iterations, flat=flat) for sign in (1, -1))
        jacobian[:, number] = (up - down) / 2
    assert found.covariance == pytest.approx(jacobian * counts @ jacobian.T, rel=1e-3, abs=0.05)


def test_pulls_of_toys_have_unit_width_and_cover_the_truth() -> None:
    rng, iterations, folded = np.random.default_rng(1), 20, MATRIX @ TRUE
    expected = unfold(folded, MATRIX, iterations=iterations)
    errors = np.sqrt(np.diag(unfold_with_covariance(folded, MATRIX, variance=folded, iterations=iterations).covariance))
    toys = rng.poisson(folded, (300, BINS)).astype(np.float64)
    pulls = [(unfold(toy, MATRIX, iterations=iterations) - expected) / errors for toy in toys]
    assert np.mean(np.square(pulls)) == pytest.approx(1.0, abs=0.08)
    # what regularisation leaves is small beside the errors
    assert np.all(np.abs(expected - TRUE) < errors)


def test_a_wrong_response_is_seen_and_gets_worse_with_iterations() -> None:
    wrong = smearing(0.06)
    counts = MATRIX @ TRUE
    bias = [np.abs(unfold(counts, wrong, iterations=n) - TRUE).sum() / TRUE.sum() for n in (2, 10, 50)]
    right = [np.abs(unfold(counts, MATRIX, iterations=n) - TRUE).sum() / TRUE.sum() for n in (2, 10, 50)]
    assert bias[2] > bias[1] > 1.2 * right[1]
    assert bias[2] > 3 * right[2]


def test_the_difference_to_a_wider_response_covers_the_bias_of_a_narrow_one() -> None:
    # nature smears by 0.055; two responses 20% apart bracket it
    counts = smearing(0.055) @ TRUE
    narrow, wide = (unfold(counts, smearing(width), iterations=8) for width in (0.05, 0.06))
    assert np.abs(narrow - TRUE).sum() < 1.5 * np.abs(wide - narrow).sum()
    peak = int(np.argmax(TRUE))
    assert narrow[peak] < TRUE[peak] < wide[peak]


def test_empty_bins_are_no_harm() -> None:
    counts = np.zeros(BINS)
    counts[3] = 10.0
    found = unfold_with_covariance(counts, MATRIX, variance=counts, iterations=3)
    assert np.isfinite(found.counts).all()
    assert np.isfinite(found.covariance).all()


@pytest.mark.parametrize(
    ("counts", "matrix", "iterations"),
    [(np.ones(3), np.eye(4), 1), (-np.ones(3), np.eye(3), 1), (np.ones(3), np.eye(3), -1)],
)
def test_what_cannot_be_unfolded_is_refused(
    counts: NDArray[np.float64], matrix: NDArray[np.float64], iterations: int
) -> None:
    with pytest.raises(ConfigurationError, match="cannot unfold 3 counts"):
        unfold(counts, matrix, iterations=iterations)
