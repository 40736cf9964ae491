from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.events import COLUMNS, Events, collections, elements, gather, overlaid
from tests.events.event_samples import any_events, assert_same, sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = ("run", "trigger_time", "Track_p", "Track_charge", "LAV_time")
"""Columns of events, of a collection with two, and of another one."""

Plain = list[dict[str, Any]]


def plain(events: Events) -> Plain:
    """One dict per event: a number, or a list of numbers, for each column."""
    found: Plain = []
    for row in range(len(events)):
        event: dict[str, Any] = {}
        for name, values in events.columns.items():
            group = COLUMNS[name].collection
            begin = events.offsets[group] if group else np.arange(len(events) + 1)
            cell = values[begin[row] : begin[row + 1]].tolist()
            event[name] = cell if group else cell[0]
        found.append(event)
    return found


def drawn(data: st.DataObject, n: int) -> NDArray[np.int64]:
    chosen = data.draw(st.lists(st.integers(0, n - 1), max_size=8) if n else st.just([]))
    return np.array(chosen, dtype=np.int64)


@given(any_events(), st.data())
def test_chosen_events_come_in_the_order_asked_for(events: Events, data: st.DataObject) -> None:
    chosen = drawn(data, len(events))
    found = gather(events, chosen)
    whole = plain(events)
    assert plain(found) == [whole[row] for row in chosen]
    assert all(found[name].dtype == values.dtype for name, values in events.columns.items())


@given(any_events())
def test_all_events_are_the_same_events(events: Events) -> None:
    assert_same(gather(events, np.arange(len(events))), events)


@given(any_events(), st.data())
def test_some_elements_of_one_collection(events: Events, data: st.DataObject) -> None:
    chosen = drawn(data, len(events))
    group = data.draw(st.sampled_from([name for name in collections(list(COLUMNS)) if name]))
    index, begin = elements(events.offsets[group], chosen)
    kept = np.array([data.draw(st.booleans()) for _ in index], dtype=np.bool_)
    expected = plain(gather(events, chosen))
    for row, event in enumerate(expected):
        mask = kept[begin[row] : begin[row + 1]]
        for column in collections(list(COLUMNS))[group]:
            event[column.name] = [x for x, keep in zip(event[column.name], mask, strict=True) if keep]
    assert plain(gather(events, chosen, among={group: kept})) == expected


@given(st.integers(0, 10), st.integers(0, 2**16), st.sampled_from([0.0, 0.5, 3.0]))
def test_overlaid_events_hold_the_elements_of_both(n: int, seed: int, mean: float) -> None:
    first, second = sample(n, seed=seed, mean=mean, names=NAMES), sample(n, seed=seed + 1, mean=mean, names=NAMES)
    met = overlaid(first, second)
    expected = [
        {name: one[name] + two[name] if COLUMNS[name].collection else one[name] for name in NAMES}
        for one, two in zip(plain(first), plain(second), strict=True)
    ]
    assert plain(met) == expected
    assert all(met[name].dtype == np.dtype(COLUMNS[name].dtype) for name in NAMES)


@given(any_events())
def test_nothing_overlaid_changes_nothing(events: Events) -> None:
    bare = gather(
        events,
        np.arange(len(events)),
        among={name: np.zeros(begin[-1], dtype=np.bool_) for name, begin in events.offsets.items()},
    )
    assert_same(overlaid(events, bare), events)


def test_an_event_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError):
        gather(sample(3), np.array([3]))
