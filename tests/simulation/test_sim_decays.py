from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.simulation.final_states import daughters, is_charged_pair, is_own_conjugate, parse, stable
from na62dump.simulation.particles import ETA, PI0
from tests.simulation.sim_world import events_of, quiet, signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events import Events


@cache
def sample() -> Events:
    return events_of(signal(), quiet())


def parents(events: Events) -> NDArray[np.float64]:
    """Four-momenta (E, px, py, pz) of the daughters' sums, float64[event, 4], MeV."""
    masses = daughters("mumu")["mass"]
    p = np.stack([events[f"Truth_p{axis}"].astype(np.float64).reshape(-1, 2) for axis in "xyz"], axis=-1)
    energy = np.sqrt(np.sum(p**2, axis=-1) + masses**2)
    return np.concatenate([energy.sum(axis=1)[:, None], p.sum(axis=1)], axis=1)


def test_daughters_add_up_to_the_particle() -> None:
    events = sample()
    total = parents(events)
    assert total[:, 0] == pytest.approx(events["truth_energy"], rel=1e-6)
    # The masses of the sums suffer from float32 momenta of 1e5 MeV.
    mass = np.sqrt(total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1))
    assert mass == pytest.approx(events["truth_mass"], rel=2e-3)
    assert np.all(events["Truth_pdg"].reshape(-1, 2) == [-13, 13])


def test_particles_come_from_the_beam_spot_on_the_axis() -> None:
    events = sample()
    total = parents(events)
    z = 23_070.0 + 153.0
    x = events["truth_x"] - total[:, 1] / total[:, 3] * (events["truth_z"] - z)
    y = events["truth_y"] - total[:, 2] / total[:, 3] * (events["truth_z"] - z)
    n = np.sqrt(len(events))
    assert x.mean() == pytest.approx(0.0, abs=4 * 5 / n)
    assert y.mean() == pytest.approx(-22.0, abs=4 * 5 / n)
    assert x.std() == pytest.approx(5.0, rel=0.03)
    assert y.std() == pytest.approx(5.0, rel=0.03)


def test_proper_distance_and_weight_follow_their_formulas() -> None:
    events = sample()
    total = parents(events)
    p = np.sqrt((total[:, 1:] ** 2).sum(axis=1))
    length = 82_000.0
    assert events["truth_weight"] == pytest.approx(length * 400.0 / total[:, 3], rel=1e-5)
    flight = (events["truth_z"] - 23_070.0) * p / total[:, 3]
    depth = flight - events["truth_proper_distance"] * p / 400.0
    assert depth.min() > -0.1
    assert depth.mean() == pytest.approx(153.0, abs=4 * 153 / np.sqrt(len(events)))
    assert np.all((events["truth_z"] >= 100_000) & (events["truth_z"] <= 182_000))
    assert np.all(events["weight"] == 1.0)


def test_with_a_lifetime_the_weights_are_the_decay_law() -> None:
    events = events_of(signal(proper_lifetime="150 mm"), quiet())
    expected = events["truth_weight"] * np.exp(-events["truth_proper_distance"] / 150.0) / 150.0
    assert events["weight"] == pytest.approx(expected, rel=1e-4)
    # The probability to decay between 100 m and 182 m, integrated over the spectrum.
    energy = np.linspace(30_000, 200_000, 20_001)
    decay_length = 150.0 * np.sqrt(energy**2 - 400.0**2) / 400.0
    exact = np.mean(np.exp(-(100_000 - 23_223) / decay_length) - np.exp(-(182_000 - 23_223) / decay_length))
    assert events["weight"].mean() == pytest.approx(exact, rel=0.02)


def test_truth_says_what_it_was() -> None:
    events = events_of(signal(events=10, channel="bremsstrahlung", final_state="ee", mass="50 MeV"), quiet())
    assert set(events["truth_pdg"]) == {4900022}
    assert set(events["truth_channel"]) == {1}
    assert set(events["truth_final_state"]) == {2}
    assert set(events["Truth_pdg"]) == {-11, 11}


@pytest.mark.parametrize(("name", "pair"), [("pipipi0", PI0), ("pipi2pi0", PI0), ("pipieta", ETA)])
def test_photons_have_the_mass_of_what_they_come_from(name: str, pair: int) -> None:
    # Slow particles, whose momenta lose less in float32.
    slow = {"shape": "flat", "energy_min": "1.4 GeV", "energy_max": "2 GeV", "theta_max": "4 mrad"}
    events = events_of(signal(final_state=name, mass="1.3 GeV", events=2000, spectrum=slow), quiet())
    per_event = stable(name)
    p = np.stack([events[f"Truth_p{axis}"].astype(np.float64).reshape(-1, per_event) for axis in "xyz"], axis=-1)
    pdg = events["Truth_pdg"].reshape(-1, per_event)
    assert np.all(pdg[0] == [211, -211] + [22] * (per_event - 2))
    for first in range(2, per_event, 2):
        photons = p[:, first : first + 2]
        energy = np.linalg.norm(photons, axis=-1).sum(axis=1)
        mass = np.sqrt(energy**2 - (photons.sum(axis=1) ** 2).sum(axis=-1))
        expected = {PI0: 134.9768, ETA: 547.862}[pair]
        assert mass == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ["pimu", "pie", "emunu", "mu- e+", "K+ pi- nu(mu)"])
def test_both_charge_conjugates_are_made_equally_often(name: str) -> None:
    events = events_of(signal(final_state=name, mass="1 GeV", events=4000), quiet())
    first = events["Truth_pdg"][events.offsets["Truth"][:-1]]
    assert np.mean(first > 0) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(len(first)))
    pdg = events["Truth_pdg"].reshape(len(events), -1)
    assert {tuple(sorted(row.tolist())) for row in pdg} == {
        tuple(sorted(parse(name).daughters)),
        tuple(sorted(-k for k in parse(name).daughters)),
    }
    assert events["Track_charge"].mean() == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("name", ["mumu", "pipieta", "kk", "gg", "eenu", "mu+ mu- gamma"])
def test_what_is_its_own_conjugate_is_made_as_it_stands(name: str) -> None:
    assert is_own_conjugate(name)
    assert is_charged_pair(name) == (name in ("mumu", "kk"))
    events = events_of(signal(final_state=name, mass="1.3 GeV", events=50), quiet())
    pdg = events["Truth_pdg"].reshape(50, -1)
    assert np.all(pdg == pdg[0])


@pytest.mark.parametrize(
    ("text", "number", "made"),
    [
        ("mu+ mu- gamma", 0, [-13, 13, 22]),
        ("pi+ pi- pi0 gamma", 0, [211, -211, 22, 22, 22]),
        ("  K+ K-   eta ", 0, [321, -321, 22, 22]),
        ("e+ e- nu(mu)", 0, [-11, 11, 14]),
        ("mu- mu+", 1, [13, -13]),
        ("pi- mu+", 11, [-211, -13]),
        ("e+ e- nu(e)~", 13, [-11, 11, -12]),
    ],
)
def test_a_final_state_may_be_written_as_its_particles(text: str, number: int, made: list[int]) -> None:
    recipe = signal(final_state=text, mass="1.6 GeV", events=200)
    assert recipe.final_state == " ".join(text.split())
    events = events_of(recipe, quiet())
    assert set(events["truth_final_state"]) == {number}
    of_event = {tuple(row) for row in events["Truth_pdg"].reshape(200, -1).tolist()}
    assert tuple(made) in of_event
    assert len(of_event) == 1 + (not is_own_conjugate(text))
    p = np.stack([events[f"Truth_p{axis}"].astype(np.float64).reshape(200, -1) for axis in "xyz"])
    total = np.hypot(np.linalg.norm(p.sum(axis=2), axis=0), 1600.0)
    assert total == pytest.approx(events["truth_energy"], rel=1e-5)


def test_numbers_of_final_states_in_files_stay() -> None:
    names = [
        "mumu",
        "ee",
        "pipi",
        "pipig",
        "pipipi0",
        "pipi2pi0",
        "pipieta",
        "kk",
        "kkpi0",
        "gg",
        "pimu",
        "pie",
        "eenu",
        "mumunu",
        "emunu",
    ]
    assert [parse(name).number for name in names] == list(range(1, 16))
