from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import analysis as searches
from na62dump.events import COLUMNS, Events
from na62dump.reconstruction import singles
from na62dump.reconstruction.singles import HITS, Singles
from tests.making import Event, events_of, passing, pointing_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEARCH = searches.load("mumu")
TIMES = st.lists(st.integers(-40, 40).map(float), max_size=4)


def found(events: Events) -> Singles:
    return singles(events, SEARCH.geometry, matching=SEARCH.matching, final_state=SEARCH.file.final_state)


def cells(events: Events, name: str) -> list[list[float]]:
    """Values of a column of a collection, one list per event."""
    begin = events.offsets[COLUMNS[name].collection]
    values: NDArray[np.generic] = events[name]
    return [values[a:b].tolist() for a, b in itertools.pairwise(begin)]


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("Track", *HITS), TIMES)), max_size=4), st.sampled_from([5, 25]))
def test_each_track_becomes_an_event_with_the_hits_near_it_in_time(
    made: list[dict[str, list[float]]], window: int
) -> None:
    events = events_of(
        [
            Event({"event": number}, {name: [{"time": time} for time in times] for name, times in event.items()})
            for number, event in enumerate(made)
        ]
    )
    cut = found(events).cut_out(float(window))
    owners = [(number, time) for number, event in enumerate(made) for time in event["Track"]]
    assert cut["event"].tolist() == [number for number, _ in owners]
    assert cells(cut, "Track_time") == [[time] for _, time in owners]
    for name in HITS:
        near = [[t for t in made[number][name] if abs(t - time) <= window] for number, time in owners]
        assert cells(cut, f"{name}_time") == near


def test_nothing_of_truth_is_kept() -> None:
    cut = found(events_of([passing(pointing_pair(23e3, 5.0))])).cut_out(25.0)
    assert set(cut.offsets) <= {"Track", *HITS}
    assert all(name in ("", *cut.offsets) for name in {COLUMNS[column].collection for column in cut.columns})


def test_values_are_those_of_the_tracks_of_a_pair() -> None:
    events = events_of([passing(pointing_pair(23e3, 5.0, opening=5e-3, z_vertex=130e3)), Event({}, {})])
    every = found(events)
    assert (len(every), every.index.tolist()) == (2, [0, 0])
    assert every.values.n_muv3.tolist() == [1, 1]
    assert every.values.in_straw.tolist() == [True, True]
    second = every.where(every.values.charge < 0)
    assert (second.track.tolist(), second.values.charge.tolist()) == ([1], [-1])


def test_values_are_the_same_when_cut_out() -> None:
    events = events_of([passing(pointing_pair(23e3, 5.0, opening=5e-3, z_vertex=130e3))])
    every = found(events)
    again = found(every.cut_out(25.0))
    for name in ("p", "n_muv3", "n_chod", "e_over_p", "dt_trigger", "in_lkr"):
        assert getattr(again.values, name).tolist() == getattr(every.values, name).tolist()


def test_no_events_have_no_tracks() -> None:
    assert len(found(events_of([])).cut_out(25.0)) == 0


@pytest.mark.parametrize("window", [0.0, 1e9])
def test_any_window_leaves_one_track(window: float) -> None:
    cut = found(events_of([pointing_pair(23e3, 5.0)])).cut_out(window)
    assert np.diff(cut.offsets["Track"]).tolist() == [1, 1]
