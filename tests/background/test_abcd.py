from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.background.abcd import Square, corner, deviance

SEVERAL = st.integers(1, 200)


@given(st.integers(0, 200), st.integers(0, 200), SEVERAL)
def test_the_expectation_lies_in_its_interval(b: int, c: int, d: int) -> None:
    square = Square(0, b, c, d)
    found = corner(square)
    assert found is not None
    assert found.expected == b * c / d
    assert 0 <= found.low <= found.expected < found.high
    assert deviance(found.high, square) == pytest.approx(1, abs=1e-6)
    if found.expected > 0:
        assert deviance(found.low, square) == pytest.approx(1, abs=1e-6)
        assert deviance(found.expected, square) == pytest.approx(0, abs=1e-9)


def test_large_numbers_have_the_error_of_a_product() -> None:
    found = corner(Square(0, 40_000, 50_000, 60_000))
    assert found is not None
    assert found.uncertainty == pytest.approx(found.expected * (1 / 4e4 + 1 / 5e4 + 1 / 6e4) ** 0.5, rel=1e-3)


def test_b_and_c_may_change_places() -> None:
    assert corner(Square(0, 3, 8, 5)) == pytest.approx(corner(Square(0, 8, 3, 5)))


def test_the_profile_is_that_of_a_numerical_maximum() -> None:
    _, b, c, d = square = Square(0, 3, 8, 5)
    means_b = np.linspace(0.5, 12, 400)[:, None]
    means_c = np.linspace(1, 25, 400)[None, :]
    for expected in (1.0, 4.8, 20.0):
        means_d = means_b * means_c / expected
        logarithm = sum(
            n * np.log(mean) - mean - (n * np.log(n) - n) for n, mean in ((b, means_b), (c, means_c), (d, means_d))
        )
        assert deviance(expected, square) == pytest.approx(-2 * logarithm.max(), abs=5e-3)


def test_without_rows_that_fail_both_there_is_no_number() -> None:
    assert corner(Square(5, 3, 2, 0)) is None


def test_the_interval_holds_the_truth_in_two_of_three_experiments() -> None:
    rng = np.random.default_rng(62)
    means = {"b": 12.0, "c": 9.0, "d": 18.0}
    truth = means["b"] * means["c"] / means["d"]
    squares = [Square(0, *(int(rng.poisson(mean)) for mean in means.values())) for _ in range(600)]
    found = [corner(square) for square in squares]
    share = np.mean([it.low <= truth <= it.high for it in found if it is not None])
    assert share == pytest.approx(0.68, abs=0.06)
