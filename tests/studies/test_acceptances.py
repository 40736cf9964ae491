"""Acceptance of the real search: against every decay by itself, between masses, and the trigger as data would measure it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import studies
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.signal import library
from na62dump.signal.propagation import decaying
from na62dump.studies.closure import simulated
from na62dump.studies.fluxes import drawn
from tests.signal.toys import ONE_POINT

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.signal.acceptance import Acceptance
    from na62dump.signal.model import Model

EVENTS = 30_000
CTAU = np.geomspace(50.0, 1e6, 60)
CHANNEL = "eta decay"


@pytest.fixture(scope="module")
def search() -> Analysis:
    return searches.load("mumu")


@pytest.fixture(scope="module")
def model() -> Model:
    return library.load("dark_photon")


@pytest.fixture(scope="module")
def found(search: Analysis, model: Model) -> Acceptance:
    return studies.acceptance(search, model, events=EVENTS, masses=[300.0, 340.0, 380.0], channels=[CHANNEL])


def directly(search: Analysis, model: Model, mass: float) -> NDArray[np.float64]:
    """Accepted share for each decay length, one decay after the other: the sample made again, with the same seed."""
    flux = model.channel(CHANNEL).flux(mass)
    source = drawn(flux, mass, bias=studies.settings(search).bias)
    seed = studies.seed(model, CHANNEL, final_state="mumu", mass=mass)
    changes = {"mass": f"{mass!r} MeV", "events": EVENTS, "keep": "all", "final_state": "mumu", "seed": seed}
    total = np.zeros(len(CTAU))
    for events, selection in simulated(
        search, studies.signal_sample(search).name, changes=changes, spectrum=source.spectrum
    ):
        index = np.unique(selection.visible.rows.index[selection.passed()])
        energy = events["truth_energy"][index].astype(np.float64)
        weight = events["truth_weight"][index] * source.weights(np.sqrt(energy**2 - mass**2))
        distance = events["truth_proper_distance"][index].astype(np.float64)
        total += (weight[:, None] * np.exp(-distance[:, None] / CTAU) / CTAU).sum(axis=0)
    return total * flux.inside / EVENTS


def test_reweighting_is_the_sum_over_decays_to_two_per_mille(search: Analysis, model: Model, found: Acceptance) -> None:
    share, _ = found.fractions(CHANNEL, "mumu", mass=340.0, ctau=CTAU)
    assert share.sum(axis=0) == pytest.approx(directly(search, model, 340.0), rel=0.002, abs=1e-20)


def test_a_mass_between_two_samples_is_that_of_a_sample_there(found: Acceptance) -> None:
    ends = replace(found, samples=(found.samples[0], found.samples[2]))
    share, _ = ends.fractions(CHANNEL, "mumu", mass=340.0, ctau=CTAU)
    there, error = found.fractions(CHANNEL, "mumu", mass=340.0, ctau=CTAU)
    assert np.all(np.abs(share[0] - there[0]) < 0.03 * there[0] + 3 * error[0])


@pytest.mark.parametrize(
    ("name", "channel", "low", "high"), [("ee", "bremsstrahlung", 22.0, 29.5), ("mumu", CHANNEL, 218.0, 223.0)]
)
def test_halfway_between_two_default_masses_the_share_is_right(
    model: Model, name: str, channel: str, low: float, high: float
) -> None:
    """Where the acceptance changes most: electrons that hardly come apart, muons just above their threshold."""
    middle = (low * high) ** 0.5
    made = studies.acceptance(searches.load(name), model, events=EVENTS, masses=[low, middle, high], channels=[channel])
    ends = replace(made, samples=(made.samples[0], made.samples[2]))
    (share, error), (there, spread) = (it.fractions(channel, name, mass=middle, ctau=CTAU) for it in (ends, made))
    seen = there[0] > 1e-3 * there[0].max()
    assert np.all(np.abs(share[0] - there[0])[seen] < (0.03 * there[0] + 3 * np.hypot(error[0], spread[0]))[seen])


def test_signal_lies_in_the_signal_region(found: Acceptance) -> None:
    share, _ = found.fractions(CHANNEL, "mumu", mass=340.0, ctau=CTAU)
    assert found.regions[0] == "SR"
    assert np.all(share[0] > 0.95 * share.sum(axis=0))


def test_the_trigger_is_measured_on_what_the_other_lines_took(found: Acceptance) -> None:
    """Q1, which takes one track of either, tells the efficiency as it is; Control is biased for muons (docs/signal)."""
    for sample in found.samples:
        assert set(sample.trigger) == {studies.TRUTH, "Control", "Q1"}
        every, passed = sample.trigger[studies.TRUTH]
        assert passed == sample.selected < every
        had, both = sample.trigger["Q1"]
        assert had == pytest.approx(every / 20, rel=0.3)  # Q1 is downscaled by 20, whatever H2 does
        truth = passed / every
        assert both / had == pytest.approx(truth, abs=4 * np.sqrt(truth * (1 - truth) / had))
        assert 0 < sample.trigger["Control"][1] < sample.trigger["Control"][0]


def test_a_last_chunk_without_any_row_loses_nothing(search: Analysis, model: Model) -> None:
    made = studies.acceptance(search, model, events=50_001, masses=[300.0], channels=[CHANNEL])
    assert set(made.samples[0].trigger) == {studies.TRUTH, "Control", "Q1"}


@pytest.mark.parametrize("ctau", [30.0, 1e3, 1e5])
def test_all_decays_are_what_the_decay_law_says(search: Analysis, model: Model, ctau: float) -> None:
    """No selection: weights of all simulated decays in a volume add up to P_RD of the flux in closed form."""
    mass, begin, end = 300.0, 105e3, 180e3
    flux = model.channel(CHANNEL).flux(mass)
    source = drawn(flux, mass, bias=1.0)
    changes = {"mass": f"{mass} MeV", "events": 40_000, "final_state": "mumu", "keep": "all", "seed": 1}
    total = square = 0.0
    for events, _ in simulated(search, studies.signal_sample(search).name, changes=changes, spectrum=source.spectrum):
        inside = (events["truth_z"] > begin) & (events["truth_z"] < end)
        energy, distance, weight = (
            events[f"truth_{name}"][inside].astype(np.float64) for name in ("energy", "proper_distance", "weight")
        )
        terms = weight * source.weights(np.sqrt(energy**2 - mass**2)) * np.exp(-distance / ctau) / ctau
        total, square = total + terms.sum(), square + (terms**2).sum()
    found, error = total * flux.inside / 40_000, np.sqrt(square) * flux.inside / 40_000
    dump = search.geometry.axis.z
    expected = decaying(flux, begin - dump, end=end - dump, mass=mass, ctau=ctau)
    assert abs(found - expected) < 3 * error + 0.01 * expected  # the depth of the dump, and the width of cells
    assert error < 0.05 * expected


def test_a_search_without_signal_is_told(search: Analysis, model: Model) -> None:
    other = replace(search, file=search.file.model_copy(update={"samples": ("halo",)}))
    with pytest.raises(
        ConfigurationError, match=r"key 'samples' = \['halo'\] names no sample with process = \"signal\""
    ):
        studies.acceptance(other, model)


def test_what_the_decays_were_simulated_with_is_remembered(
    found: Acceptance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    studies.check_current(found)
    shutil.copytree(repository / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    studies.check_current(found)
    response = tmp_path / "config" / "experiment" / "response.toml"
    response.write_text(response.read_text().replace('spot = "5 mm"', 'spot = "6 mm"'))
    with pytest.raises(ConfigurationError, match="was made with another recipe, response or bias"):
        studies.check_current(found)
    with pytest.raises(ConfigurationError, match="was made with another analysis"):
        studies.check_current(replace(found, digest="0"))


def test_the_mass_is_measured(found: Acceptance) -> None:
    widths = [sample.resolution[1] for sample in found.samples if sample.resolution]
    assert len(widths) == 3
    assert widths == sorted(widths)
    assert 0.5 < widths[0] < widths[2] < 4.0


def test_the_same_seed_gives_the_same_file(search: Analysis, model: Model) -> None:
    one, other = (studies.acceptance(search, model, events=2000, masses=[300.0], channels=[CHANNEL]) for _ in range(2))
    assert one.dumps({}) == other.dumps({})


def test_a_bias_of_the_momenta_changes_nothing_but_the_errors(model: Model) -> None:
    flux = model.channel(CHANNEL).flux(300.0)
    for bias in (0.0, 1.0, 2.0):
        source = drawn(flux, 300.0, bias=bias)
        rows = np.searchsorted(np.hypot(source.edges, 300.0), source.spectrum.energy_low, side="right") - 1
        weight = source.spectrum.weight / source.spectrum.weight.sum() * source.back[rows]
        assert weight.sum() == pytest.approx(1.0)
        assert np.allclose(np.bincount(rows, weights=weight), flux.weight.sum(axis=1)[: rows.max() + 1] / flux.inside)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"channels": ["eta"]}, "dark_photon has no production channel 'eta'; did you mean"),
        ({"final_states": ["pimu"]}, "dark_photon does not decay into 'pimu'"),
    ],
)
def test_unknown_names_are_told(search: Analysis, model: Model, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        studies.acceptance(search, model, **asked)


def test_a_lifetime_of_the_recipe_is_not_weighted_twice(
    search: Analysis, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    usual = studies.acceptance(search, model, events=500, masses=[300.0], channels=[CHANNEL])
    shutil.copytree(repository / "config", tmp_path / "config")
    shutil.copytree(repository / "selections", tmp_path / "selections")
    path = tmp_path / "config" / "samples" / f"{studies.signal_sample(search).name}.toml"
    path.write_text(path.read_text().replace('mass = "400 MeV"', 'mass = "400 MeV"\nproper_lifetime = "10 m"'))
    monkeypatch.chdir(tmp_path)
    other = studies.acceptance(searches.load("mumu"), model, events=500, masses=[300.0], channels=[CHANNEL])
    assert "proper_lifetime" in studies.signal_sample(searches.load("mumu")).recipe
    assert np.array_equal(other.samples[0].sums, usual.samples[0].sums)


def test_a_model_of_one_mass_is_simulated_there(search: Analysis, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("energy_low,energy_high,theta_low,theta_high,weight\n50000,60000,0,0.001,1\n")
    (tmp_path / "mine.toml").write_text(ONE_POINT)
    made = studies.acceptance(search, library.load(str(tmp_path / "mine.toml")), events=500)
    assert [sample.mass for sample in made.samples] == [pytest.approx(300.0)]
    assert made.samples[0].selected > 0


def test_the_order_of_what_is_asked_for_changes_nothing(search: Analysis, model: Model) -> None:
    one = studies.acceptance(search, model, events=300, masses=[400.0, 300.0, 300.0], channels=[CHANNEL, "phi decay"])
    other = studies.acceptance(search, model, events=300, masses=[300.0, 400.0], channels=["phi decay", CHANNEL])
    assert one.dumps({}) == other.dumps({})
    assert len(one.samples) == 4


def test_a_mass_that_no_channel_makes_is_told(search: Analysis, model: Model) -> None:
    with pytest.raises(ConfigurationError, match=r"nothing to simulate for mumu at 600 MeV: mumu from 211\.317 MeV"):
        studies.acceptance(search, model, masses=[600.0], channels=[CHANNEL])


def test_each_search_finds_a_model_of_its_own(search: Analysis) -> None:
    assert studies.first_model(search).name == "dark_photon"
