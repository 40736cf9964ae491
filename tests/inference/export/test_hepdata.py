"""The submission to HEPData: valid, the same twice, and with nothing of what is hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from na62dump.errors import ConfigurationError, IncompleteError
from na62dump.inference import settings
from na62dump.inference.exclusion import contours
from na62dump.inference.export import hepdata
from na62dump.inference.export.extra import library, quietly
from na62dump.inference.export.hepdata import write_hepdata
from tests.inference.exported import COUPLINGS, MASSES, limits
from tests.signal.toys import TOY

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.inference.exclusion.limits import Limits

LIMITS = replace(limits(), digests={"model": "o", "analysis mumu": "d"})
LENGTHS = np.geomspace(1e2, 1e5, 4)


def written(given: Limits, folder: Path, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    """Tables by name, each as a mapping of columns to values."""
    write_hepdata(given, folder, beam_momentum=4e5, decay_lengths=LENGTHS, **options)
    documents = yaml.safe_load_all((folder / "submission.yaml").read_text())
    return {each["name"]: each for each in documents if "name" in each}


def columns(folder: Path, table: dict[str, Any]) -> dict[str, list[Any]]:
    content = yaml.safe_load((folder / table["data_file"]).read_text())
    both = content["independent_variables"] + content["dependent_variables"]
    return {each["header"]["name"]: [value["value"] for value in each["values"]] for each in both}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hepdata") / "made"


@pytest.fixture(scope="module")
def tables(folder: Path) -> dict[str, Any]:
    toy = TOY.acceptance(TOY.sample("B decay", "mumu", 300.0), TOY.sample("B decay", "mumu", 400.0))
    return written(LIMITS, folder, acceptances=[replace(toy, regions=("SR", "CR"), model=LIMITS.model)])


def test_it_is_valid(folder: Path, tables: dict[str, Any]) -> None:
    assert tables
    validator = library("hepdata_validator.full_submission_validator").FullSubmissionValidator()
    assert quietly(validator.validate, directory=str(folder)), validator.get_messages()
    assert not list(folder.glob("*.tar*"))


def test_contours_are_those_of_the_surface(folder: Path, tables: dict[str, Any]) -> None:
    scan = LIMITS.scans[-1]
    assert scan.observed is not None
    rows = contours.intervals(contours.surface(scan.events, scan.observed), masses=MASSES, couplings=COUPLINGS)
    found = columns(folder, tables["all searches excluded epsilon observed"])
    assert found["Mass"] == [row.mass for row in rows]
    assert found["Lowest excluded epsilon"] == pytest.approx([row.low for row in rows], rel=1e-4)
    assert found["Highest excluded epsilon"] == pytest.approx([row.high for row in rows], rel=1e-4)
    assert set(found["The exclusion ends"]) == {"inside"}
    assert {name for name in tables if name.startswith("mumu excluded")} == {
        f"mumu excluded epsilon {curve}" for curve in LIMITS.curves(LIMITS.scans[0])
    }


def test_upper_limits_stand_against_mass(folder: Path, tables: dict[str, Any]) -> None:
    found = columns(folder, tables["mumu upper limits"])
    assert found["Mass"] == [250.0, 411.0, 500.0]
    events, bound = (np.array(found[name]) for name in ("Expected signal", "Limit on events, observed"))
    assert found["Limit on signal strength, observed"] == pytest.approx(bound / events, rel=1e-4)
    assert bound[1] > 3.8 > bound[0]


def test_counts_have_windows_and_mechanisms(folder: Path, tables: dict[str, Any]) -> None:
    found = columns(folder, tables["mumu counts"])
    assert found["Lowest measured mass, mumu"] == [85.0, 235.0, 396.0, 485.0]
    assert found["Observed"] == [0, 0, 1, 0]
    assert found["Background, mumu prompt"] == pytest.approx([0.0, 0.0008, 0.004, 0.002])
    assert "Lowest measured mass, ee" not in columns(folder, tables["ee counts"])
    assert "mumu upstream" in tables["mumu counts"]["description"]


def test_accepted_decays_stand_against_mass_and_lifetime(folder: Path, tables: dict[str, Any]) -> None:
    found = columns(folder, tables["mumu accepted mumu from B decay"])
    assert found["Mass"] == [300.0] * 4 + [400.0] * 4
    assert found["Proper decay length"] == pytest.approx([*LENGTHS, *LENGTHS])
    expected = TOY.acceptance(TOY.sample("B decay", "mumu", 300.0)).fractions(
        "B decay", "mumu", mass=300.0, ctau=LENGTHS
    )
    assert found["Accepted in SR"][:4] == pytest.approx(expected[0][0], rel=1e-4)
    assert "Accepted in CR" not in found


def test_every_number_says_what_it_is(folder: Path, tables: dict[str, Any]) -> None:
    for name, table in tables.items():
        content = yaml.safe_load((folder / table["data_file"]).read_text())
        for column in content["dependent_variables"]:
            said = {each["name"]: each["value"] for each in column["qualifiers"]}
            assert said["P(BEAM)"] == 400.0
            assert said["SQRT(S)"] == 27.4
            assert said["Protons on target"] == 1.4e17
            assert ("CL" in said) == ("excluded" in name or "limits" in name)
        assert {each["name"] for each in table["keywords"]} == {"observables", "reactions", "cmenergies", "phrases"}


def test_the_workspace_comes_with_a_warning(folder: Path, tables: dict[str, Any]) -> None:
    assert tables
    head = next(yaml.safe_load_all((folder / "submission.yaml").read_text()))
    (model,) = (each for each in head["additional_resources"] if each["location"] == "workspace.json")
    assert model["type"] == "HistFactory"
    assert "Asymptotic formulae" in model["description"]
    assert (folder / "patchset.json").exists()


def test_bytes_are_equal_when_written_twice_and_a_submission_is_replaced(tmp_path: Path) -> None:
    few = replace(LIMITS, scans=LIMITS.scans[:1])
    picture = tmp_path / "limit.png"
    picture.write_bytes(b"a picture")
    for name in ("one", "two", "two"):
        written(few, tmp_path / name, figures={picture: "Excluded couplings."})
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert one["limit.png"] == b"a picture"


def test_what_is_hidden_is_nowhere(tmp_path: Path) -> None:
    tables = written(limits(hidden=("mumu", "ee")), tmp_path / "made")
    assert "all searches excluded epsilon expected" in tables
    for path in (tmp_path / "made").glob("*.yaml"):
        assert "observed" not in path.read_text().lower().replace("nothing observed", ""), path.name


def test_other_files_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ConfigurationError, match="holds something else than a submission"):
        written(LIMITS, tmp_path)
    assert (tmp_path / "thesis.tex").exists()
    hepdata.remove(tmp_path)
    assert (tmp_path / "thesis.tex").exists()
    with pytest.raises(ConfigurationError, match="is a file"):
        written(LIMITS, tmp_path / "thesis.tex")


def test_what_an_index_names_elsewhere_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "table.yaml").write_text("a: 1")
    (tmp_path / "made" / "submission.yaml").write_text("data_file: ../mine.txt\n---\ndata_file: table.yaml\n")
    hepdata.remove(tmp_path / "made")
    assert (tmp_path / "mine.txt").exists()
    assert not (tmp_path / "made").exists()


def test_an_acceptance_of_something_else_is_refused(tmp_path: Path) -> None:
    toy = replace(TOY.acceptance(TOY.sample("B decay", "mumu", 300.0)), regions=("SR", "CR"), model=LIMITS.model)
    with pytest.raises(ConfigurationError, match="acceptance of 'pipi', but the limits do not count it"):
        written(LIMITS, tmp_path / "a", acceptances=[replace(toy, analysis="pipi")])
    with pytest.raises(ConfigurationError, match="made with other requirements than the limits"):
        written(LIMITS, tmp_path / "a", acceptances=[replace(toy, digest="other")])
    with pytest.raises(ConfigurationError, match="with other values of 'dark_photon'"):
        written(LIMITS, tmp_path / "a", acceptances=[replace(toy, origin="p")])
    assert not (tmp_path / "a").exists()


def test_a_fault_that_the_validator_finds_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(*_: object, **__: object) -> dict[str, bytes]:
        return {}

    monkeypatch.setattr(hepdata, "ABOUT", {})
    monkeypatch.setattr(hepdata, "files", torn)
    few = replace(LIMITS, scans=LIMITS.scans[:1])
    made = hepdata._submission(few, [], beam=4e5)
    monkeypatch.setattr(made, "comment", 3)
    monkeypatch.setattr(hepdata, "_submission", lambda *_, **__: made)
    with pytest.raises(IncompleteError, match="not valid, and was not written"):
        written(few, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_decay_lengths_are_those_of_the_settings() -> None:
    found = settings.settings().export.decay_lengths()
    assert (found[0], found[-1], len(found)) == (pytest.approx(10.0), pytest.approx(1e7), 61)


def test_names_of_tables_can_be_names_of_files() -> None:
    assert hepdata._safe("mumu from B -> K* a/b: ε", number=3) == "mumu from B to Kstar a or b "
    first, second = (hepdata._safe(70 * "x", number=number) for number in (8, 12))
    assert first != second
    assert {len(first), len(second)} == {64}
