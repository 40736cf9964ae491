from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.background.profile import Overlap, flat, overlap

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Times = NDArray[np.float64]
    Shape = Callable[[np.random.Generator, int], Times]

CLOCK = 25.0
DURATION = 4.8e9
BINS = 200


def even(rng: np.random.Generator, n: int) -> Times:
    return rng.uniform(size=n)


def wave(rng: np.random.Generator, n: int) -> Times:
    """1 + 0.8 sin over four periods: the integral of the square is 1 + 0.8^2 / 2."""
    t = rng.uniform(size=4 * n + 100)
    kept = t[rng.uniform(0, 1.8, size=len(t)) < 1 + 0.8 * np.sin(8 * np.pi * t)]
    return kept[:n]


def bunched(rng: np.random.Generator, n: int) -> Times:
    """A quarter of each of ten periods is filled: the integral is four."""
    return (rng.integers(0, 10, n) + rng.uniform(0, 0.25, n)) / 10


def measured(shape: Shape, seed: int, *, mean: float, bursts: int, bins: int = BINS) -> Overlap:
    rng = np.random.default_rng(seed)
    durations = DURATION * rng.uniform(0.999, 1.001, bursts)
    numbers = rng.poisson(mean, bursts)
    burst = np.repeat(np.arange(bursts), numbers)
    share = np.concatenate([shape(rng, n) for n in numbers])
    ticks = (share * durations[burst] / CLOCK).astype(np.uint32)
    return overlap(burst, ticks, clock=CLOCK, durations=durations, width=DURATION / bins)


@pytest.mark.parametrize(("shape", "integral"), [(even, 1.0), (wave, 1.32), (bunched, 4.0)])
@pytest.mark.parametrize(("mean", "bursts"), [(2000.0, 20), (15.0, 200), (3.0, 400)])
def test_known_integrals_are_found_with_honest_errors(shape: Shape, integral: float, mean: float, bursts: int) -> None:
    many = [measured(shape, seed, mean=mean, bursts=bursts) for seed in range(60)]
    values = np.array([one.value for one in many]) * DURATION
    errors = np.array([one.uncertainty for one in many]) * DURATION
    assert values.mean() == pytest.approx(integral, abs=4 * values.std() / np.sqrt(60) + 3e-3 * integral)
    assert np.mean(errors) == pytest.approx(values.std(), rel=0.4)  # of 60 toys: 9 %


def test_pulls_have_unit_width() -> None:
    many = [measured(wave, seed, mean=300.0, bursts=10) for seed in range(150)]
    pulls = [(one.value * DURATION - 1.32) / (one.uncertainty * DURATION) for one in many]
    assert np.std(pulls) == pytest.approx(1.0, abs=0.2)
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.3)


def test_structure_finer_than_the_bins_is_seen() -> None:
    coarse = measured(bunched, 1, mean=5000.0, bursts=10, bins=10)
    assert coarse.value * DURATION == pytest.approx(1.0, abs=0.02)
    assert coarse.unresolved == pytest.approx(1.0, abs=0.05)  # of two halves of a bin one is empty
    assert abs(measured(bunched, 1, mean=5000.0, bursts=10, bins=400).unresolved) < 0.02


def test_bursts_count_as_they_have_pairs() -> None:
    durations = np.array([100.0, 400.0, 100.0])
    found = flat(np.array([3, 2, 1]), durations)
    assert found.value == pytest.approx((6 / 100 + 2 / 400) / 8)
    assert (found.uncertainty, found.unresolved, found.pairs) == (0.0, 0.0, 8.0)
    burst, ticks = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 1, 9, 0, 1, 5])
    made = overlap(burst, ticks, clock=10.0, durations=durations, width=50.0)
    assert made.value == pytest.approx((2 / 50 + 2 / 50) / 8)
    assert made.pairs == 8


def test_order_of_the_tracks_changes_no_bit() -> None:
    rng = np.random.default_rng(3)
    burst, ticks, order = rng.integers(0, 7, 500), rng.integers(0, 1000, 500), rng.permutation(500)
    durations = rng.uniform(1000 * CLOCK, 1200 * CLOCK, 7)
    one = overlap(burst, ticks, clock=CLOCK, durations=durations, width=700.0)
    other = overlap(burst[order], ticks[order], clock=CLOCK, durations=durations, width=700.0)
    assert one == other


def test_tracks_that_are_never_together() -> None:
    found = overlap(np.array([0, 0]), np.array([0, 9]), clock=1.0, durations=np.array([10.0]), width=2.0)
    assert (found.value, found.unresolved) == (0.0, np.inf)


@pytest.mark.parametrize("tick", [4, -1])
def test_a_track_outside_of_its_burst_is_refused(tick: int) -> None:
    with pytest.raises(OSError, match=r"burst 0, which is 100 ns long: give the bursts their true durations"):
        overlap(np.array([0, 0]), np.array([0, tick]), clock=CLOCK, durations=np.array([100.0]), width=10.0)


def test_pairs_are_needed() -> None:
    with pytest.raises(ValueError, match="no burst has two single tracks"):
        overlap(np.array([0, 1]), np.array([0, 1]), clock=CLOCK, durations=np.full(2, 100.0), width=10.0)
    with pytest.raises(ValueError, match="no burst has two single tracks"):
        flat(np.array([1, 0]), np.full(2, 100.0))


@pytest.mark.parametrize(("clock", "duration", "width"), [(0.0, 1.0, 1.0), (1.0, np.nan, 1.0), (1.0, 1.0, -1.0)])
def test_lengths_of_time_are_above_zero(clock: float, duration: float, width: float) -> None:
    with pytest.raises(ValueError, match="all must be finite and above 0"):
        overlap(np.array([0, 0]), np.array([0, 0]), clock=clock, durations=np.array([duration]), width=width)
