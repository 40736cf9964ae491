"""Files are opened once, by any number of processes, and the plan is the same."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from na62dump import analysis as searches
from na62dump import planning
from na62dump.events import checksum, stamp
from na62dump.planning import findings, inputs, opening
from tests.worlds import declared, good_burst, simulated, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from na62dump.datasets import Plan
    from na62dump.planning.patterns import Input

FILES = 7
SAMPLES = {"d": declared("data", "*.root")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven files of data; two share a burst, one is a copy, one has no tree."""
    made = tmp_path_factory.mktemp("files")
    events = simulated("halo", 20)
    for number in range(FILES):
        keys = {"run": np.full(len(events), 1, np.uint32), "burst": np.full(len(events), number, np.uint32)}
        named = replace(events, columns={**events.columns, **keys})
        extra = [good_burst(1, 2)] if number == 4 else []
        write(made / f"{number}.root", named, bursts=[good_burst(1, number), *extra])
    (made / "copy.root").write_bytes((made / "0.root").read_bytes())
    (made / "none.root").write_bytes(b"no ROOT file")
    return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose checksum is computed, in order."""
    names = []

    def counted(path: Path) -> str:
        names.append(path.name)
        return checksum(path)

    monkeypatch.setattr(inputs, "checksum", counted)
    return names


def planned(folder: Path, *, keep: Path | None = None, workers: int = 1, fresh: bool = False) -> Plan:
    return planning.plan(searches.load("mumu"), SAMPLES, base=folder, keep=keep, workers=workers, fresh=fresh)


def test_processes_find_what_one_finds(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = planned(folder)
    assert [record.path[-6:] for record in alone.files] == ["0.root", "1.root", "3.root", "5.root", "6.root"]
    assert ["copy" in r.path or "none" in r.path for r in alone.rejected] == [False, False, True, True]
    monkeypatch.setattr(opening, "ALONE_SECONDS", 0.0)
    monkeypatch.setattr(opening, "BATCH", 2)
    assert planned(folder, workers=2, keep=tmp_path) == alone
    assert planned(folder, keep=tmp_path) == alone


def test_a_file_that_has_not_changed_is_not_opened_again(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    first = planned(folder, keep=tmp_path)
    usable = len(opened)
    assert usable == FILES + 1
    assert planned(folder, keep=tmp_path) == first
    assert len(opened) == usable
    assert planned(folder, keep=tmp_path, fresh=True) == first
    assert len(opened) == 2 * usable
    planning.plan(searches.load("mumu"), SAMPLES, base=folder, keep=tmp_path, checksums=False)
    assert planned(folder, keep=tmp_path) == first
    # what was asked differs, so what was kept before is of no use
    assert len(opened) == 3 * usable


def test_a_file_that_has_changed_is_opened_again(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    planned(folder, keep=tmp_path)
    opened.clear()
    before = stamp(folder / "5.root")
    os.utime(folder / "5.root", ns=(1, 1))
    assert stamp(folder / "5.root") != before
    planned(folder, keep=tmp_path)
    assert opened == ["5.root"]


def test_a_table_of_bursts_beside_a_file_is_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.root").write_bytes(b"x")
    before = stamp(tmp_path / "a.root")
    parquet.write_table(pa.table({"run": [1]}), tmp_path / "a.bursts.parquet")
    assert stamp(tmp_path / "a.root") not in {before, ""}
    assert stamp(tmp_path / "b.root") == stamp("root://host//a.root") == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_was_found_before_an_interrupt_is_kept(
    folder: Path, tmp_path: Path, opened: list[str], error: type[BaseException]
) -> None:
    def interrupt(done: int) -> None:
        if done == 3:
            raise error

    with pytest.raises(error):
        planning.plan(searches.load("mumu"), SAMPLES, base=folder, keep=tmp_path, on_progress=interrupt)
    assert opened == ["0.root", "1.root", "2.root"]
    planned(folder, keep=tmp_path)
    assert len(opened) == FILES + 1
    assert len(list(tmp_path.iterdir())) == 1


def test_what_was_found_is_written_as_it_comes(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "WRITE_SECONDS", 0.0)
    pieces = []

    def count(done: int) -> None:
        del done
        pieces.append(len(list(tmp_path.glob("*.parquet"))))

    planning.plan(searches.load("mumu"), SAMPLES, base=folder, keep=tmp_path, on_progress=count)
    assert pieces[:4] == [0, 1, 2, 3]


def test_what_was_kept_and_is_damaged_is_not_believed(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    first = planned(folder, keep=tmp_path)
    (piece,) = tmp_path.iterdir()
    content = bytearray(piece.read_bytes())
    content[len(content) // 2] ^= 1
    piece.write_bytes(bytes(content))
    opened.clear()
    assert planned(folder, keep=tmp_path) == first
    assert len(opened) == FILES + 1


def tenfold(number: int) -> int:
    if number in {3, 7}:
        os._exit(number)
    return 10 * number


def told(number: int, reason: str) -> str:
    return f"{number}: {reason}"


@pytest.mark.parametrize("alone", [True, False])
def test_what_ends_a_process_is_named_and_the_rest_is_done(monkeypatch: pytest.MonkeyPatch, *, alone: bool) -> None:
    monkeypatch.setattr(opening, "ALONE_SECONDS", -1.0)
    monkeypatch.setattr(opening, "BATCH", 2)
    found = dict(opening.each(range(12), tenfold, workers=2 if alone else 1, died=told, alone=alone))
    for number in (3, 7):
        assert str(found.pop(number)).startswith(f"{number}: A worker process managed by the executor was unexpectedly")
    assert found == {number: 10 * number for number in range(12) if number not in {3, 7}}


def test_a_file_that_ended_planning_is_opened_elsewhere_the_next_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = []

    def each(*_args: object, alone: bool, **_options: object) -> Iterator[tuple[int, object]]:
        where.append(alone)
        assert (tmp_path / "begun").exists()
        yield from ()

    monkeypatch.setattr(inputs, "each", each)
    planned(folder, keep=tmp_path)
    (tmp_path / "begun").touch()
    planned(folder, keep=tmp_path)
    planned(folder, keep=tmp_path)
    assert where == [True, False, True]
    assert (
        "ends the process that opens it (how)"
        in inputs._killed((planning.expand(SAMPLES, folder)[0], None), "how").reason
    )


def test_a_stamp_is_asked_for_only_where_something_is_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counted(path: Path) -> str:
        asked.append(path)
        return stamp(path)

    monkeypatch.setattr(inputs, "stamp", counted)
    planned(folder)
    assert not asked
    seen: list[int] = []
    planning.plan(
        searches.load("mumu"), SAMPLES, base=folder, keep=tmp_path, on_progress=lambda _: seen.append(len(asked))
    )
    # with progress, not before
    assert seen == list(range(FILES + 3))


def test_a_burst_in_many_files_is_a_short_message(folder: Path) -> None:
    items = [planning.patterns.Input("d", SAMPLES["d"], folder / f"{n}.root") for n in range(40)]
    record = planned(folder).files[0]
    claims: dict[Input, inputs.Finding] = {
        item: inputs.Finding(replace(record, uuid=str(n), path=str(item.path))) for n, item in enumerate(items)
    }
    files, rejected = inputs._judged(items, list(claims.values()))
    assert not files
    assert len(rejected) == 40
    assert "1.root, " in rejected[0].reason
    assert "and 36 more: its POT would count twice" in rejected[0].reason
