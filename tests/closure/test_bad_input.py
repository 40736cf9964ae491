"""Bad input gives one line with file and reason; nothing is lost, and the rest of the run is done."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import uproot

from na62dump import analysis as searches
from na62dump import runs, tables
from na62dump.cli.runs import merge
from na62dump.cli.show import show
from na62dump.datasets import Declared
from na62dump.errors import ConfigurationError, MergeError
from tests.worlds import DATA_COLUMNS, ITERATIVE, declared, done, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from na62dump.events import Events

ENTRIES = 300
BAD = "bad.root"


def data(burst: int) -> Events:
    events = simulated("halo", ENTRIES)
    key = {"run": np.full(len(events), 1, np.uint32), "burst": np.full(len(events), burst, np.uint32)}
    return replace(events, columns={**events.columns, **key})


def good(folder: Path, number: int) -> Path:
    return write(folder / f"good{number}.root", data(number), bursts=[good_burst(1, number)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (1, 2):
        good(tmp_path, number)
    return tmp_path


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    whole = write(path, data(9), bursts=[good_burst(1, 9)]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def not_root(path: Path) -> None:
    path.write_text("run,burst,event\n1,2,3\n")


def no_tree(path: Path) -> None:
    with uproot.recreate(path) as file:
        file.mktree("other", {"x": np.dtype("f4")})


def missing_column(path: Path) -> None:
    events = data(9)
    kept = {name: values for name, values in events.columns.items() if name in DATA_COLUMNS and name != "LKr_energy"}
    write(path, replace(events, columns=kept), bursts=[good_burst(1, 9)])


def same_again(path: Path) -> None:
    shutil.copy(path.with_name("good1.root"), path)


def by_symlink(path: Path) -> None:
    path.symlink_to(path.with_name("good1.root"))


def no_pot(path: Path) -> None:
    write(path, data(9), bursts=[good_burst(1, 9, pot=0.0)])


def nan_pot(path: Path) -> None:
    write(path, data(9), bursts=[good_burst(1, 9, pot=float("nan"))])


def burst_twice(path: Path) -> None:
    write(path, data(9), bursts=[good_burst(1, 9), good_burst(1, 9)])


def burst_good_and_not_good(path: Path) -> None:
    write(path, data(9), bursts=[good_burst(1, 9), good_burst(1, 9, good=False)])


def nan_duration(path: Path) -> None:
    write(path, data(9), bursts=[good_burst(1, 9).model_copy(update={"duration_ns": float("nan")})])


def negative_duration(path: Path) -> None:
    write(path, data(9), bursts=[good_burst(1, 9).model_copy(update={"duration_ns": -1.0})])


def no_bursts(path: Path) -> None:
    write(path, data(9), bursts=[])


def unreadable(path: Path) -> None:
    path.mkdir()  # opening it fails for everybody, where file modes do not stop root


CASES: list[tuple[Callable[[Path], None], str]] = [
    (empty_file, "is empty"),
    (truncated, "truncated"),
    (not_root, "no ROOT file"),
    (no_tree, "no tree|has no .*events"),
    (missing_column, r"'LKr_energy', needed by requirement 'E/p'"),
    (same_again, r"the same file \(uuid .*good1.root"),
    (by_symlink, r"the same file \(uuid .*good1.root"),
    (burst_twice, r"run 1, burst 9 is listed twice in its table of bursts: its POT would count twice"),
    (burst_good_and_not_good, r"run 1, burst 9 is listed twice in its table of bursts"),
    (nan_duration, r"run 1, burst 9 is good but lasts nan ns"),
    (negative_duration, r"run 1, burst 9 is good but lasts -1.0 ns"),
    (no_pot, r"burst 9 is good but has 0.0 protons on target"),
    (nan_pot, r"burst 9 is good but has nan protons on target"),
    (no_bursts, "without a table of bursts"),
    (unreadable, "cannot be opened"),
]


@pytest.mark.parametrize(("spoil", "reason"), CASES, ids=[case[0].__name__ for case in CASES])
def test_a_bad_file_is_one_line_and_the_rest_is_done(folder: Path, spoil: Callable[[Path], None], reason: str) -> None:
    # the name sorts last, so that the good file of a pair of equals is the one that is kept
    spoil(folder / f"z{BAD}")
    plan = planned(folder, {"d": declared("data", "*.root")})
    (rejected,) = plan.rejected
    assert re.search(reason, rejected.reason), rejected.reason
    assert f"z{BAD}" in rejected.reason
    assert "\n" not in rejected.reason
    run = done(folder / "run", plan)
    state = runs.status(run)
    assert not state.complete
    assert [sample.entries_done for sample in state.samples] == [2 * ENTRIES]
    with pytest.raises(MergeError, match=f"1 planned files could not be used.*z{BAD}.*--without-rejected"):
        runs.merge(run)
    result, made = runs.merge(run, without_rejected=True)
    assert result.counts["d"].entries == 2 * ENTRIES
    assert result.exposure["d"].pot == 2 * 2e12
    assert made["rejected"][0]["path"].endswith(BAD)  # type: ignore[index]  # JSON


@pytest.mark.parametrize("usable", [True, False])
def test_a_burst_in_two_files_rejects_both_and_its_pot(folder: Path, usable: bool) -> None:  # noqa: FBT001 - a case
    events = data(1)
    if not usable:
        kept = {name: v for name, v in events.columns.items() if name in DATA_COLUMNS and name != "LKr_energy"}
        events = replace(events, columns=kept)
    write(folder / "zmore.root", events, bursts=[good_burst(1, 1), good_burst(1, 7)], seed="another")
    plan = planned(folder, {"d": declared("data", "*.root")})
    first, second = plan.rejected
    assert re.search(r"good1.root: run 1, burst 1 is also in .*zmore.root: its POT would count twice", first.reason)
    told = r"zmore.root: run 1, burst 1 is also in .*good1.root" if usable else r"zmore.root: has no column"
    assert re.search(told, second.reason)
    result, _ = runs.merge(done(folder / "run", plan), without_rejected=True)
    assert result.counts["d"].entries == ENTRIES
    assert result.exposure["d"].pot == 2e12


def test_a_burst_that_is_not_good_may_have_no_pot(folder: Path) -> None:
    bad = good_burst(1, 3, pot=float("nan"), good=False).model_copy(update={"duration_ns": float("inf")})
    write(folder / "good3.root", data(3), bursts=[bad])
    plan = planned(folder, {"d": declared("data", "*.root")})
    done(folder / "run", plan)
    # planning again finds the same plan, though NaN is not equal to itself
    result, _ = runs.merge(done(folder / "run", planned(folder, {"d": declared("data", "*.root")})))
    assert result.counts["d"].bad_burst == ENTRIES
    assert result.exposure["d"].pot == 2 * 2e12


def test_results_of_another_plan_are_computed_anew(folder: Path) -> None:
    samples = {"d": declared("data", "*.root")}
    run = done(folder / "run", planned(folder, samples))
    assert not run.ledger.missing(run.plan.units)
    changed = {
        "kind": replace(run.plan, samples={"d": Declared(kind="simulation", label="a sample")}),
        "columns": replace(run.plan, columns={"data": ("run",), "simulation": ("run",)}),
    }
    for what, plan in changed.items():
        other = replace(run, plan=plan)
        assert other.ledger.missing(plan.units) == list(plan.units), what
    assert not replace(run, plan=replace(run.plan, home="/elsewhere")).ledger.missing(run.plan.units)


@pytest.mark.parametrize("changes", [{"good": False}, {"duration_ns": 1e9}])
def test_a_unit_of_other_bursts_is_computed_anew(folder: Path, changes: dict[str, object]) -> None:
    samples = {"d": declared("data", "*.root")}
    run = done(folder / "run", planned(folder, samples))
    write(folder / "good1.root", data(1), bursts=[good_burst(1, 1).model_copy(update=changes)])
    plan = planned(folder, samples)
    assert replace(run, plan=plan).ledger.missing(plan.units) == [plan.units[0]]


def test_data_without_any_event_is_complete(tmp_path: Path) -> None:
    write(tmp_path / "none.root", data(3).take(0, 0), bursts=[good_burst(1, 3)])
    result, _ = runs.merge(done(tmp_path / "run", planned(tmp_path, {"d": declared("data", "*.root")})))
    assert result.counts["d"].entries == 0
    assert result.exposure["d"].pot == 2e12
    assert result.dumps({})


def test_the_same_file_in_two_samples(folder: Path) -> None:
    plan = planned(folder, {"a": declared("data", "good1.root"), "b": declared("simulation", "good*.root")})
    assert "the same file" in plan.rejected[0].reason
    assert "without" in plan.rejected[1].reason or "has no column" in plan.rejected[1].reason
    both = planned(folder, {"a": declared("data", "good1.root"), "b": declared("data", "good*.root")})
    (rejected,) = both.rejected
    assert "of sample 'a'; name it once" in rejected.reason


def test_a_file_replaced_after_planning(folder: Path) -> None:
    plan = planned(folder, {"d": declared("data", "*.root")})
    write(folder / "good2.root", data(2).take(0, 100), bursts=[good_burst(1, 2)], seed="new")
    run = done(folder / "run", plan)
    (failure,) = runs.status(run).failures
    assert "good2.root: replaced since it was planned" in failure.reason
    assert runs.status(run).samples[0].entries_done == ENTRIES
    with pytest.raises(MergeError, match="1 of 2 units have no result"):
        runs.merge(run)


def test_bytes_that_changed_are_found_on_request(folder: Path) -> None:
    plan = planned(folder, {"d": declared("data", "*.root")})
    path = folder / "good1.root"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    run = runs.create(folder / "run", searches.load("mumu"), plan=plan)
    failures = runs.execute(run, ITERATIVE, verify=True)
    assert [failure.path for failure in failures] == [str(path)]
    assert "its bytes have changed since it was planned" in failures[0].reason


def test_an_empty_tree_is_complete_and_its_pot_counts(folder: Path) -> None:
    write(folder / "none.root", data(3).take(0, 0), bursts=[good_burst(1, 3)])
    result, _ = runs.merge(done(folder / "run", planned(folder, {"d": declared("data", "*.root")})))
    assert result.counts["d"].entries == 2 * ENTRIES
    assert result.exposure["d"].pot == 3 * 2e12


def test_a_path_that_is_not_ascii(folder: Path) -> None:
    (folder / "good1.root").rename(folder / "données été: 23 µm.root")
    result, _ = runs.merge(done(folder / "run", planned(folder, {"d": declared("data", "*.root")})))
    assert result.counts["d"].entries == 2 * ENTRIES


def test_a_file_without_permission(folder: Path) -> None:
    (folder / "zbad.root").write_bytes((folder / "good1.root").read_bytes())
    (folder / "zbad.root").chmod(0)
    (folder / "d.toml").write_text('kind = "data"\nlabel = "x"\nfiles = ["*.root"]\n')
    command = [sys.executable, "-m", "na62dump", "plan", "mumu", "-o", "run", "--sample", "d.toml"]
    if os.geteuid() == 0:
        # root may read every file, unless this is taken from it
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "zbad.root: cannot be opened: Permission denied" in found.stderr
    assert "Traceback" not in found.stderr
    assert "2 of 3 files" not in found.stderr
    assert runs.open_run(folder / "run").plan.units


def test_a_pattern_without_files(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"sample 'd': no file matches 'none/\*.root' below"):
        planned(folder, {"d": declared("data", "none/*.root")})


def test_a_sample_without_patterns(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"sample 'd' lists no files; give at least one pattern"):
        planned(folder, {"d": declared("data")})


def test_a_pattern_reaches_all_depths(tmp_path: Path) -> None:
    for number, name in enumerate(("deep", "deep/er", "deep/er/still")):
        good(tmp_path / name, number)
    plan = planned(tmp_path, {"d": declared("data", "deep/**/*.root")})
    assert len(plan.files) == 3


def test_merge_and_show_tell_what_was_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "good1.root", data(1), bursts=[good_burst(1, 8)])
    run = done(folder / "run", planned(folder, {"d": declared("data", "*.root")}))
    merge(run.folder, output=folder / "m.zip", json=True)
    merged = capsys.readouterr().out
    show(folder / "m.zip", json=True)
    for printed in (merged, capsys.readouterr().out):
        (table,) = [each for each in json.loads(printed) if each["title"] == "Entries"]
        assert table["rows"][0]["left out: burst not good or not listed"] == ENTRIES


def test_events_of_a_bad_burst_are_left_out_and_counted(folder: Path) -> None:
    write(folder / "good1.root", data(1), bursts=[good_burst(1, 1, good=False)])
    result, _ = runs.merge(done(folder / "run", planned(folder, {"d": declared("data", "*.root")})))
    assert result.counts["d"].bad_burst == ENTRIES
    (row,) = tables.read(result).to_json()["rows"]
    assert row["left out: burst not good or not listed"] == ENTRIES
    assert result.exposure["d"].pot == 2e12
    alone = runs.merge(done(folder / "alone", planned(folder, {"d": declared("data", "good2.root")})))[0]
    assert result.cutflow["d"] == alone.cutflow["d"]
