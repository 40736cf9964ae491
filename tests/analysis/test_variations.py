"""Systematic variations as an analysis reads them: from the shared file and its own, and what is refused."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump.analysis.variations import Variation, changed, chosen
from na62dump.configuration import load_text
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.events import Scaling
from na62dump.histograms import NOMINAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.analysis import Analysis

SHARED = """
[variation.up.factors]
Track_p = 1.1

[variation.late.shifts]
Track_time = "0.2 ns"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "variations.toml").write_text(SHARED)
    return tmp_path


@pytest.fixture
def copy(tmp_path: Path, repository: Path) -> Path:
    """Editable copies of all files."""
    for name in ("config", "selections"):
        shutil.copytree(repository / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "config"


def parsed(tables: Mapping[str, object]) -> Variation:
    return load_text(tables, Variation, where="this test")


def with_variation(copy: Path, text: str, name: str = "pipi") -> Analysis:
    """The analysis with a variation of its own."""
    path = copy / f"{name}.toml"
    path.write_text(f"{path.read_text()}\n{text}")
    return searches.load(str(path))


def test_shared_ones_come_in_the_order_named_and_own_ones_after_them(folder: Path) -> None:
    own = {"loose": parsed({"cuts": {"e_over_p_max": 0.9}})}
    found = chosen(["late", "up"], own, near=folder, where="x.toml")
    assert list(found) == ["late", "up", "loose"]
    assert found["up"].scaling == Scaling({"Track_p": 1.1})
    assert found["late"].scaling == Scaling({}, {"Track_time": 0.2})
    assert found["loose"].scaling == Scaling()


def test_without_names_no_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "variations.toml").write_text("not TOML")
    assert chosen([], {}, near=tmp_path, where="x.toml") == {}


@pytest.mark.parametrize(
    ("names", "own", "message"),
    [
        (["up", "up"], [], r"x\.toml: there are two variations called 'up'; rename one"),
        (["up"], ["up"], r"x\.toml: there are two variations called 'up'"),
        ([], [NOMINAL], r"two variations called 'nominal'; rename one \('nominal' is taken\)"),
        (["upp"], [], r"x\.toml: key 'variations' names no variation 'upp' of variations\.toml; did you mean 'up'"),
    ],
)
def test_names_are_known_and_taken_once(folder: Path, names: list[str], own: list[str], message: str) -> None:
    variation = parsed({"factors": {"LKr_energy": 1.1}})
    with pytest.raises(ConfigurationError, match=message):
        chosen(names, dict.fromkeys(own, variation), near=folder, where="x.toml")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "changes nothing; give it a table cuts, factors or shifts"),
        ({"cuts": {}}, "changes nothing"),
        ({"factors": {"Track_pp": 1.1}}, "column 'Track_pp', which is unknown; did you mean 'Track_p'"),
        ({"factors": {"Track_charge": 1.1}}, "column 'Track_charge', which was not measured as a float"),
        ({"factors": {"True_p": 1.1}}, "column 'True_p', which"),
        ({"shifts": {"Track_tim": "1 ns"}}, "column 'Track_tim', which is unknown; did you mean 'Track_time'"),
        ({"shifts": {"Track_time": 1}}, "column 'Track_time': 1 is no time: write a number, a space and a unit"),
        (
            {"shifts": {"Track_time": "1 mm"}},
            "column 'Track_time': '1 mm' has the unit 'mm', which is no time; allowed",
        ),
        ({"shifts": {"Track_time": "inf ns"}}, "finite number"),
        ({"shifts": {"Track_tim": 1}}, "did you mean 'Track_time'"),
        ({"shifts": {"Track_chi2": "1 ns"}}, "key 'shifts.Track_chi2' = '1 ns': Input should be a valid number"),
        ({"shifts": "1 ns"}, "key 'shifts' = '1 ns'"),
        ({"factors": {"Track_p": float("inf")}}, "finite number"),
        ({"factor": {"Track_p": 1.1}}, "unknown key 'factor' = .*; did you mean 'factors'"),
    ],
)
def test_a_variation_that_cannot_be_meant_is_refused(tables: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parsed(tables)


def test_changed_tables_keep_what_is_not_changed() -> None:
    tables = {"a": 1, "inner": {"b": 2, "c": 3}, "other": {"d": 4}}
    assert changed(tables, {"inner": {"c": 5}, "a": 6}) == {"a": 6, "inner": {"b": 2, "c": 5}, "other": {"d": 4}}
    assert changed(tables, {"new": 7, "inner": 8}) == {"a": 1, "inner": 8, "other": {"d": 4}, "new": 7}
    assert changed(tables, {}) == tables == {"a": 1, "inner": {"b": 2, "c": 3}, "other": {"d": 4}}


def test_the_nominal_numbers_are_first_and_a_variation_has_its_own(copy: Path) -> None:
    search = with_variation(
        copy, '[variation.loose.cuts]\ne_over_p_max = 0.9\n[variation.loose.cuts.vertex]\ncda_max = "3 cm"'
    )
    assert list(search.variations) == [NOMINAL, *search.file.variations, "loose"]
    nominal, loose = (search.variations[name].cuts.model_dump() for name in (NOMINAL, "loose"))
    assert (nominal["e_over_p_max"], nominal["vertex"]["cda_max"]) == (0.8, 20.0)
    assert (loose["e_over_p_max"], loose["vertex"]["cda_max"]) == (0.9, 30.0)
    assert loose["vertex"]["z_min"] == nominal["vertex"]["z_min"]
    assert search.cuts == search.variations[NOMINAL].cuts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[variation.x.cuts]\ne_ovr_p_max = 0.9", r"pipi\.toml: \[variation\.x\.cuts\]: unknown key 'e_ovr_p_max' = 0\.9; did"),
        ('[variation.x.cuts.vertex]\ncda_max = "3 ns"', r"\[variation\.x\.cuts\]: key 'vertex\.cda_max': .*'ns', which is no"),
        ("[variation.x]", r"pipi\.toml: key 'variation\.x': changes nothing"),
        ("[variation.x.factors]\nTrack_pp = 1.1", r"pipi\.toml: key 'variation\.x': a factor .* 'Track_pp', which is unknown; did you mean 'Track_p'"),
        ("[variation.straw_scale_up.factors]\nTrack_p = 1.1", r"pipi\.toml: there are two variations called 'straw_scale_up'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_names_file_key_and_fix(copy: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        with_variation(copy, text)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("variations", "Track_p = 1.001", "Track_p = 1.002"),
        ("pipi", '"lkr_scale_up", "lkr_scale_down"]', '"lkr_scale_up"]'),
        ("regions", '[hh]\ncolumns = ["cda_tax", "z_tax"]', '[hh]\ncolumns = ["vertex_radius", "z_tax"]'),
        # of the others that hide the same events: regions, final state, detector scales
        ("regions", '[hh_neutrals]\ncolumns = ["cda_tax"', '[hh_neutrals]\ncolumns = ["vertex_radius"'),
        ("pipieta", 'neutrals = ["eta"]', 'neutrals = ["eta", "eta"]'),
        ("kk", '"lkr_scale_up", "lkr_scale_down"]', '"lkr_scale_up"]'),
        ("pipi", 'hidden_with = ["hh"]', 'hidden_with = ["pipig", "kk"]'),
        ("hh", '"kk", "kkpi0"]', '"kk"]'),
    ],
)  # fmt: skip
def test_what_hides_or_varies_is_in_the_digest(copy: Path, file: str, old: str, new: str) -> None:
    before = searches.load(str(copy / "pipi.toml"))
    path = copy / f"{file}.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert searches.load(str(copy / "pipi.toml")).digest != before.digest


def test_numbers_of_the_others_that_hide_nothing_are_not_in_the_digest(copy: Path) -> None:
    before = searches.load(str(copy / "pipi.toml"))
    path = copy / "kk.toml"
    path.write_text(path.read_text().replace("e_over_p_max = 0.8", "e_over_p_max = 0.7"))
    assert searches.load(str(copy / "pipi.toml")).digest == before.digest
    assert searches.load(str(path)).digest != searches.load("kk").digest


@pytest.mark.parametrize("name", ["pipi", "gg"])
def test_a_saved_analysis_keeps_its_variations_and_the_others(copy: Path, name: str) -> None:
    search = searches.load(str(copy / f"{name}.toml"))
    search.save(copy.parent / "saved")
    for folder in (copy, copy.parent / "selections"):
        shutil.rmtree(folder)
    saved = searches.load(str(copy.parent / "saved" / "config" / f"{name}.toml"))
    assert saved.digest == search.digest
    for other in search.kin:
        # the digest of each decides what its record opens
        again = searches.load(str(copy.parent / "saved" / "config" / f"{other}.toml"))
        assert again.digest == searches.load(other).digest


def test_another_analysis_of_the_same_events_that_is_not_there_is_told(copy: Path) -> None:
    path = copy / "pipi.toml"
    path.write_text(path.read_text().replace('hidden_with = ["hh"]', 'hidden_with = ["kkk"]'))
    with pytest.raises(
        UnknownNameError, match=r"pipi\.toml: key 'hidden_with': no config file 'kkk'; did you mean 'kk'"
    ):
        searches.load(str(path))


@pytest.mark.parametrize("table", ["hh", "hh_neutrals"])
def test_regions_over_what_tracks_are_taken_for_hide_nothing_together(copy: Path, table: str) -> None:
    # the mass of K+ K- is not that of pi+ pi-: a row outside under one may be inside under the other
    path = copy / "regions.toml"
    text = path.read_text()
    start = text.index(f"[{table}]")
    end = text.find("\n[", text.index("[[" + table + '.region]]\nname = "CR3"') + 2)
    changed_table = text[start:end].replace('"cda_tax"', '"mass"').replace(' mm"', ' MeV"')
    path.write_text(text[:start] + changed_table + text[end:])
    with pytest.raises(
        ConfigurationError, match=r"pipi\.toml: key 'hidden_with': regions of \w+ are over mass, which is"
    ):
        searches.load(str(copy / "pipi.toml"))
    pipi = copy / "pipi.toml"
    kept = pipi.read_text().splitlines()
    pipi.write_text("\n".join("hidden_with = []" if line.startswith("hidden_with") else line for line in kept))
    alone = searches.load(str(pipi))
    assert alone.plane.columns[0] == ("mass" if table == "hh" else "cda_tax")


def test_a_saved_analysis_has_the_others_of_the_others(copy: Path) -> None:
    for name, others in (("pipi", '["kk"]'), ("kk", '["mine"]')):
        path = copy / f"{name}.toml"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(f"hidden_with = {others}" if "hidden_with" in line else line for line in lines))
    shutil.copy(copy / "kkpi0.toml", copy / "mine.toml")
    searches.load(str(copy / "pipi.toml")).save(copy.parent / "saved")
    saved = searches.load(str(copy.parent / "saved" / "config" / "kk.toml"))
    assert saved.digest == searches.load(str(copy / "kk.toml")).digest
    assert list(saved.kin) == ["mine"]
