from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import MissingColumnError, UnknownNameError
from na62dump.events import COLUMNS, Events, collections, column, concatenate, empty
from tests.events.event_samples import any_events, assert_same, sample


@given(any_events(), st.data())
def test_cutting_and_joining_gives_the_same(events: Events, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, events.n))
    assert_same(concatenate([events.take(0, cut), events.take(cut, events.n)]), events)


@given(any_events())
def test_taking_none_is_empty(events: Events) -> None:
    assert_same(events.take(0, 0), empty(list(COLUMNS)))


def test_taken_offsets_begin_at_zero() -> None:
    part = sample(10, mean=3).take(4, 7)
    assert len(part) == 3
    assert part.offsets["Track"][0] == 0
    assert len(part["Track_p"]) == part.offsets["Track"][-1]


def test_empty_has_right_types() -> None:
    nothing = empty(["run", "Track_charge"])
    assert nothing["Track_charge"].dtype == np.int8
    assert list(nothing.offsets) == ["Track"]
    assert "run" in nothing
    assert "Track_p" not in nothing


def test_column_that_was_not_read_is_named() -> None:
    with pytest.raises(MissingColumnError, match=r"'Track_p' was not read; did you mean 'Track_x'"):
        sample(1, names=("run", "Track_x"))["Track_p"]


def test_unknown_column_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown column 'Track_pp'; did you mean 'Track_p'"):
        column("Track_pp")


def test_collections_keep_the_order_of_the_table() -> None:
    groups = collections(["Track_p", "run", "Track_charge"])
    assert [entry.field for entry in groups["Track"]] == ["charge", "p"]
    assert [entry.name for entry in groups[""]] == ["run"]
