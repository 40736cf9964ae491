from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.errors import ConfigurationError
from na62dump.events import concatenate
from na62dump.simulation import Incident, burst_key, chosen, generate, incident
from tests.simulation.sim_world import prompt, quiet, same, shapes

if TYPE_CHECKING:
    from na62dump.events import Events

N = 5
WEIGHT = np.array([0.0, 1.0, 2.0, 0.0, 5.0])
RECIPE = {"muon": True, "share_min": 0.1, "transverse_momentum": "0 MeV/c", "events": 8000}


def muons(weight: np.ndarray = WEIGHT) -> Incident:
    number = np.arange(N, dtype=np.float64)
    return incident(
        weight,
        x=10 * number,
        y=-number,
        z=100e3 + 1e3 * number,
        length=100.0 * number,
        dxdz=1e-3 * number,
        dydz=0.0,
        p=20e3 + 1e3 * number,
        charge=np.where(number % 2 == 0, 1.0, -1.0),
    )


def events_of(chunk: int = 50_000) -> Events:
    made = generate(prompt(**RECIPE), shapes(), response=quiet(), burst=1, chunk=chunk, muons=muons())
    return concatenate(list(made))


def test_pairs_are_where_their_muons_are() -> None:
    events, recipe = events_of(), prompt(**RECIPE)
    row = chosen(muons(), burst_key(recipe, 1), events=events["event"].astype(np.int64))
    from_middle = events["truth_z"] - (100e3 + 1e3 * row)
    assert np.abs(from_middle).max() <= 250
    assert np.abs(from_middle / np.where(row > 0, 100 * row, 1)).max() == pytest.approx(0.5, abs=0.01)
    assert events["truth_x"] == pytest.approx(10 * row + 1e-3 * row * from_middle, abs=1e-2)
    p = np.stack([events[f"Truth_p{axis}"].astype(np.float64).reshape(-1, 3).sum(axis=1) for axis in "xyz"])
    assert np.sqrt((p**2).sum(axis=0)) == pytest.approx(20e3 + 1e3 * row, rel=1e-5)
    assert p[0] / p[2] == pytest.approx(1e-3 * row, abs=1e-6)
    assert np.array_equal(events["Truth_pdg"].reshape(-1, 3)[:, 2], np.where(row % 2 == 0, -13, 13))


def test_muons_are_chosen_in_proportion_to_their_weights() -> None:
    n = 100_000
    row = chosen(muons(), np.uint64(7), events=np.arange(n))
    counts = np.bincount(row, minlength=N)
    assert not counts[WEIGHT == 0].any()
    expected = n * WEIGHT / WEIGHT.sum()
    assert np.all(np.abs(counts - expected) <= 4 * np.sqrt(expected))


def test_how_a_burst_is_cut_changes_nothing() -> None:
    assert same(events_of(), events_of(chunk=777))


@pytest.mark.parametrize("weight", [np.zeros(N), -WEIGHT, np.full(N, np.nan), np.full(N, np.inf)])
def test_weights_that_nothing_can_be_drawn_from_are_refused(weight: np.ndarray) -> None:
    with pytest.raises(ConfigurationError, match="cannot make pairs"):
        muons(weight)
