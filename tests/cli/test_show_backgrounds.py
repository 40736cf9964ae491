from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from na62dump import tables
from na62dump.cli import show as verbs
from na62dump.errors import ConfigurationError
from tests.plotting.background_samples import backgrounds
from tests.plotting.signal_samples import expected

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result as Called

APP = typer.Typer()
verbs.add_to(APP)
MADE = {"digests": {"analysis": "0"}, "libraries": {}, "package": {"name": "na62dump"}, "python": "3", "time": "now"}
MADE |= {"inputs": {}}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backgrounds") / "mumu_backgrounds.zip"
    path.write_bytes(backgrounds().dumps(MADE))
    return path


def call(*words: object) -> Called:
    return CliRunner().invoke(APP, list(map(str, words)))


def test_all_tables_are_shown_with_all_digits_for_programs(file: Path) -> None:
    called = call("show", file, "--json")
    assert called.exit_code == 0, called.output
    shown = json.loads(called.stdout)
    known = [json.loads(json.dumps(table.to_json())) for table in tables.of_backgrounds(backgrounds())]
    assert shown[:-1] == known
    assert shown[-1]["title"] == "Provenance"


def test_a_person_reads_numbers_and_what_is_hidden(file: Path) -> None:
    shown = call("show", file).stdout
    assert "hidden" in shown
    assert "0.0163" in shown
    assert "0, 1, 2, 3, 4, 5, 6, 7, ... (12 in all)" in " ".join(shown.split())
    assert "upstream was not estimated: no sample" in shown


def test_tables_are_latex_if_asked_for(file: Path, tmp_path: Path) -> None:
    shown = call("show", file, "--latex").stdout
    assert shown.count("\\begin{tabular}") == shown.count("\\end{tabular}") == 10
    first = tables.latex(tables.of_backgrounds(backgrounds())[0])
    assert shown.startswith(first)
    path = tmp_path / "yields.zip"
    path.write_bytes(expected().dumps(MADE))
    assert "% Reach of the searches" in call("show", path, "--latex").stdout


def test_json_and_latex_are_refused_together(file: Path) -> None:
    called = call("show", file, "--json", "--latex")
    assert called.stdout == ""
    with pytest.raises(ConfigurationError, match="--json and --latex: tables are printed as one of them"):
        raise called.exception or AssertionError


def test_figures_of_a_file_are_those_of_its_content(file: Path, tmp_path: Path) -> None:
    called = call("plot", file, "-o", tmp_path)
    assert called.exit_code == 0, called.output
    names = ["plane", "time_difference", "validation", "mechanisms", "checks", "mass"]
    assert sorted(path.name for path in (tmp_path / file.stem).iterdir()) == sorted(
        f"{name}.{suffix}" for name in names for suffix in ("pdf", "png")
    )
