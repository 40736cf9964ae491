"""Models by name, and the digest of all that they are made from."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.signal import library
from tests.signal.toys import ONE_POINT

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = [
    *("alp_fermion", "alp_gluon", "alp_independent", "alp_photon", "alp_w"),
    *("dark_photon", "dark_photon_minimal", "dark_scalar", "hnl_e", "hnl_mu", "hnl_tau"),
]


@pytest.fixture
def copy(repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(repository / "config" / "signal", tmp_path / "own" / "signal")
    return tmp_path / "own" / "signal"


def test_the_shipped_models_are_listed() -> None:
    assert library.names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_model_decays_and_is_made_somewhere(name: str) -> None:
    model = library.load(name)
    mass = min((model.mass_min * model.mass_max) ** 0.5, 500.0)
    assert model.width(mass) > 0
    assert sum(model.branching(mass).values()) == pytest.approx(1)
    assert any(channel.makes(mass) and channel.number(mass) > 0 for channel in model.channels)
    assert model.coupling.low < model.coupling.high


def test_a_copy_is_the_same_model(copy: Path) -> None:
    assert library.load(str(copy / "dark_scalar.toml")).origin == library.load("dark_scalar").origin


@pytest.mark.parametrize(
    "name", ["dark_scalar", "standard", "production", "b_decays", "final_states", "semileptonic", "weak", "primakoff"]
)
def test_a_change_of_any_file_makes_another_model(copy: Path, name: str) -> None:
    before = library.load(str(copy / "dark_scalar.toml")).origin
    path = copy / f"{name}.toml"
    text = path.read_text()
    path.write_text(text + "\n# a comment\n")
    assert library.load(str(copy / "dark_scalar.toml")).origin == before
    numbers = re.finditer(r"^(\w+) = \"?(\d+\.\d+)", text, flags=re.MULTILINE)
    number = next((found for found in numbers if found[1] not in library.AFTERWARDS), None)
    assert number
    path.write_text(text[: number.start(2)] + "1" + text[number.start(2) :])
    assert library.load(str(copy / "dark_scalar.toml")).origin != before


def test_what_numbers_are_multiplied_by_afterwards_is_no_part_of_it(copy: Path) -> None:
    path = copy / "production.toml"
    path.write_text(path.read_text().replace("protons_on_target = 1.4e17", "protons_on_target = 1e18"))
    assert library.load(str(copy / "dark_scalar.toml")).origin == library.load("dark_scalar").origin


def test_a_file_of_ones_own_beside_the_model_is_seen(tmp_path: Path, repository: Path) -> None:
    """Only some files are copied: the others are the shipped ones."""
    folder = tmp_path / "signal"
    folder.mkdir()
    for name in ("dark_scalar", "b_decays"):
        shutil.copy(repository / "config" / "signal" / f"{name}.toml", folder)
    same = library.load(str(folder / "dark_scalar.toml"))
    assert same.origin == library.load("dark_scalar").origin
    text = (folder / "b_decays.toml").read_text()
    (folder / "b_decays.toml").write_text(
        text.replace("value = 0.33 ", "value = 0.66 ").replace("value = 0.330", "value = 0.66")
    )
    other = library.load(str(folder / "dark_scalar.toml"))
    assert other.channels[0].number(300.0) > 1.2 * same.channels[0].number(300.0)
    assert other.origin != same.origin


def test_an_unknown_name_and_kind_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no model 'dark_foton' in config/signal/; did you mean 'dark_photon'"):
        library.load("dark_foton")
    path = tmp_path / "mine.toml"
    path.write_text('kind = "dark foton"\n')
    with pytest.raises(
        ConfigurationError, match="key 'kind' = 'dark foton' is no kind of model; did you mean 'dark photon'"
    ):
        library.load(str(path))


def test_momenta_lie_beside_the_file_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("energy_low,energy_high,theta_low,theta_high,weight\n50000,60000,0,0.001,1\n")
    (tmp_path / "mine.toml").write_text(ONE_POINT)
    assert library.load(str(tmp_path / "mine.toml")).channels[0].flux(300.0).inside == pytest.approx(1.0)
