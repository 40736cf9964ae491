from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from na62dump import __version__, runs
from na62dump.cli import main
from na62dump.cli import runs as verbs
from tests.worlds import ITERATIVE, good_burst, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., tuple[int, str, str]]

DATA = 'kind = "data"\nlabel = "halo"\nfiles = ["halo*.root"]\n'
SIGNAL = 'kind = "simulation"\nlabel = "signal"\nfiles = ["signal.root"]\n'


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line in this process: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["na62dump", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    events = simulated("halo", 400)
    run = int(events["run"][0])
    write(tmp_path / "halo.root", events, bursts=[good_burst(run, 1)])
    signal = simulated("demo_signal", 2_000)
    write(tmp_path / "signal.root", signal, bursts=[], truth=True)
    (tmp_path / "data.toml").write_text(DATA)
    (tmp_path / "signal.toml").write_text(SIGNAL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


PLAN = ("plan", "mumu", "-o", "r", "--sample", "data.toml", "--sample", "signal.toml")


def test_plan_run_status_merge_show_plot(world: Path, call: Call) -> None:
    code, out, _ = call(*PLAN, "--json")
    assert code == 0
    (table,) = json.loads(out)
    assert [row["entries"] for row in table["rows"]] == [400, 2000]
    code, _, err = call("merge", "r")
    assert (code, "2 of 2 units have no result" in err) == (1, True)
    code, _, _ = call("status", "r")
    assert code == 1
    code, out, _ = call("run", "r", "--execution", "execution/iterative", "--json")
    assert code == 0
    assert [row["done"] for row in json.loads(out)[0]["rows"]] == [1, 1]
    code, out, _ = call("status", "r", "--watch", "1")
    assert (code, "complete" in out, "Failed" in out) == (0, True, False)
    code, out, err = call("merge", "r", "-o", "out/m.zip")
    assert (code, "merged: out/m.zip" in err) == (0, True)
    assert "hidden" in out
    code, out, _ = call("show", "out/m.zip", "--json", "--skim", "out/skim.parquet")
    tables = json.loads(out)
    assert code == 0
    assert tables[0]["rows"][0]["requirement"] == "visible candidates"
    assert (world / "out" / "skim.parquet").read_bytes()[:4] == b"PAR1"
    code, _, err = call("plot", "out/m.zip", "-o", "figures")
    assert code == 0
    assert list((world / "figures").rglob("*.png"))


def test_check_lists_requirements_columns_and_regions(call: Call) -> None:
    code, out, err = call("check", "mumu", "--json")
    assert code == 0
    requirements, regions, controls = json.loads(out)
    by_name = {row["requirement"]: row for row in requirements["rows"]}
    assert "LAV_energy" in by_name["LAV veto"]["columns of the ntuple"]
    assert [row["region"] for row in regions["rows"]] == ["SR", "CR", "CR1", "CR2", "CR3"]
    assert [row["control sample"] for row in controls["rows"]] == ["same charge", "out of time"]
    assert "analysis digest" in err


def test_a_rejected_file_is_a_line_and_exit_code_2(world: Path, call: Call) -> None:
    (world / "halo2.root").write_bytes(b"")
    code, _, err = call(*PLAN)
    assert code == 2
    assert "rejected: " in err
    assert "halo2.root: is empty" in err
    assert call("run", "r", "--execution", "execution/iterative")[0] == 1
    code, _, err = call("merge", "r")
    assert code == 2
    assert "--without-rejected" in err
    assert call("merge", "r", "--without-rejected")[0] == 0


def test_a_failed_unit_is_told_listed_with_its_log_and_tried_again_unless_told_not_to(world: Path, call: Call) -> None:
    assert call(*PLAN)[0] == 0
    write(world / "halo.root", simulated("halo", 200), bursts=[good_burst(1, 1)], seed="another")
    run = ("run", "r", "--execution", "execution/iterative")
    code, out, err = call(*run)
    assert code == 1
    assert err.count(f"failed: {world}/halo.root: ") == 1
    assert "not complete; 'na62dump status r' lists what is missing; running again does it" in err
    assert "replaced since it was planned" not in out
    code, out, _ = call("status", "r", "--json")
    assert code == 1
    counts, failed = json.loads(out)
    assert [(row["done"], row["failed"], row["% done"]) for row in counts["rows"]] == [(0, 1, 0.0), (1, 0, 100.0)]
    (row,) = failed["rows"]
    assert (row["file"], row["kind"], row["attempts"]) == (f"{world}/halo.root", "input", 3)
    log = world / row["log"]
    assert log.read_text().count("begin ") == 1
    assert "Traceback (most recent call last)" in log.read_text()
    code, _, err = call(*run, "--skip-failed")
    assert (code, "failed: " in err, log.read_text().count("begin ")) == (1, False, 1)
    assert call(*run)[0] == 1
    assert log.read_text().count("begin ") == 2
    assert "Failed units" in call("status", "r", "--all")[1]


def test_verifying_compares_also_files_of_which_all_is_done(world: Path, call: Call) -> None:
    assert call(*PLAN)[0] == 0
    run = ("run", "r", "--execution", "execution/iterative")
    assert call(*run)[0] == 0
    code, _, err = call(*run, "--verify")
    assert (code, "complete; next" in err) == (0, True)
    content = bytearray((world / "halo.root").read_bytes())
    content[len(content) // 2] ^= 1
    (world / "halo.root").write_bytes(content)
    code, out, err = call(*run, "--verify")
    assert (code, "Run of mumu: not complete" in out) == (1, True)
    line, last = err.splitlines()
    assert line.startswith(f"{world}/halo.root: its bytes have changed since it was planned (adler32:")
    assert "its results (1) may or may not be of what was planned" in line
    assert last.startswith("not complete; files differ from the plan; nothing is thrown away")
    code, out, _ = call(*run, "--verify", "--json")
    _, differing = json.loads(out)
    assert (code, differing["rows"]) == (
        1,
        [{"sample": "data", "file": f"{world}/halo.root", "results": 1, "reason": line}],
    )
    # without asking nobody can know
    assert call(*run)[0] == 0


@pytest.mark.usefixtures("world")
def test_status_is_watched_until_nothing_is_missing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(*PLAN)[0] == 0

    def meanwhile(seconds: float) -> None:
        assert seconds == 7
        runs.execute(runs.open_run(Path("r")), ITERATIVE)

    monkeypatch.setattr(verbs, "time", SimpleNamespace(sleep=meanwhile))
    code, out, _ = call("status", "r", "--watch", "7")
    assert code == 0
    assert out.count("not complete") == 1
    assert out.count(": complete") == 1


def test_watching_ends_where_units_failed_and_is_one_document(
    world: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(*PLAN)[0] == 0
    write(world / "halo.root", simulated("halo", 200), bursts=[good_burst(1, 1)], seed="another")
    looks = []

    def meanwhile(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            runs.execute(runs.open_run(Path("r")), ITERATIVE)

    monkeypatch.setattr(verbs, "time", SimpleNamespace(sleep=meanwhile))
    code, out, _ = call("status", "r", "--watch", "7", "--json")
    assert (code, looks) == (1, [7, 7])
    assert [row["failed"] for row in json.loads(out)[0]["rows"]] == [1, 0]


def test_watching_ends_where_files_were_rejected(world: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    (world / "halo2.root").write_bytes(b"")
    assert call(*PLAN)[0] == 2
    runs.execute(runs.open_run(Path("r")), ITERATIVE)
    monkeypatch.setattr(verbs, "time", SimpleNamespace(sleep=lambda _: pytest.fail("waits for what does not come")))
    assert call("status", "r", "--watch", "7")[0] == 1


@pytest.mark.usefixtures("world")
def test_watching_is_stopped_with_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(*PLAN)[0] == 0

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verbs, "time", SimpleNamespace(sleep=interrupted))
    code, _, err = call("status", "r", "--watch", "7")
    assert (code, err.splitlines()[-1]) == (1, "stopped looking; the run goes on")


@pytest.mark.parametrize("at", ["begin", "verb"])
def test_an_interruption_anywhere_is_one_line_and_exit_code_1(
    call: Call, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    told = {"begin": "stopped before anything was done\n", "verb": "stopped\n"}
    if at == "begin":
        monkeypatch.setattr("na62dump.cli.app.main", interrupted)
    else:
        monkeypatch.setattr(runs, "members", interrupted)
    code, out, err = call("status", "r")
    assert (code, out, err) == (1, "", told[at])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "mumo"), "no config file 'mumo'; did you mean 'mumu'"),
        (("run", "nowhere"), "no run here"),
        (("show", "nothing.zip"), "nothing.zip: cannot be read: No such file"),
        (("plan", "mumu", "-o", "r", "--sample", "nosample"), "no config file 'samples/nosample'"),
        (("simulate", "nosample", "-o", "x"), "no config file 'samples/nosample'"),
        (("plan", "mumu"), "Missing option"),
        (("rnu",), "No such command 'rnu'"),
        (("run", "r", "--execution", "condor"), "no run here"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*words)
    assert code == 2
    assert told in err
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.usefixtures("world")
def test_another_plan_in_the_same_folder_is_refused(call: Call) -> None:
    assert call(*PLAN)[0] == 0
    assert call(*PLAN)[0] == 0
    code, _, err = call("plan", "mumu", "-o", "r", "--sample", "signal.toml")
    assert code == 2
    assert "a different plan is there already" in err


def test_init_gives_an_editable_copy_that_goes_first(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("init", tmp_path / "mine")[0] == 0
    assert call("init", tmp_path / "mine")[0] == 2
    monkeypatch.chdir(tmp_path / "mine")
    path = tmp_path / "mine" / "config" / "mumu.toml"
    path.write_text(path.read_text().replace('plus = "mu+"', 'plus = "muon"'))
    code, _, err = call("check", "mumu")
    assert code == 2
    assert "config/mumu.toml: key 'final_state.plus'" in err


def test_simulate_writes_what_plan_reads(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    text = (repository / "config" / "samples" / "demo_signal.toml").read_text()
    (tmp_path / "small.toml").write_text(
        text.replace("events = 100000", "events = 500").replace("demo_signal", "small")
    )
    monkeypatch.chdir(tmp_path)
    code, _, err = call("simulate", "small.toml", "-o", "nt")
    assert (code, "written: nt/small/" in err) == (0, True)
    code, out, _ = call("plan", "mumu", "-o", "r", "--base", "nt", "--sample", "small.toml", "--json")
    assert code == 0
    assert json.loads(out)[0]["rows"][0]["entries"] == 500


def test_version(call: Call) -> None:
    assert call("--version")[1].strip() == __version__


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "histograms",
            'unit = "MeV"\nbins',
            'unit = "ns"\nbins',
            "histograms.toml: key 'axes.mass.unit': 'ns' is no unit",
        ),
        (
            "histograms",
            'variable = "mass"',
            'variable = "mas"',
            "a candidate has no quantity 'mas'; did you mean 'mass'",
        ),
        ("histograms", 'high = "1000 MeV"', 'high = "inf MeV"', "key 'axes.mass.high' = inf: Input should be a finite"),
        ("mumu", "e_over_p_max = ", "e_over_p_max = nan # ", "e_over_p_max' = nan: Input should be a finite number"),
        ("mumu", 'plus = "mu+"', 'plus = "nu(e)"', "'nu(e)' has no mass in the PDG table"),
        (
            "experiment/geometry",
            "tiles_per_side = 12",
            "tiles_per_side = -12",
            "muv3.tiles_per_side' = -12: Input should",
        ),
        ("experiment/matching", 'lkr_radius = "60', 'lkr_radius = "-60', "key 'lkr_radius' = '-60 mm': Input should"),
    ],
)
def test_check_refuses_what_cannot_be_meant(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("init", tmp_path)[0] == 0
    path = tmp_path / "config" / f"{file}.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    code, out, err = call("check", "config/mumu.toml")
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


def test_check_tells_where_a_selection_does_not_run(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("init", tmp_path)[0] == 0
    path = tmp_path / "selections" / "mumu.py"
    path.write_text(path.read_text() + "\n\ndef select(visible, cuts):\n    return cuts.typo\n")
    code, _, err = call("check", "config/mumu.toml")
    assert code == 2
    assert f"mumu.py, line {len(path.read_text().splitlines())}: select() does not run: AttributeError" in err
