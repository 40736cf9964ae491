"""Files are compared with what was planned: those that are read, and on request the others."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from na62dump import analysis as searches
from na62dump import events, planning, runs
from na62dump.errors import ConfigurationError
from na62dump.planning import opening
from na62dump.runner import Local
from na62dump.runs import verification
from tests.worlds import DATA_COLUMNS, ITERATIVE, declared, done, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.datasets import Burst, FileRecord

ENTRIES = 100
SAMPLES = {"d": declared("data", "*.root")}


def data(burst: int, entries: int = ENTRIES) -> events.Events:
    found = simulated("halo", ENTRIES).take(0, entries)
    keys = {"run": np.full(entries, 1, np.uint32), "burst": np.full(entries, burst, np.uint32)}
    return replace(found, columns={**found.columns, **keys})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files of data; the last one has no events."""
    for burst, entries in ((1, ENTRIES), (2, ENTRIES), (3, 0)):
        write(tmp_path / f"{burst}.root", data(burst, entries), bursts=[good_burst(1, burst)])
    return tmp_path


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def write_beside(path: Path, *bursts: Burst) -> None:
    """A table of bursts beside a file."""
    parquet.write_table(pa.Table.from_pylist([burst.model_dump() for burst in bursts]), events.beside(path))


def without_bursts(path: Path) -> Path:
    """A file of events whose table of bursts lies beside it."""
    found = data(1)
    columns = [name for name in DATA_COLUMNS if name in found]
    with events.Writer(path, layout="ttree", columns=columns, provenance={"simulated": True}) as writer:
        writer.extend(found)
    write_beside(path, good_burst(1, 1))
    return path


def differing(run: runs.Run, *, execution: Local = ITERATIVE) -> dict[str, tuple[int, str]]:
    found = runs.compare(run, runs.files_not_read(run), execution=execution)
    return {item.path: (item.results, item.reason) for item in found}


def test_files_of_which_all_is_done_are_compared_and_nothing_is_thrown_away(folder: Path) -> None:
    run = done(folder / "run", planned(folder, SAMPLES))
    assert differing(run) == {}
    flip(folder / "1.root")
    (folder / "2.root").unlink()
    flip(folder / "3.root")
    found = differing(run)
    assert {path: results for path, (results, _) in found.items()} == {
        str(folder / "1.root"): 1,
        str(folder / "2.root"): 1,
        str(folder / "3.root"): 0,
    }
    planned_sum, sum_now = run.plan.files[0].checksum, events.checksum(folder / "1.root")
    told = found[str(folder / "1.root")][1]
    assert f"({planned_sum} then, {sum_now} now)" in told
    assert "its results (1) may or may not be of what was planned: restore the file, or plan anew" in told
    assert "no such file" in found[str(folder / "2.root")][1]
    assert all("\n" not in reason for _, reason in found.values())
    assert runs.status(run).complete


def test_every_file_is_compared_once_by_workers_or_afterwards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(folder / "run", searches.load("mumu"), plan=planned(folder, SAMPLES))
    names = ["1.root", "2.root", "3.root"]
    flip(folder / "2.root")
    assert [file.path for file in runs.files_not_read(run)] == [str(folder / "3.root")]
    (failure,) = runs.execute(run, ITERATIVE, verify=True)
    assert failure.path == str(folder / "2.root")
    compared: list[str] = []
    same = verification.require_same

    def counted(file: FileRecord, **options: object) -> None:
        compared.append(file.path)
        same(file, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("na62dump.runs.work.require_same", counted)
    others = runs.files_not_read(run)
    again = runs.files_not_read(run, skip_failed=True)
    runs.execute(run, ITERATIVE, verify=True)
    assert set(compared) == {str(folder / "2.root")}
    assert [file.path for file in others] == [str(folder / name) for name in names if name != "2.root"]
    assert [file.path for file in again] == [str(folder / name) for name in names]


def test_processes_find_the_same_and_one_that_dies_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = done(folder / "run", planned(folder, SAMPLES))
    flip(folder / "1.root")
    expected = differing(run)
    monkeypatch.setattr(opening, "ALONE_SECONDS", -1.0)
    monkeypatch.setattr(opening, "BATCH", 1)
    two = Local(engine="iterative", workers=2)
    assert differing(run, execution=two) == expected
    monkeypatch.setattr(verification, "_Comparison", _Dying)
    (killed,) = runs.compare(run, run.plan.files[1:2], execution=two)
    assert (killed.path, "ends the process that compares it" in killed.reason) == (str(folder / "2.root"), True)


class _Dying:
    def __init__(self, *_: object) -> None:
        """Take what a comparison takes."""

    def __call__(self, _: FileRecord) -> str:
        os._exit(1)


@pytest.mark.parametrize(
    ("bursts", "told"),
    [
        ([good_burst(1, 1, pot=5e12)], "it had: run=1 burst=1 pot=2000000000000.0"),
        (
            [good_burst(1, 1, good=False)],
            "and has: run=1 burst=1 pot=2000000000000.0 duration_ns=4800000000.0 good=False",
        ),
        pytest.param(
            [good_burst(1, 1), good_burst(1, 9, good=False)],
            "it had: nothing, and has: run=1 burst=9",
            marks=pytest.mark.slow,
        ),
        pytest.param([], "and has: nothing", marks=pytest.mark.slow),
    ],
)
def test_a_table_of_bursts_beside_a_file_is_compared_too(tmp_path: Path, bursts: list[Burst], told: str) -> None:
    path = without_bursts(tmp_path / "a.root")
    plan = planned(tmp_path, SAMPLES)
    assert not plan.rejected
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    finished = done(tmp_path / "done", plan)
    assert runs.execute(done(tmp_path / "same", plan), ITERATIVE, verify=True) == []
    if bursts:
        write_beside(path, *bursts)
    else:
        (tmp_path / "a.bursts.parquet").unlink()
    (failure,) = runs.execute(run, ITERATIVE, verify=True)
    reason = differing(finished)[str(path)][1]
    for text in (failure.reason, reason):
        assert f"its table of bursts, {tmp_path}/a.bursts.parquet, has changed since it was planned" in text
        assert told in text
    assert not runs.status(run).complete


def test_a_table_of_bursts_that_is_written_again_with_the_same_content_is_the_same(tmp_path: Path) -> None:
    path = without_bursts(tmp_path / "a.root")
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=planned(tmp_path, SAMPLES))
    before = events.beside(path).read_bytes()  # type: ignore[union-attr]  # it is here
    parquet.write_table(parquet.read_table(events.beside(path)), events.beside(path), compression="gzip")
    assert events.beside(path).read_bytes() != before  # type: ignore[union-attr]
    assert runs.execute(run, ITERATIVE, verify=True) == []


def test_without_checksums_there_is_nothing_to_compare_with(folder: Path) -> None:
    plan = planning.plan(searches.load("mumu"), SAMPLES, base=folder, checksums=False)
    run = done(folder / "run", plan)
    with pytest.raises(ConfigurationError, match="planned with --no-checksums"):
        runs.compare(run, runs.files_not_read(run), execution=ITERATIVE)
