from __future__ import annotations

from pathlib import Path

import pytest

from na62dump.configuration import find, names, shipped
from na62dump.errors import UnknownNameError


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    return path


def test_the_shipped_folder_is_the_checkout(repository: Path) -> None:
    assert shipped() == repository


@pytest.mark.usefixtures("elsewhere")
def test_the_shipped_copy_is_found_from_anywhere() -> None:
    assert find("experiment/geometry") == shipped() / "config" / "experiment" / "geometry.toml"


def test_the_local_config_goes_before_the_shipped_one(elsewhere: Path) -> None:
    local = written(elsewhere / "config" / "experiment" / "geometry.toml")
    assert find("experiment/geometry") == local


def test_what_the_local_config_lacks_is_taken_from_the_shipped_one(elsewhere: Path) -> None:
    written(elsewhere / "config" / "mine.toml")
    assert find("experiment/geometry") == shipped() / "config" / "experiment" / "geometry.toml"


def test_a_path_goes_before_both(elsewhere: Path) -> None:
    written(elsewhere / "config" / "mine.toml")
    mine = written(elsewhere / "mine.toml")
    assert find(str(mine)) == mine
    assert find("mine.toml") == Path("mine.toml")
    assert find("mine") == elsewhere / "config" / "mine.toml"


def test_the_folder_near_goes_before_the_local_one(elsewhere: Path) -> None:
    written(elsewhere / "selections" / "mine.py")
    near = written(elsewhere / "far" / "mine.py")
    assert find("mine", kind="selections", suffix=".py", near=near.parent) == near


def test_a_folder_of_that_name_is_no_file(elsewhere: Path) -> None:
    (elsewhere / "mine.toml").mkdir()
    with pytest.raises(UnknownNameError, match=r"no config file 'mine\.toml'"):
        find("mine.toml")


def test_an_unknown_name_is_answered_with_the_nearest(elsewhere: Path) -> None:
    written(elsewhere / "config" / "mumu.toml")
    with pytest.raises(UnknownNameError, match=r"no config file 'mumo'; did you mean 'mumu'\? known: mumu"):
        find("mumo")


@pytest.mark.usefixtures("elsewhere")
def test_an_unknown_name_in_a_folder_is_answered_from_that_folder() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'experiment/geometry'\?"):
        find("experiment/geometri")


def test_names_are_those_of_both_folders_once(elsewhere: Path) -> None:
    written(elsewhere / "config" / "experiment" / "geometry.toml")
    written(elsewhere / "config" / "experiment" / "mine.toml")
    found = names(under=Path("experiment"))
    assert found == sorted(set(found))
    assert {"experiment/geometry", "experiment/mine"} <= set(found)
