from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.background.mixing import Pool, Window, met, pool, together
from na62dump.errors import EstimateError
from na62dump.events import H2
from na62dump.reconstruction.singles import HITS
from na62dump.regions import Policy
from tests.background.halo_world import SEARCH, tracks

if TYPE_CHECKING:
    from na62dump.events import Events

WIDE = Window(10.0, 62)


@cache
def muons() -> Pool:
    """Tracks of two bursts."""
    return pool({"sample": tracks(300, seed=1) + tracks(200, seed=1, burst=2)})


def some_pairs(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.integers(0, len(muons()), n), rng.integers(0, len(muons()), n)


def difference(met: Events) -> np.ndarray:
    """Time of the first track minus that of the second."""
    begin = met.offsets["Track"]
    assert (np.diff(begin) == 2).all()
    time = met["Track_time"].astype(np.float64)
    return np.asarray(time[begin[:-1]] - time[begin[:-1] + 1])


def test_a_pair_holds_what_both_tracks_brought() -> None:
    first, second = some_pairs()
    events = muons().events
    met = together(muons(), (first, second), window=WIDE)
    for name in ("Track", *HITS):
        number = np.diff(events.offsets[name])
        assert np.diff(met.offsets[name]).tolist() == (number[first] + number[second]).tolist()
    assert met["event"].tolist() == events["event"][first].tolist()
    assert (met["trigger"] == H2).all()


def test_everything_of_the_second_track_is_moved_together() -> None:
    first, second = some_pairs()
    events, met = muons().events, together(muons(), (first, second), window=WIDE)
    at = met.offsets["Track"][:-1]
    moved = met["Track_time"][at + 1] - events["Track_time"][second]
    tile = met.offsets["CHOD"][1:] - 1
    theirs = events.offsets["CHOD"][second + 1] - 1
    assert met["CHOD_time"][tile] - events["CHOD_time"][theirs] == pytest.approx(moved, abs=1e-4)
    trigger = (events["trigger_time"][first] + events["trigger_time"][second] + moved) / 2
    assert met["trigger_time"] == pytest.approx(trigger, abs=1e-4)
    assert met["Track_time"][at].tolist() == events["Track_time"][first].tolist()


def test_time_differences_are_flat_over_the_window() -> None:
    found = difference(together(muons(), some_pairs(20_000), window=WIDE))
    assert np.abs(found).max() <= 5 + 1e-4
    counts = np.histogram(found, bins=10, range=(-5, 5))[0]
    assert np.sum((counts - 2_000) ** 2 / 2_000) < 28  # chi-squared of nine, 0.1%


@given(st.randoms(use_true_random=False))
def test_they_depend_on_the_two_events_only(random: object) -> None:
    first, second = some_pairs(50)
    order = np.arange(50)
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis has no type for it
    whole = difference(together(muons(), (first, second), window=WIDE))
    turned = difference(together(muons(), (first[order], second[order]), window=WIDE))
    assert turned.tolist() == whole[order].tolist()
    other = difference(together(muons(), (first, second), window=Window(10.0, 63)))
    assert not np.isin(other, whole).any()


def test_pairs_are_let_through_as_mixed_ones_with_their_weights() -> None:
    n = len(muons())
    first, second = np.arange(n - 1), np.arange(1, n)
    weight = np.linspace(0, 1, n - 1).astype(np.float32)
    seen = met(SEARCH, muons(), pairs=(first, second), window=WIDE, weight=weight)
    assert seen.policy == Policy("mixed")
    assert seen.rows.index.tolist() == list(range(n - 1))
    assert seen.rows.weight.tolist() == weight.tolist()


def test_bursts_are_those_of_each_sample() -> None:
    both = pool({"b": tracks(20, seed=1), "a": tracks(30, seed=1) + tracks(10, seed=1, burst=2)})
    sizes = [len(of) for of in both.bursts]
    assert len(sizes) == 3
    assert sum(sizes) == len(both)
    assert both.key[np.concatenate(both.bursts), :3].tolist() == sorted(both.key[:, :3].tolist())
    second = both.where(both.key[:, 2] == 2)
    assert len(second.bursts) == 1
    assert second.events["burst"].tolist() == [2] * len(second)


def test_nothing_was_kept() -> None:
    none = tracks(20, seed=1).where(np.zeros(len(tracks(20, seed=1)), dtype=np.bool_))
    for samples in ({}, {"a": none}):
        with pytest.raises(
            EstimateError, match=r"no single track was kept: the analysis needs a table \[keep\.singles\]"
        ):
            pool(samples)
    assert len(pool({"a": none, "b": tracks(20, seed=1)})) > 0


def test_samples_with_equal_keys_are_told_apart() -> None:
    one = tracks(20, seed=1)
    both = pool({"a": one, "b": replace(one)})
    assert len(np.unique(both.key, axis=0)) == 2 * len(np.unique(both.key[both.key[:, 0] == both.key[0, 0]], axis=0))
