from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from na62dump.cli import show as verbs
from na62dump.errors import UnknownNameError
from tests.worlds import declared, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result as Called

APP = typer.Typer()
verbs.add_to(APP)
MADE = {
    "digests": {"analysis": "0"},
    "libraries": {},
    "package": {"name": "na62dump"},
    "python": "3",
    "time": "now",
    "inputs": {"units": []},
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of two samples, of which the signal has a variation."""
    folder = tmp_path_factory.mktemp("show")
    events = simulated("halo", 400)
    write(folder / "h.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    write(folder / "s.root", simulated("demo_signal", 1_000), bursts=[], truth=True)
    samples = {"halo": declared("data", "h.root"), "signal": declared("simulation", "s.root")}
    result = merged(folder / "run", planned(folder, samples))
    state = result.state.model_copy(update={"variations": ("p up",)})
    varied = replace(result, state=state, varied={"signal": {"p up": result.of("signal")}})
    path = folder / "r.zip"
    path.write_bytes(varied.dumps(MADE))
    return path


def call(*words: object) -> Called:
    return CliRunner().invoke(APP, ["show", *map(str, words)])


def titles(called: Called) -> list[str]:
    assert called.exit_code == 0, called.output
    return [table["title"] for table in json.loads(called.stdout)]


def test_all_samples_are_shown_with_cutflow_removed_and_correlations(file: Path) -> None:
    found = titles(call(file, "--json"))
    assert [title.split(":")[0] for title in found[1:3]] == [
        "What each requirement removes",
        "How requirements go together",
    ]
    assert len([title for title in found if "[halo]" in title or "[signal]" in title]) == 2
    assert any(title.startswith("Systematic variations") for title in found)
    complete = json.loads(call(file, "--json").stdout)[2]["rows"]
    assert len(complete) > 100
    assert "the strongest 15 of" in call(file).stdout


def test_one_sample_and_one_variation_are_chosen(file: Path) -> None:
    chosen = titles(call(file, "--sample", "halo", "--json"))
    assert sum("entries read" in title for title in chosen) == 1
    assert "[halo]" in chosen[0]
    both = titles(call(file, "--sample", "signal", "--sample", "halo", "--json"))
    assert ["[signal]" in both[0], "[halo]" in both[3]] == [True, True]
    varied = titles(call(file, "--variation", "p up", "--json"))
    assert "[signal, varied: p up]" in varied[0]
    assert sum("entries read" in title for title in varied) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sample", "signl"), r"no sample 'signl' in this result; did you mean 'signal'\?"),
        (("--variation", "p upp"), r"no variation 'p upp' in this result; did you mean 'p up'\?"),
        (("--sample", "halo", "--variation", "p up"), "sample 'halo' has no variation 'p up'; known: nominal"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(file: Path, words: tuple[str, ...], message: str) -> None:
    called = call(file, *words)
    assert called.stdout == ""
    with pytest.raises(UnknownNameError, match=message):
        raise called.exception or AssertionError
