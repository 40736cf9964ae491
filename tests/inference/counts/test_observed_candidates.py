"""Observed events: one counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from na62dump.inference.counts.candidates import Candidates, merged

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 100)), max_size=12)


def made(rows: Sequence[tuple[int, float]]) -> Candidates:
    keys = np.array([(1, event // 3, event) for event, _ in rows], dtype=np.int64).reshape(-1, 3)
    return Candidates.of(keys, np.array([mass for _, mass in rows], dtype=np.float64))


@given(first=ROWS, second=ROWS, low=st.floats(0, 100), width=st.floats(0, 50))
def test_events_of_two_searches_are_a_set(
    first: list[tuple[int, float]], second: list[tuple[int, float]], low: float, width: float
) -> None:
    windows = np.array([[[low, low + width], [low / 2, low]], [[-np.inf, np.inf], [5.0, 4.0]]])
    both = merged([made(first), made(second)])
    inside = {event for event, mass in first if low <= mass <= low + width}
    inside |= {event for event, mass in second if low / 2 <= mass <= low}
    np.testing.assert_array_equal(both.inside(windows), [len(inside), len({event for event, _ in first})])


@given(rows=ROWS)
def test_the_order_of_rows_makes_no_difference(rows: list[tuple[int, float]]) -> None:
    one, other = made(rows), made(rows[::-1])
    np.testing.assert_array_equal(one.keys, other.keys)
    np.testing.assert_array_equal(one.seen, other.seen)


def test_searches_stand_side_by_side() -> None:
    both = merged([made([(1, 10.0), (1, 20.0), (2, 30.0)]), made([(1, 12.0), (4, 40.0)])])
    assert both.keys[:, 2].tolist() == [1, 1, 2, 4]
    np.testing.assert_array_equal(both.seen, [[10, 12], [20, np.nan], [30, np.nan], [np.nan, 40]])


def test_nothing_is_nothing() -> None:
    assert merged([made([]), made([])]).inside(np.zeros((3, 2, 2))).tolist() == [0, 0, 0]
