from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from na62dump.cli import main
from na62dump.regions import FILE, BlindingRecord
from tests.worlds import good_burst, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., tuple[int, str]]

REMARK = "CR of mumu was opened on {} for other values: cuts.e_over_p_max was 0.2 and is 0.3; it is closed"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line in this process: exit code and standard error."""

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["na62dump", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        return int(stop.value.code or 0), capsys.readouterr().err

    return run


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Path:
    """Working folder with a copy of the configuration, and a file of data."""
    monkeypatch.chdir(tmp_path)
    assert call("init", ".")[0] == 0
    events = simulated("halo", 200)
    write(tmp_path / "x.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    (tmp_path / "s.toml").write_text('kind = "data"\nlabel = "halo"\nfiles = ["x.root"]\n')
    return tmp_path


def plan(call: Call, folder: str) -> tuple[int, str]:
    return call("plan", "mumu", "-o", folder, "--sample", "s.toml")


def run(call: Call, folder: str) -> tuple[int, str]:
    return call("run", folder, "--execution", "execution/iterative")


def test_opening_says_what_is_open_and_what_is_next(world: Path, call: Call) -> None:
    code, told = call("unblind", "mumu", "--region", "CR", "--reason", "background agrees")
    assert code == 0
    (record,) = BlindingRecord.beside(world / "config").record
    assert (record.region, record.reason) == ("CR", "background agrees")
    assert abs((datetime.now(UTC).date() - datetime.fromisoformat(record.date).date()).days) <= 1
    for words in (f"opened: CR of mumu, for analysis digest {record.digest[:16]}", "still hidden: SR", "na62dump run"):
        assert words in told
    assert call("unblind", "mumu", "--region", "SR", "--reason", "CR agrees")[1].count("still hidden: nothing") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--region", "SR", "--reason", "x"), "SR of mumu opens only after CR"),
        (("--region", "CS", "--reason", "x"), "'CS' is no hidden region of mumu"),
        (("--region", "CR", "--reason", " "), "write in words why CR may be opened"),
        (("--region", "CR"), "Missing option '--reason'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(world: Path, call: Call, words: tuple[str, ...], told: str) -> None:
    code, err = call("unblind", "mumu", *words)
    assert code == 2
    assert told in err
    assert "Traceback" not in err
    assert BlindingRecord.beside(world / "config").record == ()


def test_the_copy_of_a_run_is_refused(world: Path, call: Call) -> None:
    assert plan(call, "r")[0] == 0
    code, err = call("unblind", "r/config/mumu.toml", "--region", "CR", "--reason", "x")
    assert code == 2
    assert f"where a record opens nothing; give the analysis that was planned: {world}/config/mumu.toml" in err
    assert not (world / "r" / "config" / FILE).exists()
    (world / "config").rename(world / "elsewhere")
    assert "where a record opens nothing" in call("unblind", "r/config/mumu.toml", "--region", "CR", "--reason", "x")[1]


def test_a_run_in_the_folder_of_its_own_analysis_is_no_copy(world: Path, call: Call) -> None:
    assert plan(call, ".")[0] == 0
    assert (world / "plan.json").exists()
    assert call("unblind", "mumu", "--region", "CR", "--reason", "x")[0] == 0


def test_every_verb_says_that_a_record_is_of_other_values(world: Path, call: Call) -> None:
    call("unblind", "mumu", "--region", "CR", "--reason", "x")
    (record,) = BlindingRecord.beside(world / "config").record
    remark = REMARK.format(record.date)
    code, told = plan(call, "before")
    assert (code, "was opened" in told) == (0, False)
    path = world / "config" / "mumu.toml"
    path.write_text(path.read_text().replace("e_over_p_max = 0.2", "e_over_p_max = 0.3"))
    assert [code for code, told in [plan(call, "r")] if remark in told] == [0]
    assert [code for code, told in [call("check", "mumu")] if remark in told] == [0]
    assert [code for code, told in [call("status", "r")] if remark in told] == [1]
    assert [code for code, told in [run(call, "r")] if remark in told] == [0]
    assert [code for code, told in [call("status", "r")] if remark in told] == [0]
    assert [code for code, told in [call("merge", "r")] if remark in told] == [0]
    # what was planned for the values of the record is open still
    code, told = run(call, "before")
    assert (code, "was opened" in told) == (0, False)


def test_check_refuses_a_record_that_was_edited(world: Path, call: Call) -> None:
    call("unblind", "mumu", "--region", "CR", "--reason", "x")
    path = world / "config" / FILE
    path.write_text(path.read_text().replace("e_over_p_max = 0.2", "e_over_p_max = 0.3"))
    code, told = call("check", "mumu")
    assert code == 2
    assert "was edited by hand" in told


def test_a_control_sample_is_opened_like_a_region_and_named_by_every_verb(
    world: Path, call: Call, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = call("unblind", "mumu", "--region", "same charge", "--reason", "background agrees")
    assert code == 0
    (record,) = BlindingRecord.beside(world / "config").record
    assert record.region == "same charge"
    for words in (f"opened: same charge of mumu, for analysis digest {record.digest[:16]}", "still hidden: CR, SR"):
        assert words in told
    plan(call, "r")
    assert run(call, "r")[0] == 0
    assert call("merge", "r", "-o", "r.zip")[0] == 0

    def tables(*words: str) -> dict[str, list[dict[str, str]]]:
        monkeypatch.setattr(sys, "argv", ["na62dump", *words, "--json"])
        with pytest.raises(SystemExit):
            main()
        return {table["title"]: table["rows"] for table in json.loads(capsys.readouterr().out)}

    for verb in (("check", "mumu"), ("show", "r.zip")):
        control, late = tables(*verb)["Control samples of mumu"]
        assert (control["control sample"], control["data"], late["data"]) == ("same charge", "opened", "hidden")
    assert any("hidden in data: CR, SR; opened: same charge" in title for title in tables("show", "r.zip"))
    assert any("opened in data: same charge" in title for title in tables("status", "r"))
