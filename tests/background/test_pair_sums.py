from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.background.pair_sums import PairSums, delete_a_burst, pair_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

REGIONS = 2
BURSTS = 40
MEAN = 12.0


def region_of(x: NDArray[np.float64], y: NDArray[np.float64]) -> Ints:
    """Region of a pair of points between 0 and 1: near each other, both low, or none."""
    return np.where(np.abs(x - y) < 0.2, 0, np.where(x + y < 0.6, 1, -1)).astype(np.int64)


class Toy:
    """Bursts with Poisson numbers of tracks; pairs within each."""

    def __init__(self, rng: np.random.Generator, *, one_list: bool) -> None:
        parts: list[list[Ints]] = [[], [], [], []]
        base = 0
        for burst in range(BURSTS):
            x = rng.uniform(size=rng.poisson(MEAN))
            y = x if one_list else rng.uniform(size=rng.poisson(MEAN))
            i, j = np.triu_indices(len(x), 1) if one_list else np.indices((len(x), len(y))).reshape(2, -1)
            region = region_of(x[i], y[j])
            keep = region >= 0
            for part, values in zip(parts, (base + i, base + j, region, np.full_like(i, burst)), strict=True):
                part.append(values[keep])
            base += max(len(x), len(y))
        self.first, self.second, self.region, self.burst = (np.concatenate(part) for part in parts)
        self.weight = np.where(self.region == 0, 0.3, 0.7)
        self.one_list = one_list

    def sums(self) -> PairSums:
        return pair_sums(
            self.first, self.second, region=self.region, weight=self.weight, regions=REGIONS, one_list=self.one_list
        )

    def jackknife(self) -> PairSums:
        return delete_a_burst(self.burst, self.region, weight=self.weight, regions=REGIONS, bursts=BURSTS)


@pytest.fixture(scope="module", params=[False, True], ids=["two lists", "one list"])
def toys(request: pytest.FixtureRequest) -> list[tuple[PairSums, PairSums, NDArray[np.float64]]]:
    """Sums, their jackknife, and sums of squared weights of many toys."""
    rng = np.random.default_rng(62)
    made = (Toy(rng, one_list=request.param) for _ in range(300))
    return [
        (t.sums(), t.jackknife(), np.asarray(np.bincount(t.region, weights=t.weight**2, minlength=REGIONS), np.float64))
        for t in made
    ]


Toys = list[tuple[PairSums, PairSums, "NDArray[np.float64]"]]


def test_covariance_is_that_of_repeated_toys(toys: Toys) -> None:
    expected = np.array([sums.expected for sums, _, _ in toys])
    true = np.cov(expected.T)
    mean = np.mean([sums.covariance for sums, _, _ in toys], axis=0)
    assert mean == pytest.approx(true, rel=0.25)  # of 300 toys: 8 %


def test_pulls_have_unit_width_and_naive_ones_do_not(toys: Toys) -> None:
    expected = np.array([sums.expected for sums, _, _ in toys])
    apart = expected - expected.mean(axis=0)
    errors = np.sqrt([np.diag(sums.covariance) for sums, _, _ in toys])
    assert np.std(apart / errors, axis=0) == pytest.approx(1.0, abs=0.15)
    naive = np.sqrt([squares for _, _, squares in toys])
    assert np.all(np.std(apart / naive, axis=0) > 1.7)


def test_jackknife_over_bursts_agrees(toys: Toys) -> None:
    assert all(np.allclose(jackknife.expected, sums.expected) for sums, jackknife, _ in toys)
    mean = np.mean([sums.covariance for sums, _, _ in toys], axis=0)
    left_out = np.mean([jackknife.covariance for _, jackknife, _ in toys], axis=0)
    assert left_out == pytest.approx(mean, rel=0.05)


def test_written_out() -> None:
    first, second = np.array([0, 0, 1]), np.array([5, 6, 5])
    region, weight = np.array([0, 1, 0]), np.array([1.0, 2.0, 4.0])
    two = pair_sums(first, second, region=region, weight=weight, regions=2)
    assert two.expected == pytest.approx([5.0, 2.0])
    # rows (1, 2) and (4, 0), columns (5, 0) and (0, 2), pairs 1, 4 and 16
    assert two.covariance == pytest.approx(np.array([[1 + 16 + 25 - 17, 2.0], [2.0, 4 + 4 - 4]]))
    one = pair_sums(first, np.array([1, 2, 2]), region=region, weight=weight, regions=2, one_list=True)
    # tracks 0: (1, 2), 1: (5, 0), 2: (4, 2)
    assert one.covariance == pytest.approx(np.array([[1 + 25 + 16 - 17, 2 + 8], [2 + 8, 4 + 4 - 4]]))


def test_a_pair_in_two_rows_is_one_pair() -> None:
    once = pair_sums(np.array([3]), np.array([4]), region=np.array([0]), weight=np.array([3.0]), regions=1)
    twice = pair_sums(
        np.array([3, 3]), np.array([4, 4]), region=np.array([0, 0]), weight=np.array([1.0, 2.0]), regions=1
    )
    assert twice.covariance == pytest.approx(once.covariance)
    assert once.covariance == pytest.approx(np.array([[9.0]]))


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_order_of_the_pairs_changes_no_bit(seed: int, one_list: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 200))
    first, second = rng.integers(0, 10, (2, n))
    second += 10 * (first == second)
    region, weight, burst = rng.integers(0, 3, n), 10.0 ** rng.uniform(-12, 3, n), rng.integers(0, 5, n)
    order = rng.permutation(n)
    swap = rng.uniform(size=n) < 0.5 if one_list else np.zeros(n, dtype=np.bool_)
    a, b = np.where(swap, second, first), np.where(swap, first, second)
    straight = pair_sums(first, second, region=region, weight=weight, regions=3, one_list=one_list)
    mixed = pair_sums(a[order], b[order], region=region[order], weight=weight[order], regions=3, one_list=one_list)
    assert all(np.array_equal(x, y) for x, y in zip(straight, mixed, strict=True))
    assert np.all(np.diag(straight.covariance) >= 0)
    assert straight.covariance.sum() >= 0
    plain = delete_a_burst(burst, region, weight=weight, regions=3, bursts=5)
    turned = delete_a_burst(burst[order], region[order], weight=weight[order], regions=3, bursts=5)
    assert all(np.array_equal(x, y) for x, y in zip(plain, turned, strict=True))


def test_nothing_gives_zero() -> None:
    none = np.empty(0, dtype=np.int64)
    for one_list in (False, True):
        sums = pair_sums(none, none, region=none, weight=np.empty(0), regions=3, one_list=one_list)
        assert (sums.expected.tolist(), sums.covariance.tolist()) == ([0.0] * 3, [[0.0] * 3] * 3)
    assert not delete_a_burst(none, none, weight=np.empty(0), regions=3, bursts=2).covariance.any()


@pytest.mark.parametrize(
    ("region", "weight", "says"),
    [
        (-1, 1.0, r"regions are from -1 to -1, but there are 2: give 0 to 1"),
        (2, 1.0, r"regions are from 2 to 2, but there are 2"),
        (0, -0.5, r"weight -0\.5: weights of pairs are finite and not negative"),
        (0, np.nan, r"weight nan"),
    ],
)
def test_what_has_no_meaning_is_refused(region: int, weight: float, says: str) -> None:
    at = np.array([0])
    with pytest.raises(ValueError, match=says):
        pair_sums(at, at, region=np.array([region]), weight=np.array([weight]), regions=2)
    with pytest.raises(ValueError, match=says):
        delete_a_burst(at, np.array([region]), weight=np.array([weight]), regions=2, bursts=2)


@pytest.mark.parametrize(("burst", "bursts"), [(0, 1), (2, 2), (-1, 2)])
def test_bursts_must_be_counted(burst: int, bursts: int) -> None:
    at = np.array([0])
    with pytest.raises(ValueError, match="give at least two, and count all of them"):
        delete_a_burst(np.array([burst]), at, weight=np.ones(1), regions=1, bursts=bursts)
