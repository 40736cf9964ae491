from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.events import COLUMNS, KEY, Events, gather
from na62dump.results import Result, SingleTracks, content_digest
from na62dump.results.singles import DURATION
from tests.background.handmade import DATA, LAV, MORE_DATA, Some, result_of
from tests.events.event_samples import sample

NAMES = (*KEY, "trigger_time", "Track_p", "Track_time", "LAV_time", "LAV_energy")


def tracks(n: int, seed: int = 0) -> SingleTracks:
    """Events of one track each, some of them with the same key."""
    rng = np.random.default_rng(seed)
    some = sample(n, seed=seed, names=NAMES)
    one = np.arange(n + 1, dtype=np.int64)
    keys = {name: rng.integers(0, 3, n).astype(COLUMNS[name].dtype) for name in KEY}
    track = {name: rng.normal(size=n).astype(np.float32) for name in ("Track_p", "Track_time")}
    return SingleTracks(
        Events(n, {**some.columns, **keys, **track}, {**some.offsets, "Track": one}), rng.uniform(1e9, 5e9, n)
    )


many = st.builds(tracks, st.integers(0, 20), st.integers(0, 2**16))


@cache
def result() -> Result:
    """A result with loose rows, and single tracks of two samples."""
    made = result_of([Some(3), Some(2, failing=(LAV,))])
    return replace(made, singles={DATA: tracks(5, 1), MORE_DATA: tracks(0, 2)})


@given(many)
def test_arrays_there_and_back(given_tracks: SingleTracks) -> None:
    assert SingleTracks.from_arrays(given_tracks.to_arrays()) == given_tracks


@given(many, st.randoms(use_true_random=False))
def test_their_order_is_one(given_tracks: SingleTracks, random: object) -> None:
    order = np.arange(len(given_tracks))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis has no type for it
    turned = SingleTracks(gather(given_tracks.events, order), given_tracks.duration[order])
    once = given_tracks.sorted()
    assert turned.sorted() == once == once.sorted()
    keys = np.stack([once.events[name] for name in KEY], axis=1).tolist()
    assert keys == sorted(keys)


@given(many, st.data())
def test_parts_add_up_to_the_whole(given_tracks: SingleTracks, data: st.DataObject) -> None:
    keep = np.array([data.draw(st.booleans()) for _ in range(len(given_tracks))], dtype=np.bool_)
    one, other = given_tracks.where(keep), given_tracks.where(~keep)
    assert (one + other).sorted() == (other + one).sorted() == given_tracks.sorted()


def test_a_number_more_or_less_is_no_equal() -> None:
    assert tracks(5) != tracks(4)
    assert tracks(5) != replace(tracks(5), duration=tracks(5).duration + 1)
    assert tracks(5) != "tracks"


@pytest.mark.parametrize("name", [DURATION, "Track_p", "LAV_time", "offsets.Track", "run"])
def test_arrays_that_do_not_belong_together_are_refused(name: str) -> None:
    arrays = tracks(5).to_arrays()
    with pytest.raises(
        ValueError, match=r"column '\w+' of single tracks has \d+ values, which does not fit the others"
    ):
        SingleTracks.from_arrays(arrays | {name: arrays[name][:-1]})


def test_a_result_with_single_tracks_comes_back_as_it_was() -> None:
    content = result().dumps({})
    back = Result.loads(content)
    assert list(back.singles) == [DATA, MORE_DATA]
    assert back.singles == result().singles
    assert back.loose == result().loose
    assert content_digest(back.dumps({"made": "again"})) == content_digest(content)


def test_a_result_without_them_has_none() -> None:
    bare = replace(result(), singles={}, loose=None)
    back = Result.loads(bare.dumps({}))
    assert (back.singles, back.loose) == ({}, None)
    assert content_digest(bare.dumps({})) != content_digest(result().dumps({}))


def test_single_tracks_and_loose_rows_add_up_by_sample() -> None:
    other = replace(result(), singles={DATA: tracks(3, 3)})
    total = result() + other
    assert {name: len(of) for name, of in total.singles.items()} == {DATA: 8, MORE_DATA: 0}
    assert total.singles[DATA].sorted() == (tracks(3, 3) + tracks(5, 1)).sorted()
    assert total.loose is not None
    assert len(total.loose) == 4
    alone = result() + replace(other, loose=None, singles={})
    assert alone.loose == result().loose
    assert alone.singles == result().singles
