from __future__ import annotations

import pickle
import shutil
from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump.errors import ConfigurationError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def copy(tmp_path: Path, repository: Path) -> Path:
    for name in ("config", "selections"):
        shutil.copytree(repository / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def digest(folder: Path) -> str:
    return searches.load(str(folder / "config" / "mumu.toml")).digest


def test_a_copy_has_the_digest_of_the_original(copy: Path) -> None:
    assert digest(copy) == searches.load("mumu").digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("config/mumu.toml", "e_over_p_max = 0.2 ", "e_over_p_max = 0.3 "),
        ("config/regions.toml", '["6 m", "40 m"]', '["6 m", "41 m"]'),
        ("config/experiment/geometry.toml", 'y = "-22 mm"', 'y = "-21 mm"'),
        ("config/experiment/matching.toml", 'lav_window = "5 ns"', 'lav_window = "6 ns"'),
        ("selections/mumu.py", "common.no_lav(pair),", ""),
        ("selections/common.py", "track.chi2 < cuts", "track.chi2 <= cuts"),
    ],
)
def test_whatever_changes_the_selection_changes_the_digest(copy: Path, file: str, old: str, new: str) -> None:
    before = digest(copy)
    edit(copy / file, old, new)
    assert digest(copy) != before


def test_histograms_change_the_run_digest_alone(copy: Path) -> None:
    path = str(copy / "config" / "mumu.toml")
    before = searches.load(path)
    edit(copy / "config" / "histograms.toml", "bins = 110", "bins = 55")
    after = searches.load(path)
    assert after.digest == before.digest
    assert after.run_digest(frozenset()) != before.run_digest(frozenset())
    assert before.run_digest(frozenset({"CR"})) != before.run_digest(frozenset())


def test_comments_and_units_do_not_change_it(copy: Path) -> None:
    before = digest(copy)
    edit(copy / "config" / "mumu.toml", 'cda_max = "20 mm" ', 'cda_max = "2 cm" # the same')
    assert digest(copy) == before


def test_a_saved_analysis_is_the_same_one(copy: Path, tmp_path: Path) -> None:
    search = searches.load(str(copy / "config" / "mumu.toml"))
    search.save(tmp_path / "saved")
    shutil.rmtree(copy / "selections")
    assert digest(tmp_path / "saved") == search.digest


def test_it_travels_as_a_path_and_is_refused_if_that_changed(copy: Path) -> None:
    search = searches.load(str(copy / "config" / "mumu.toml"))
    sent = pickle.dumps(search)
    assert pickle.loads(sent).digest == search.digest  # noqa: S301 - our own bytes
    edit(copy / "config" / "mumu.toml", "e_over_p_max = 0.2 ", "e_over_p_max = 0.3 ")
    with pytest.raises(ConfigurationError, match="changed on its way to a worker"):
        pickle.loads(sent)  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("e_over_p_max = 0.2", "e_ovr_p_max = 0.2", "unknown key 'e_ovr_p_max' = 0.2; did you mean 'e_over_p_max'"),
        ("e_over_p_max = 0.2", "", "key 'e_over_p_max' is missing"),
        ('cda_max = "20 mm"', "cda_max = 20", "key 'vertex.cda_max': 20 is no length"),
        ('cda_max = "20 mm"', 'cda_max = "20 ns"', "has the unit 'ns', which is no length; allowed: um, mm"),
        ('plus = "mu+"', 'plus = "muon"', "no particle is called 'muon'"),
        ('regions = "mumu"', 'regions = "mumuu"', "no regions are called 'mumuu'; did you mean 'mumu'"),
    ],
)
def test_a_mistake_names_file_key_value_and_fix(copy: Path, old: str, new: str, told: str) -> None:
    edit(copy / "config" / "mumu.toml", old, new)
    with pytest.raises((ConfigurationError, UnknownNameError)) as caught:
        searches.load(str(copy / "config" / "mumu.toml"))
    assert told in str(caught.value)


def test_an_unknown_analysis_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no config file 'mumo'; did you mean 'mumu'"):
        searches.load("mumo")
