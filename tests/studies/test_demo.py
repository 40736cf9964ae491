from __future__ import annotations

import sys
from pathlib import Path

import pytest

from na62dump.background.backgrounds import Backgrounds
from na62dump.cli import main
from na62dump.inference.exclusion.limits import Limits
from na62dump.results import Result


@pytest.mark.slow
def test_the_demo_makes_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    monkeypatch.setattr(sys, "argv", ["na62dump", "demo", "-o", str(folder)])
    main_ends_well()
    out, err = capsys.readouterr()
    assert "Selected candidates by region" in out
    assert "Excluded regions" in out
    for line in err.splitlines():
        if line.startswith("made: "):
            assert Path(line.removeprefix("made: ")).exists()
    result = Result.load(folder / "mumu.zip")
    assert result.state.samples["demo_data"].kind == "data"
    assert result.state.samples["demo_data"].simulated
    hidden = [index for index, name in enumerate(result.state.regions) if name in {"SR", "CR", "undefined"}]
    assert not result.counts["demo_data"].regions[hidden].any()
    assert result.counts["demo_signal"].regions[0, 0] > 1000
    assert list((folder / "figures").glob("*.png"))
    limits_are_expected_ones(folder)
    made = {path: path.stat().st_mtime_ns for path in folder.glob("*.*.zip")}
    assert len(made) == 4
    # doing it again does nothing twice and changes nothing
    main_ends_well()
    assert Result.load(folder / "mumu.zip").skim == result.skim
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.*.zip")} == made


def limits_are_expected_ones(folder: Path) -> None:
    limits = Limits.load(folder / "limits.zip")
    assert [scan.counting.name for scan in limits.scans] == ["mumu", "ee", "mumu + ee"]
    assert all(scan.observed is None for scan in limits.scans)
    excluded = [(scan.events > scan.expected).sum() for scan in limits.scans]
    assert excluded[2] >= max(excluded[:2]) > 0
    assert Backgrounds.load(folder / "mumu.bg.zip").estimates[0].of(["SR"])[0] > 0
    rows = (folder / "contour.csv").read_text().splitlines()
    assert rows[0] == "mass_mev,coupling_low,coupling_high"
    assert len(rows) > 10


def main_ends_well() -> None:
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
