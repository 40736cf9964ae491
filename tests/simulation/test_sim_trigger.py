from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.events import CONTROL, H2, Q1
from na62dump.hashing import absorb
from na62dump.simulation import draws
from tests.simulation.sim_world import changed, events_of, halo, owner, quiet, usual

if TYPE_CHECKING:
    from na62dump.events import Events

SEED, RUN, BURST = 11, 7, 1


@cache
def events() -> Events:
    return events_of(halo(singles=6000, pairs=6000, pair_window="40 ns"), usual())


def centre(event: int) -> float:
    """Centre of the readout window: the first number of the clock's stream."""
    key = absorb(np.uint64(draws.burst_key(SEED, RUN, BURST)), event)
    state = np.empty(1, dtype=np.uint64)
    draws.start(state, np.uint64(key), draws.CLOCK)
    return float(25.0 * draws.uniform(state))


def expected(table: Events, i: int) -> tuple[int, float]:
    """Trigger word without downscaling of Q1, and time, the slow way."""
    middle = centre(int(table["event"][i]))
    chod = slice(*table.offsets["CHOD"][i : i + 2])
    lkr = slice(*table.offsets["LKr"][i : i + 2])
    hits = list(zip(table["CHOD_tile"][chod], table["CHOD_time"][chod].astype(float), strict=True))
    pairs = [(a + b) / 2 for (s, a), (t, b) in combinations(hits, 2) if s != t and abs(a - b) < 10]
    h2 = [t for t in pairs if abs(t - middle) < 20]
    q1 = [t for _, t in hits if abs(t - middle) < 20]
    word, time = 0, middle
    made = h2 or q1
    if made:
        word |= Q1 | (H2 if h2 else 0)
        time = min(made, key=lambda t: abs(t - middle))
    energies = zip(table["LKr_energy"][lkr], table["LKr_time"][lkr].astype(float), strict=True)
    control = [t for energy, t in energies if energy > 1000 and abs(t - time) < 20]
    if control:
        word |= CONTROL
        time = time if made else min(control, key=lambda t: abs(t - middle))
    return word, time


def test_triggers_follow_from_the_hits() -> None:
    table = events()
    seen = set()
    for i in range(len(table)):
        word, time = expected(table, i)
        found = int(table["trigger"][i])
        assert found & ~Q1 == word & ~Q1
        assert not found & Q1 or word & Q1
        assert table["trigger_time"][i] == pytest.approx(time, abs=1e-4)
        seen.add(word)
    assert seen == {0, CONTROL, Q1, Q1 | CONTROL, Q1 | H2, Q1 | H2 | CONTROL}


def test_one_q1_in_twenty_is_kept() -> None:
    table = events_of(halo(singles=40_000, pairs=0), quiet())
    with_hit = np.diff(table.offsets["CHOD"]) > 0
    kept = (table["trigger"] & Q1) > 0
    assert not np.any(kept & ~with_hit)
    n = with_hit.sum()
    assert kept.sum() == pytest.approx(n / 20, abs=4 * np.sqrt(n / 20))


def test_without_downscaling_every_q1_is_kept() -> None:
    table = events_of(halo(singles=2000, pairs=0), changed(quiet(), trigger={"q1_downscaling": 1}))
    near = np.diff(table.offsets["CHOD"]) > 0
    assert np.all(((table["trigger"] & Q1) > 0) == near)


def test_only_triggered_events_are_kept_when_asked() -> None:
    recipe = {"singles": 20_000, "pairs": 500}
    everything = events_of(halo(**recipe), usual())
    kept = events_of(halo(**recipe, keep="triggered"), usual())
    chosen = everything["trigger"] > 0
    assert np.array_equal(kept["event"], everything["event"][chosen])
    assert np.array_equal(kept["trigger_time"], everything["trigger_time"][chosen])
    assert np.array_equal(kept["Track_p"], everything["Track_p"][chosen[owner(everything, "Track")]])
    assert np.array_equal(kept["Truth_px"], everything["Truth_px"][chosen[owner(everything, "Truth")]])
    assert len(kept) < len(everything) / 5


def test_tracks_are_in_time_with_the_trigger() -> None:
    table = events_of(halo(singles=0, pairs=5000), quiet())
    h2 = (table["trigger"] & H2) > 0
    dt = table["Track_time"] - table["trigger_time"][owner(table, "Track")]
    assert np.mean(np.abs(dt[h2[owner(table, "Track")]]) < 5) > 0.99
