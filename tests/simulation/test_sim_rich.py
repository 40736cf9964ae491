from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.events import COLUMNS
from na62dump.simulation.building import apparatus
from na62dump.simulation.rich import angle, largest, likelihood
from tests.simulation.sim_world import calm, changed, events_of, owner, same, shapes, signal, usual

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLOW = {"shape": "flat", "energy_min": "35 GeV", "energy_max": "70 GeV", "theta_max": "3 mrad"}
OPTIONAL = [name for name, column in COLUMNS.items() if column.presence == "optional"]
MASSES = {"ee": "100 MeV", "mumu": "400 MeV", "pipi": "500 MeV", "kk": "1100 MeV"}


def likelihoods(name: str) -> NDArray[np.float64]:
    """Log-likelihoods float64[track, hypothesis] of identified tracks that did not decay in flight."""
    still = changed(calm(), decays={"kaon_to_muon": 1.0})
    events = events_of(signal(final_state=name, mass=MASSES[name], spectrum=SLOW, rich=True), still)
    table = np.stack([events[name].astype(np.float64) for name in OPTIONAL], axis=1)
    return table[np.isfinite(table[:, 0])]


def test_angles_follow_cherenkovs_formula() -> None:
    it = apparatus(shapes(), usual()).rich
    n, p, m = 1 + 62.8e-6, 20_000.0, 139.57
    assert angle(m, p, it) == pytest.approx(np.arccos(np.hypot(p, m) / (n * p)), rel=1e-3)
    assert angle(493.7, 35_000.0, it) == 0.0


@pytest.mark.parametrize(("mass", "p"), [(139.57, 20_000.0), (139.57, 12_600.0), (105.66, 35_000.0), (493.7, 30_000.0)])
def test_likelihoods_of_all_that_can_be_seen_add_up_to_one(mass: float, p: float) -> None:
    it = apparatus(shapes(), usual()).rich
    above = angle(mass, p, it) > 0
    # far beyond the flat angles for a ring, whose angle is normal
    theta = np.linspace(-largest(it) if above else 0.0, 2 * largest(it) if above else largest(it), 4001)
    total = np.exp(likelihood(mass, p, 0, 0.0, it))
    for count in range(1, 60):
        density = [np.exp(likelihood(mass, p, count, x, it) - lgamma(count + 1)) for x in theta.tolist()]
        total += np.trapezoid(density, theta)
    assert total == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(("name", "best"), [("ee", 0), ("mumu", 1), ("pipi", 2), ("kk", 3)])
def test_the_true_hypothesis_is_mostly_the_best(name: str, best: int) -> None:
    table = likelihoods(name)
    assert len(table) > 1000
    assert np.all(table.max(axis=1) == 0)
    assert np.mean(table.argmax(axis=1) == best) > 0.85


def test_tracks_outside_the_range_and_accidental_ones_are_not_identified() -> None:
    noise = usual().straw.accidental.model_copy(update={"rate": 0.01})
    events = events_of(signal(rich=True, events=5000), changed(calm(), straw={"accidental": noise}))
    known = np.isfinite(events["Track_rich_pi"])
    p = events["Track_p"]
    assert np.all((p[known] >= 15e3) & (p[known] <= 35e3))
    inside = (p >= 15e3) & (p <= 35e3)
    in_time = np.abs(events["Track_time"] - events["trigger_time"][owner(events, "Track")]) < 5
    assert np.mean(known[inside & in_time]) > 0.8
    assert not np.all(known[inside])


def test_the_rich_changes_nothing_else_and_no_chunk_changes_it() -> None:
    recipe = signal(rich=True, events=400)
    events = events_of(recipe, usual())
    without = events_of(signal(events=400), usual())
    assert set(events.columns) - set(without.columns) == set(OPTIONAL)
    assert all(np.array_equal(events[name], without[name]) for name in without.columns)
    assert same(events_of(recipe, usual(), chunk=9), events)
