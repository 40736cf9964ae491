from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.simulation.halo import is_pair
from na62dump.simulation.sources import count
from tests.simulation.sim_world import events_of, halo, owner, quiet


@given(st.integers(1, 2000), st.data())
def test_pairs_are_as_many_as_asked_for(total: int, data: st.DataObject) -> None:
    pairs = data.draw(st.integers(0, total))
    assert sum(is_pair(i, total, pairs) for i in range(total)) == pairs


def test_fixed_numbers_of_singles_and_pairs() -> None:
    recipe = halo(singles=300, pairs=100)
    muons = np.diff(events_of(recipe, quiet()).offsets["Truth"])
    assert count(recipe, 1) == 400
    assert np.array_equal(np.bincount(muons), [0, 300, 100])


def test_rates_give_poisson_numbers_of_singles_and_of_accidental_pairs() -> None:
    recipe = halo(rate="300 kHz", singles=None, pairs=None, duration="0.1 s", pair_window="1 us")
    totals = np.array([count(recipe, burst) for burst in range(1, 201)])
    mean = 3e5 * 0.1 + 0.5 * 3e5**2 * 1e-6 * 0.1
    assert totals.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / 200))
    assert totals.std() == pytest.approx(np.sqrt(mean), rel=0.2)
    muons = np.diff(events_of(recipe, quiet()).offsets["Truth"])
    assert np.sum(muons == 2) == pytest.approx(4500, abs=4 * np.sqrt(4500))


def test_time_differences_of_pairs_are_flat_over_the_window() -> None:
    events = events_of(halo(singles=0, pairs=20_000, pair_window="60 ns"), quiet())
    two = np.diff(events.offsets["Track"]) == 2
    first = events.offsets["Track"][:-1][two]
    dt = events["Track_time"][first + 1] - events["Track_time"][first]
    counts = np.histogram(dt, bins=10, range=(-25, 25))[0]
    assert np.sum((counts - counts.mean()) ** 2 / counts.mean()) < 9 + 4 * np.sqrt(18)
    assert np.abs(dt).max() < 30 + 6


def test_muons_follow_their_spectrum_and_charge_ratio() -> None:
    events = events_of(halo(singles=20_000, pairs=0), quiet())
    p = np.sqrt(sum(events[f"Truth_p{axis}"].astype(np.float64) ** 2 for axis in "xyz"))
    assert p.min() >= 5e3 * (1 - 1e-6)
    assert p.max() <= 200e3 * (1 + 1e-6)
    cut = np.exp(-195 / 30)
    assert p.mean() == pytest.approx(5e3 + 30e3 - 195e3 * cut / (1 - cut), rel=0.03)
    assert np.mean(events["Truth_pdg"] == -13) == pytest.approx(0.55, abs=0.015)


def test_events_of_a_burst_come_in_order_of_their_times() -> None:
    events = events_of(halo(singles=900, pairs=100), quiet())
    times = events["burst_time"] * 25.0
    assert np.all(np.diff(times) >= 0)
    assert np.array_equal(events["event"], np.arange(1000))
    assert times.max() < 4.8e9
    assert times.mean() == pytest.approx(2.4e9, rel=0.01)


def test_there_is_no_exotic_particle_in_the_halo() -> None:
    events = events_of(halo(singles=10, pairs=10), quiet())
    assert not events["truth_pdg"].any()
    assert not events["truth_weight"].any()
    assert np.all(events["weight"] == 1.0)
    assert len(owner(events, "Truth")) == 30
