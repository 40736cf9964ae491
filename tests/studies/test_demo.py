from __future__ import annotations

import sys
from pathlib import Path

import pytest

from na62dump.cli import main
from na62dump.results import Result


@pytest.mark.slow
def test_the_demo_makes_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["na62dump", "demo", "-o", str(tmp_path / "demo")])
    main_ends_well()
    out, err = capsys.readouterr()
    assert "Selected candidates by region" in out
    for line in err.splitlines():
        if line.startswith("made: "):
            assert Path(line.removeprefix("made: ")).exists()
    result = Result.load(tmp_path / "demo" / "mumu.zip")
    assert result.state.samples["demo_data"].kind == "data"
    assert result.state.samples["demo_data"].simulated
    hidden = [index for index, name in enumerate(result.state.regions) if name in {"SR", "CR", "undefined"}]
    assert not result.counts["demo_data"].regions[hidden].any()
    assert result.counts["demo_signal"].regions[0, 0] > 1000
    assert list((tmp_path / "demo" / "figures").glob("*.png"))
    # doing it again does nothing twice and changes nothing
    main_ends_well()
    assert Result.load(tmp_path / "demo" / "mumu.zip").skim == result.skim


def main_ends_well() -> None:
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
