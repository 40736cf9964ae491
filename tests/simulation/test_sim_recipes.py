from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from na62dump.configuration import load, load_text
from na62dump.datasets import Sample, TriggerLines
from na62dump.errors import ConfigurationError
from na62dump.simulation import HaloRecipe, Response, count_events, recipe
from tests.simulation.sim_world import FLAT, HALO, PROMPT, SIGNAL, usual

if TYPE_CHECKING:
    from pathlib import Path


def sample(table: dict[str, Any] | None, kind: str = "simulation") -> Sample:
    return Sample.model_validate({"kind": kind, "label": "muons", "files": ("x.root",), "simulate": table})


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (None, r"s\.toml: the sample 'muons' has no table \[simulate\]; add one"),
        ({}, r"'simulate.process' = '' is no process; known: halo, prompt, signal"),
        ({"process": "signla"}, r"'signla' is no process; did you mean 'signal'\?"),
        (SIGNAL | {"masss": "1 GeV"}, r"s\.toml \[simulate\]: unknown key 'masss' = '1 GeV'; did you mean 'mass'\?"),
        (SIGNAL | {"mass": "400 mm"}, r"key 'mass': '400 mm' has the unit 'mm', which is no energy"),
        (SIGNAL | {"mass": "200 MeV"}, r"mass \(200 MeV\) must be above that of the final state mumu, 211.317 MeV"),
        (SIGNAL | {"channel": "brems"}, r"channel 'brems' is not known; did you mean 'bremsstrahlung'\?"),
        (SIGNAL | {"final_state": "emuno"}, r"final_state 'emuno' is not known; did you mean 'emunu'\?"),
        (SIGNAL | {"final_state": "K+"}, r"'K\+' is not known; .*; or name its particles, such as 'K\+ K- eta'"),
        (SIGNAL | {"final_state": "K+ K- etaa"}, r"no particle 'etaa' can be simulated; did you mean 'eta'\?"),
        (SIGNAL | {"final_state": "p p~"}, r"no particle 'p' can be simulated; .*known: pi0, K\+, K-, "),
        (SIGNAL | {"final_state": "pi+ pi+"}, r"'pi\+ pi\+' has the charge \+2; what decays is neutral: mend a sign"),
        (SIGNAL | {"final_state": "pi0 " * 5}, r"has 5 particles; at most 4 can be simulated"),
        (SIGNAL | {"final_state": "K+ K- eta"}, r"must be above that of the final state K\+ K- eta, 1535.22 MeV"),
        (SIGNAL | {"decay_z_max": "99 m"}, r"decay_z_min \(100000 mm\) must be below decay_z_max \(99000 mm\)"),
        (SIGNAL | {"proper_lifetime": "0 m"}, r"proper_lifetime \(0 mm\) must be above 0"),
        (SIGNAL | {"spectrum": FLAT | {"shape": "round"}}, r"'spectrum' .*'flat', 'bremsstrahlung', 'table'"),
        (SIGNAL | {"keep": "some"}, r"key 'keep' = 'some': .*'triggered' or 'all'"),
        (SIGNAL | {"bursts": 0}, r"key 'bursts' = 0: .*greater than or equal to 1"),
        (SIGNAL | {"truth": False}, r"a sample of kind 'simulation' needs truth = true"),
        (HALO | {"rate": "1 kHz"}, r"give either 'rate', or both 'singles' and 'pairs'"),
        ({k: v for k, v in HALO.items() if k != "pairs"}, r"give either 'rate', or both 'singles' and 'pairs'"),
        (HALO | {"momentum_max": "1 GeV/c"}, r"needs 0 < momentum_min < momentum_max .* got 5000, 1000 and 30000"),
        (HALO | {"positive": 1.5}, r"key 'positive' = 1.5: .*less than or equal to 1"),
        (PROMPT | {"final_state": "pipig"}, r"final_state 'pipig' is not two charged particles; did you mean 'pipi'"),
        (PROMPT | {"final_state": "mu+ mu- gamma"}, r"'mu\+ mu- gamma' is not two charged particles; known: ee"),
        (PROMPT | {"final_state": "eee"}, r"final_state 'eee' is not known; did you mean 'ee'"),
        (PROMPT | {"vertex_z_min": "200 m"}, r"vertex_z_min \(200000 mm\) is above vertex_z_max \(180000 mm\)"),
        (PROMPT | {"mass_max": "1 MeV"}, r"needs mass_mean > 0 and mass_max above 1.022 MeV, .* got 100 and 1 MeV"),
        (PROMPT | {"momentum_mean": "0 GeV/c"}, r"momentum_mean > 0; got 5000, 200000 and 0"),
        (PROMPT | {"lav_activity": 2}, r"key 'lav_activity' = 2: .*less than or equal to 1"),
        (HALO | {"duration": "0 s"}, r"duration \(0 ns\) must be above 0"),
    ],
)
def test_bad_recipes_say_what_is_wrong(table: dict[str, Any] | None, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        recipe(sample(table), where="s.toml")


def test_pseudo_data_do_not_show_their_truth() -> None:
    with pytest.raises(ConfigurationError, match=r"kind 'data' is pseudo-data here and must not show its truth"):
        recipe(sample(HALO, kind="data"), where="s.toml")
    assert not recipe(sample(HALO | {"truth": False}, kind="data"), where="s.toml").truth


def test_accidental_activity_beyond_the_buffers_is_refused() -> None:
    table = usual().lav.accidental.model_dump()
    assert table["rate"] * table["window"] < 4
    with pytest.raises(ConfigurationError, match=r"rate 0.1 /ns and window 100 ns give 10: lower one of them"):
        load_text({"rate": "100 MHz", "window": "100 ns"}, type(usual().muv3.accidental), where="response")


def test_shipped_samples_can_be_simulated(repository: Path) -> None:
    folder = repository / "config" / "samples"
    runs = {}
    for path in folder.glob("*.toml"):
        name, found = path.stem, load(path, Sample)
        it = recipe(found, where=name)
        runs[name] = it.run
        assert count_events(found, where=name) >= 100_000
        assert found.files == (f"{name}/*.root",)
        assert "simulated" in found.label
        assert name.startswith("demo") or isinstance(it, HaloRecipe) or name.endswith(f"_{it.final_state}")
    assert {"ap_mumu", "ap_pipi2pi0", "alp_gg", "hnl_pie", "prompt_ee", "demo_signal", "halo"} < set(runs)
    assert len(set(runs.values())) == len(runs)
    assert load(folder / "demo_data.toml", Sample).kind == "data"


def test_every_number_of_the_simulation_says_where_it_comes_from(repository: Path) -> None:
    config = repository / "config"
    bare = [
        f"{path.name}: {line}"
        for path in (config / "experiment" / "response.toml", *config.glob("samples/*.toml"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"""\w+ *= *"?[-\d.]""", line) and not re.search(r"#.*\[\w+\]", line)
    ]
    assert bare == []


def test_photons_without_a_least_energy_are_refused() -> None:
    table = {"photon_min": "0 MeV", "upstream_radiation_lengths": 0.0}
    with pytest.raises(ConfigurationError, match=r"photon_min \(0 MeV\) must be above 0"):
        load_text(table, type(usual().bremsstrahlung), where="response")


def test_the_shipped_response_is_whole(repository: Path) -> None:
    response = load(repository / "config" / "experiment" / "response.toml", Response)
    assert response.beam.spot == 5.0
    lines = load(repository / "config" / "experiment" / "trigger.toml", TriggerLines)
    assert response.trigger.q1_downscaling == lines["Q1"].downscaling == 20
