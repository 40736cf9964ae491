"""model, acceptance, yields, and show and plot of what they write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from na62dump.cli.app import app
from na62dump.errors import ConfigurationError, InputFileError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result as Called

FEW = ["--events", 800, "--channel", "eta decay", "--channel", "bremsstrahlung"]


def call(*words: object) -> Called:
    return CliRunner().invoke(app, list(map(str, words)))


def rows(called: Called, table: int = 0) -> list[dict[str, Any]]:
    assert called.exit_code == 0, called.output
    found: list[dict[str, Any]] = json.loads(called.stdout)[table]["rows"]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signal")


@pytest.fixture(scope="module")
def accepted(folder: Path) -> Path:
    path = folder / "mumu.acc.zip"
    masses = ["--mass", "300 MeV", "--mass", "0.4 GeV"]
    shown = rows(call("acceptance", "mumu", "-o", path, *FEW, *masses, "--json"))
    assert len(shown) == 4
    assert {row["channel"] for row in shown} == {"eta decay", "bremsstrahlung"}
    return path


@pytest.fixture(scope="module")
def expected(folder: Path, accepted: Path) -> Path:
    path = folder / "yields.zip"
    called = call(
        *("yields", "dark_photon", "--acceptance", accepted, "-o", path, "--masses", 3, "--couplings", 5),
        *("--coupling-range", 1e-7, 1e-5),
    )
    assert called.exit_code == 0, called.output
    assert "omega decay -> mumu (mumu): 300 to 400 MeV" in " ".join(called.output.split())
    return path


def test_a_model_says_what_it_predicts() -> None:
    shown = rows(call("model", "dark_photon", "--mass", "300 MeV", "--coupling", 1e-6, "--decays", "--json"))
    values = {row["what"]: row["300 MeV"] for row in shown}
    assert values["c tau [mm]"] == pytest.approx(142, rel=0.01)
    assert 100 < values["decays in the decay volume"] < 1000
    assert values["into mu+ mu-"] == pytest.approx(0.466, rel=0.01)


@pytest.mark.parametrize(
    "name",
    [
        *("dark_photon", "dark_photon_minimal", "dark_scalar", "alp_fermion", "alp_gluon", "alp_photon", "alp_w"),
        *("alp_independent", "hnl_e", "hnl_mu", "hnl_tau"),
    ],
)
def test_every_shipped_model_is_shown(name: str) -> None:
    assert call("model", name).exit_code == 0


def test_files_are_shown_and_drawn(folder: Path, accepted: Path, expected: Path) -> None:
    assert len(rows(call("show", accepted, "--json"))) == 4
    assert {row["search"] for row in rows(call("show", expected, "--json"))} >= {"mumu"}
    drawn = call("plot", accepted, expected, "-o", folder / "figures")
    assert drawn.exit_code == 0, drawn.output
    names = {path.stem for path in (folder / "figures").rglob("*.png")}
    assert {
        "yields_mumu",
        "yields_by_channel",
        "yields_by_final_state",
        "resolution_mumu_mumu",
        "trigger_mumu_mumu",
    } <= names


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (
            ["model", "dark_foton"],
            UnknownNameError,
            "no model 'dark_foton' in config/signal/; did you mean 'dark_photon'",
        ),
        (
            ["model", "dark_photon", "--mass", "300"],
            ConfigurationError,
            "mass '300' is no energy: write a number, a space",
        ),
        (["model", "dark_photon", "--mass", "9 GeV"], ConfigurationError, "mass '9000 MeV': dark_photon is known from"),
        (["model", "dark_photon", "--coupling", -1], ConfigurationError, "--coupling -1: give a number above 0"),
        (
            ["acceptance", "mumu", "-o", "x.zip", "--model", "hnl_e"],
            UnknownNameError,
            "hnl_e does not decay into 'mumu'",
        ),
        (["model", "dark_photon", "--coupling", 1e300], ConfigurationError, "--coupling 1e+300: give a number above 0"),
        (["acceptance", "mumu", "-o", "none/x.zip"], ConfigurationError, "-o none/x.zip: there is no folder 'none'"),
        (["acceptance", "hh", "-o", "x.zip"], ConfigurationError, "hh"),
        (
            ["yields", "dark_photon", "--acceptance", "none.zip", "-o", "x.zip"],
            InputFileError,
            "none.zip: cannot be read",
        ),
    ],
)
def test_mistakes_are_told(words: list[object], error: type[Exception], message: str) -> None:
    called = call(*words)
    assert isinstance(called.exception, error)
    assert message in str(called.exception)


def test_yields_of_another_model_are_refused(folder: Path, accepted: Path) -> None:
    called = call("yields", "dark_scalar", "--acceptance", accepted, "-o", folder / "x.zip")
    assert isinstance(called.exception, InputFileError)
    assert "is of the model 'dark_photon', not of 'dark_scalar'" in str(called.exception)
    assert not (folder / "x.zip").exists()


def test_an_acceptance_is_not_overwritten_by_its_yields(accepted: Path) -> None:
    content = accepted.read_bytes()
    called = call("yields", "dark_photon", "--acceptance", accepted, "-o", accepted)
    assert isinstance(called.exception, ConfigurationError)
    assert "is there and holds no yields" in str(called.exception)
    assert accepted.read_bytes() == content
