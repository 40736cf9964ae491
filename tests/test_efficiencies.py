from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from na62dump.efficiencies import ONE_SIGMA, efficiency
from na62dump.errors import ConfigurationError

COUNTS = st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(COUNTS)
def test_at_the_ends_of_the_interval_the_count_is_as_unlikely_as_the_tail(counts: tuple[int, int]) -> None:
    passed, of = counts
    found = efficiency(passed, of)
    assert found is not None
    low, high, tail = found.value - found.down, found.value + found.up, (1 - ONE_SIGMA) / 2
    assert 0 <= low <= found.value <= high <= 1 + 1e-12
    assert found.value == passed / of
    if passed:
        assert binom.sf(passed - 1, of, low) == pytest.approx(tail, rel=1e-6)
    if passed < of:
        assert binom.cdf(passed, of, high) == pytest.approx(tail, rel=1e-6)


def test_all_or_nothing_has_one_bar() -> None:
    bar = 1 - ((1 - ONE_SIGMA) / 2) ** 0.1
    nothing, everything = efficiency(0, 10), efficiency(10, 10)
    assert nothing is not None
    assert everything is not None
    assert list(nothing) == pytest.approx([0.0, 0.0, bar])
    assert list(everything) == pytest.approx([1.0, bar, 0.0])


def test_of_none_there_is_none() -> None:
    assert efficiency(0, 0) is None


@pytest.mark.parametrize(("passed", "of"), [(3, 2), (-1, 2), (1, 0)])
def test_no_more_pass_than_there_are(passed: int, of: int) -> None:
    with pytest.raises(ConfigurationError, match=f"{passed} of {of} cannot have passed"):
        efficiency(passed, of)
