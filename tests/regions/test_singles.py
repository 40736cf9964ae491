from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import analysis as searches
from na62dump.configuration import load_text
from na62dump.datasets import Sample
from na62dump.errors import BlindingError, ConfigurationError
from na62dump.reconstruction import Candidates, build
from na62dump.regions import Hidden, Policy, Veil, blind, curtain, hidden_events, mixed
from tests.making import events_of, pointing_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEARCH = searches.load("mumu")
PLACES = [(23e3, 5.0), (-60e3, 700.0), (30e3, 100.0), (-60e3, 600.0)]  # z_tax and cda_tax, mm: SR, outside, CR, outside
KEYS = st.integers(-3, 3)


def pairs(*, keep: list[bool] | None = None) -> Candidates:
    """One pair per event, in and out of hidden regions; of events without one, no row."""
    events = events_of([pointing_pair(*place, event=number) for number, place in enumerate(PLACES)])
    rows = build(events, SEARCH.geometry, matching=SEARCH.matching, final_state=SEARCH.file.final_state).rows
    return Candidates(rows.where(np.array(keep or [True] * len(rows))))


def keys(*events: int) -> NDArray[np.int64]:
    return np.array([(0, 1, 1, event) for event in events], dtype=np.int64).reshape(-1, 4)


# Single tracks


def test_events_with_a_hidden_row_are_hidden_for_all_that_is_made_of_them() -> None:
    hidden = hidden_events(pairs(), [SEARCH.plane], policy=Policy("data"))
    assert hidden.events.tolist() == [True, False, True, False]
    seen = blind(pairs(), [SEARCH.plane], policy=Policy("data")).rows
    assert seen.event.tolist() == np.flatnonzero(~hidden.events).tolist()


def test_an_event_without_a_row_of_the_search_is_hidden_by_what_is_behind() -> None:
    own = pairs(keep=[False, False, True, True])
    assert hidden_events(own, [SEARCH.plane], policy=Policy("data")).events.tolist() == [False, False, True, False]
    behind = curtain([Veil(pairs(), SEARCH.plane)], n_events=len(PLACES))
    hidden = hidden_events(own, [SEARCH.plane], policy=Policy("data"), behind=behind)
    assert hidden.events.tolist() == [True, False, True, False]
    assert behind.hides.tolist() == [True, False, True, False]


def test_nothing_of_simulation_is_hidden() -> None:
    behind = curtain([Veil(pairs(), SEARCH.plane)], n_events=len(PLACES))
    hidden = hidden_events(pairs(), [SEARCH.plane], policy=Policy("simulation"), behind=behind)
    assert hidden.events.tolist() == [False] * len(PLACES)


def test_without_regions_nothing_is_told() -> None:
    with pytest.raises(BlindingError, match="no regions were given"):
        hidden_events(pairs(), [], policy=Policy("data"))


def test_only_the_door_says_which_events_are_hidden() -> None:
    nothing = np.zeros(4, dtype=np.bool_)
    with pytest.raises(BlindingError, match=r"found only by na62dump\.regions\.hidden_events"):
        Hidden(nothing, object())
    hidden = hidden_events(pairs(), [SEARCH.plane], policy=Policy("data"))
    with pytest.raises(ValueError, match="made_by"):
        replace(hidden, events=nothing)  # type: ignore[call-arg]  # mypy refuses it too


# Pairs of tracks of two events


def test_mixed_pairs_pass_whole_wherever_they_lie() -> None:
    every = pairs()
    visible = mixed(every, keys(1, 2, 3, 4), second_keys=keys(2, 1, 1, 1))
    assert visible.policy == Policy("mixed")
    assert visible.rows is every.rows


@given(st.lists(st.tuples(*[KEYS] * 8), min_size=4, max_size=4))
def test_two_tracks_of_one_event_are_refused(made: list[tuple[int, ...]]) -> None:
    both = np.array(made, dtype=np.int64)
    first, second = both[:, :4].copy(), both[:, 4:].copy()
    if any(tuple(one) == tuple(other) for one, other in zip(first.tolist(), second.tolist(), strict=True)):
        with pytest.raises(BlindingError, match=r"of 4 mixed pairs have both tracks of one event, such as sample "):
            mixed(pairs(), first, second_keys=second)
    else:
        assert len(mixed(pairs(), first, second_keys=second).rows) == 4


def test_the_event_is_named() -> None:
    told = r"1 of 4 mixed pairs have both tracks of one event, such as sample 0, run 1, burst 1, event 9: they are data"
    with pytest.raises(BlindingError, match=told):
        mixed(pairs(), keys(1, 2, 9, 4), second_keys=keys(2, 1, 9, 1))


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (keys(1, 2, 3), keys(2, 3, 4, 5), r"keys of the first tracks are int64\(3, 4\): .* by int64\(4, 4\)"),
        (keys(1, 2, 3, 4), keys(2, 3, 4, 5)[:, :3], r"keys of the second tracks are int64\(4, 3\)"),
        (keys(1, 2, 3, 4).astype(np.float64), keys(2, 3, 4, 5), r"keys of the first tracks are float64\(4, 4\)"),
    ],
)
def test_keys_that_prove_nothing_are_refused(first: NDArray[Any], second: NDArray[Any], told: str) -> None:
    with pytest.raises(BlindingError, match=told):
        mixed(pairs(), first, second_keys=second)


def test_no_pairs_are_mixed_pairs() -> None:
    assert len(mixed(pairs(keep=[False] * 4), keys(), second_keys=keys()).rows) == 0


def test_rows_of_events_do_not_become_mixed_by_their_name() -> None:
    with pytest.raises(BlindingError, match=r"na62dump\.regions\.mixed asks for their keys"):
        blind(pairs(), [SEARCH.plane], policy=Policy("mixed"))
    with pytest.raises(ConfigurationError, match="key 'kind' = 'mixed'"):
        load_text({"kind": "mixed", "label": "x", "files": ["x.root"]}, Sample, where="s.toml")
