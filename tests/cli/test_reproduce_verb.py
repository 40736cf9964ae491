from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from na62dump import studies
from na62dump.cli import main
from na62dump.studies.reproduction.comparison import Section, numbers

if TYPE_CHECKING:
    from pathlib import Path


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
    assert "1 differs" in err
    assert all(text in err for text in missing)


@pytest.mark.slow
def test_published_results_are_made_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "--quick", "--json", "-o", str(tmp_path)) == 0
    content = json.loads((tmp_path / "reproduce.json").read_text())
    assert content["missing"] == []
    assert content["verdicts"]["agrees"] > 3 * content["verdicts"]["differs"]
    titles = [table["title"] for table in json.loads(capsys.readouterr().out)]
    assert titles == [section["title"] for section in content["sections"] if section["lines"]]
    page = (tmp_path / "index.html").read_text()
    assert page.count("data:image/png;base64,") > 10
    assert 'src="http' not in page
    for search in ("mumu", "ee", "combined"):
        first, *rows = (tmp_path / f"contours/dark_photon_{search}.csv").read_text().splitlines()
        assert first == "mass_mev,coupling_low,coupling_high"
        for row in rows:
            mass, low, high = map(float, row.split(","))
            assert 1 < mass < 2000
            assert 1e-8 <= low < high <= 1e-3
    stage = {path: path.stat().st_mtime_ns for path in (tmp_path / "stage").rglob("*.acc.zip")}
    before = {path: path.read_bytes() for path in (tmp_path / "contours").iterdir()}
    assert run(monkeypatch, "--quick", "-o", str(tmp_path)) == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "stage").rglob("*.acc.zip")} == stage
    assert {path: path.read_bytes() for path in (tmp_path / "contours").iterdir()} == before
