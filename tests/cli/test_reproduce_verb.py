from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from na62dump import studies
from na62dump.cli import main
from na62dump.studies.reproduction.comparison import Section, numbers
from na62dump.studies.reproduction.settings import plan
from na62dump.studies.tasks import acceptance_task

if TYPE_CHECKING:
    from pathlib import Path


class Quick(NamedTuple):
    """What a quick run wrote, and its tables."""

    folder: Path
    content: dict[str, Any]
    tables: list[dict[str, Any]]

    def lines(self) -> list[dict[str, Any]]:
        return [line for section in self.content["sections"] for line in section["lines"]]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["na62dump", "reproduce", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


@pytest.mark.parametrize(("missing", "code"), [((), 0), (("limits: no such file",), 1)])
def test_differences_are_no_failure_and_gaps_are(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    missing: tuple[str, ...],
    code: int,
) -> None:
    sections = (Section("A", (numbers("x", published=1.0, ours=2.0, tolerance=0.5),)),)

    def reproduce(folder: Path, *, quick: bool, **_: Any) -> studies.Reproduction:  # noqa: ANN401 - not looked at
        return studies.Reproduction("A", quick, sections, missing, (folder / "index.html",))

    monkeypatch.setattr(studies, "reproduce", reproduce)
    assert run(monkeypatch, "--quick", "--json", "-o", str(tmp_path)) == code
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["rows"][0]["verdict"] == "differs"
    assert "predicted lines: 1 differs" in err
    assert all(text in err for text in missing)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    """The only run: everything below looks at it."""
    folder = tmp_path_factory.mktemp("reproduce")
    command = [sys.executable, "-m", "na62dump", "reproduce", "--quick", "--json", "-o", str(folder)]
    tables = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Quick(folder, json.loads((folder / "reproduce.json").read_text()), tables)


@pytest.mark.slow
def test_everything_is_made_and_shown(quick: Quick) -> None:
    assert quick.content["missing"] == []
    titles = [table["title"] for table in quick.tables]
    assert titles == [section["title"] for section in quick.content["sections"] if section["lines"]]
    page = (quick.folder / "index.html").read_text()
    assert page.count("data:image/png;base64,") > 10
    assert 'src="http' not in page


@pytest.mark.slow
def test_these_lines_differ_and_no_others(quick: Quick) -> None:
    differ = {(line["what"], line["kind"]) for line in quick.lines() if line["verdict"] == "differs"}
    assert differ == {
        ("CR3: p_L", "fitted"),
        ("combined, observed: highest mass, MeV", "predicted"),  # without form factors and mixing: 534 of 600
        ("CR: upper error at 90%", "input"),
        ("SR: upper error at 90%", "input"),
        ("pipig: fewest events in SR + CR", "fitted"),
    }


@pytest.mark.slow
def test_contours_hold_the_published_extents_in_mass(quick: Quick) -> None:
    verdicts = {
        (section["title"].split(":")[1].strip(), line["what"]): line["verdict"]
        for section in quick.content["sections"]
        for line in section["lines"]
        if line["what"].endswith("mass, MeV")
    }
    minimal, mixed = "neither form factors nor mixing", "form factors and mixing with vector mesons"
    assert verdicts[minimal, "mumu, observed: lowest mass, MeV"] == "agrees"
    assert verdicts[minimal, "mumu, observed: highest mass, MeV"] == "agrees"
    assert verdicts[minimal, "ee, observed: lowest mass, MeV"] == "reaches further"
    assert verdicts[minimal, "ee, observed: highest mass, MeV"] == "reaches further"
    assert verdicts[mixed, "mumu, observed: lowest mass, MeV"] == "agrees"
    assert verdicts[mixed, "mumu, observed: highest mass, MeV"] == "reaches further"


@pytest.mark.slow
def test_only_limits_with_published_counts_are_observed(quick: Quick) -> None:
    for search in ("mumu", "ee", "pipi", "pipig", "pipipi0", "pipi2pi0", "pipieta", "kk", "kkpi0"):
        head = (quick.folder / f"contours/alp_independent_{search}.csv").read_text().partition("\n")[0].split(",")
        assert ("observed" in head) == (search in {"mumu", "ee"})
        assert "expected" in head
        assert (quick.folder / f"figures/alp_independent_lifetimes_alp_independent_{search}.png").is_file()
    remarks = [note for section in quick.content["sections"] for note in section["notes"]]
    assert "observed counts of kkpi0 are not published: expected limits only" in remarks
    assert "no background is published for gg: taken to be 0" in remarks


@pytest.mark.slow
def test_contours_of_the_dark_photon_are_intervals(quick: Quick) -> None:
    for search in ("mumu", "ee", "combined"):
        first, *rows = (quick.folder / f"contours/dark_photon_{search}.csv").read_text().splitlines()
        assert first == "mass_mev,coupling_low,coupling_high"
        assert rows
        for row in rows:
            mass, low, high = map(float, row.split(","))
            assert 1 < mass < 2000
            assert 1e-8 <= low < high <= 1e-3


@pytest.mark.slow
def test_what_was_simulated_is_current(quick: Quick) -> None:
    asked = plan()
    for study in asked.study:
        for search in study.searches:
            path = quick.folder / f"stage/quick/{study.model}.{search}.acc.zip"
            events, number = asked.quick.events, asked.quick.samples
            assert acceptance_task(path, search, model=study.model, events=events, number=number).done
