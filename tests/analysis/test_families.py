"""Names that stand for several analyses."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump import runs
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.runs.families import FAMILY

if TYPE_CHECKING:
    from pathlib import Path

HADRONS = ["pipi", "pipig", "pipipi0", "pipi2pi0", "pipieta", "kk", "kkpi0"]


@pytest.fixture
def config(tmp_path: Path, repository: Path) -> Path:
    for name in ("config", "selections"):
        shutil.copytree(repository / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "config"


def test_hh_stands_for_the_seven_hadronic_analyses() -> None:
    assert [searches.load(member).name for member in searches.members("hh")] == HADRONS
    assert searches.members("mumu") == ("mumu",)
    for name in HADRONS:
        assert set(searches.load(name).kin) == set(HADRONS) - {name}


def test_a_family_is_no_analysis() -> None:
    with pytest.raises(
        ConfigurationError, match=r"hh\.toml: stands for several analyses; name one of them: pipi, pipig"
    ):
        searches.load("hh")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("analyses = []", r"hh\.toml: key 'analyses' = \[\]: name one or more analyses, each once"),
        ('analyses = ["kk", "kk"]', "each once"),
        ('analyses = ["kk", "pipy"]', "no config file 'pipy'; did you mean 'pipi'"),
        ('analyses = ["kk"]\nmore = 1', "unknown key 'more'"),
    ],
)
def test_a_family_names_analyses_each_once(config: Path, text: str, message: str) -> None:
    (config / "hh.toml").write_text(text)
    with pytest.raises((ConfigurationError, UnknownNameError), match=message):
        searches.members(str(config / "hh.toml"))


def test_two_members_of_one_name_are_refused(config: Path) -> None:
    (config / "hh.toml").write_text(f'analyses = ["kk", "{config}/kk.toml"]')
    with pytest.raises(ConfigurationError, match="have one name, which their results would share"):
        searches.members(str(config / "hh.toml"))


@pytest.mark.parametrize("listed", ['["../config/kk"]', '["kk.toml"]', '["kk", "kk"]'])
def test_hidden_with_takes_names_each_once(config: Path, listed: str) -> None:
    path = config / "pipi.toml"
    path.write_text(path.read_text().replace('hidden_with = ["hh"]', f"hidden_with = {listed}"))
    with pytest.raises(
        UnknownNameError, match=r"pipi\.toml: key 'hidden_with': .* give names of analyses beside this one"
    ):
        searches.load(str(path))


def test_hidden_with_has_to_be_written(config: Path) -> None:
    path = config / "mumu.toml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith("hidden_with")]
    path.write_text("\n".join(kept))
    with pytest.raises(ConfigurationError, match=r"mumu\.toml: key 'hidden_with' is missing; write it"):
        searches.load(str(path))


def test_analyses_beside_one_are_found(config: Path) -> None:
    assert set(searches.beside(config / "mumu.toml")) == {
        *HADRONS,
        *("ee", "gg", "pimu", "pie", "eenu", "mumunu", "emunu"),
    }


def test_the_folder_of_a_family_lists_its_runs(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    made = runs.create_family(folder, ["pipi", "kk"])
    for each in made:
        each.mkdir()
        (each / runs.PLAN).touch()
    assert made == runs.members(folder) == [folder / "pipi", folder / "kk"]
    assert runs.create_family(folder, ["pipi", "kk"]) == made
    with pytest.raises(ConfigurationError, match="another run is there already; give another folder"):
        runs.create_family(folder, ["pipi"])
    assert runs.members(tmp_path / "other") == [tmp_path / "other"]
    for broken, message in (("[", "cannot be read"), ("{}", "no list of analyses")):
        (folder / FAMILY).write_text(broken)
        with pytest.raises(ConfigurationError, match=message):
            runs.members(folder)
