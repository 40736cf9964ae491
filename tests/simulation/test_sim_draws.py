from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation import draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

N = 100_000


@kernel
def fill(key: np.uint64, stream: int, by_event: bool, kind: int, out: NDArray[np.float64]) -> None:  # noqa: FBT001 - a kernel
    """Draw into out float64[n], from one stream or the first number of as many events."""
    state = np.empty(1, dtype=np.uint64)
    draws.start(state, key, stream)
    for i in range(len(out)):
        if by_event:
            draws.start(state, absorb(key, i), stream)
        if kind == 0:
            out[i] = draws.uniform(state)
        elif kind == 1:
            out[i] = draws.normal(state)
        elif kind == 2:
            out[i] = draws.exponential(state)
        elif kind == 3:
            out[i] = draws.poisson(state, np.exp(-1.5))
        else:
            out[i] = draws.chi_squared(state, 5, odd=True)


def drawn(kind: int, *, by_event: bool, stream: int = 0) -> NDArray[np.float64]:
    out = np.empty(N)
    fill(np.uint64(draws.burst_key(1, 2, 3)), stream, by_event, kind, out)
    return out


def distance(cumulative: NDArray[np.float64]) -> float:
    """Kolmogorov-Smirnov distance of values of a distribution function, times sqrt(n); beyond 1.95 once in 1000."""
    expected = np.arange(1, len(cumulative) + 1) / len(cumulative)
    return float(np.abs(np.sort(cumulative) - expected).max() * np.sqrt(len(cumulative)))


@pytest.mark.parametrize("by_event", [False, True])
def test_uniform_numbers_are_flat_and_never_at_an_end(*, by_event: bool) -> None:
    u = drawn(0, by_event=by_event)
    assert u.min() > 0.0
    assert u.max() < 1.0
    assert distance(u) < 1.95


@pytest.mark.parametrize("by_event", [False, True])
def test_normal_numbers_have_the_moments_of_a_gaussian(*, by_event: bool) -> None:
    x = drawn(1, by_event=by_event)
    moments = [np.mean(x**k) for k in (1, 2, 3, 4)]
    errors = np.sqrt(np.array([1, 2, 15, 96]) / N)
    assert np.all(np.abs(np.array(moments) - [0, 1, 0, 3]) < 4 * errors)


def test_exponential_numbers() -> None:
    assert distance(1.0 - np.exp(-drawn(2, by_event=True))) < 1.95


def test_poisson_numbers_have_mean_and_variance_of_the_mean() -> None:
    n = drawn(3, by_event=True)
    assert n.mean() == pytest.approx(1.5, abs=4 * np.sqrt(1.5 / N))
    assert n.var() == pytest.approx(1.5, rel=0.03)


def test_no_poisson_number_without_a_rate() -> None:
    state = np.array([5], dtype=np.uint64)
    assert [draws.poisson(state, 1.0) for _ in range(100)] == [0] * 100


def test_chi_squared_per_degree_of_freedom() -> None:
    c = drawn(4, by_event=True)
    assert c.mean() == pytest.approx(1.0, abs=4 * np.sqrt(2 / 11 / N))
    assert c.var() == pytest.approx(2 / 11, rel=0.03)


@pytest.mark.parametrize("lag", [1, 2, 64])
def test_neighbouring_events_know_nothing_of_each_other(lag: int) -> None:
    u = drawn(0, by_event=True)
    assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) < 4 / np.sqrt(N)


def test_streams_of_an_event_know_nothing_of_each_other() -> None:
    one, other = drawn(0, by_event=True, stream=0), drawn(0, by_event=True, stream=1)
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(N)
    bits = np.floor(one * 16) * 16 + np.floor(other * 16)
    counts = np.bincount(bits.astype(int), minlength=256)
    assert np.sum((counts - N / 256) ** 2 / (N / 256)) < 255 + 4 * np.sqrt(2 * 255)


WORDS = st.integers(0, 2**63 - 1)


@given(WORDS, WORDS)
def test_a_key_knows_the_order_of_what_it_is_made_of(a: int, b: int) -> None:
    one, other = absorb(np.uint64(a), b), absorb(np.uint64(b), a)
    assert (one == other) == (a == b)


def test_keys_of_bursts_differ() -> None:
    keys = {int(draws.burst_key(s, r, b)) for s in range(10) for r in range(10) for b in range(100)}
    assert len(keys) == 10_000
