from __future__ import annotations

import io
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from na62dump.datasets import WorkUnit
from na62dump.runner import Failure, Job, Ledger, Progress, places, seals
from na62dump.runner.progress import watching
from tests.runner.keyed import keyed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
PATIENCE = 30.0

UNITS = keyed(
    WorkUnit(sample="s", kind="data", path="/d/r.root", uuid="u", start=i * i, stop=(i + 1) ** 2, shard=i // 2)
    for i in range(6)
)


def work(unit: WorkUnit) -> bytes:
    if unit.start == UNITS[4].start:
        msg = "a bug"
        raise ValueError(msg)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x", "1")
    return file.getvalue()


def first(contents: Iterable[bytes]) -> bytes:
    return next(iter(contents))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, "f" * 64)


def look(ledger: Ledger, units: list[WorkUnit]) -> Progress:
    seen: list[Progress] = []
    with watching(units, ledger, on_progress=seen.append):
        pass
    return seen[-1]


def test_sealed_single_failed_and_missing_are_told_apart(ledger: Ledger) -> None:
    job = Job(work, ledger, first)
    for unit in (*UNITS[:3], UNITS[4]):
        job(unit)
    progress = look(ledger, UNITS)
    assert (progress.units, progress.units_left) == (4, 2)
    # units hold 1, 3, 5, 7, 9 and 11 events
    assert (progress.events, progress.events_left) == (1 + 3 + 5, 7 + 11)
    assert [(failure.unit, failure.kind) for failure in progress.failures] == [(UNITS[4].name, "code")]


def test_only_the_units_asked_for_count(ledger: Ledger) -> None:
    job = Job(work, ledger, first)
    for unit in UNITS:
        job(unit)
    assert look(ledger, UNITS[1:3]) == Progress(units=2, units_left=0, events=3 + 5, events_left=0)


def test_the_label_of_a_shard_and_the_record_of_a_failure_are_read_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    label, record = seals.tail_label, Ledger.failure

    def counted_label(path: Path) -> str:
        read.append(path.name)
        return label(path)

    def counted_record(self: Ledger, unit: WorkUnit) -> Failure | None:
        read.append(unit.name)
        return record(self, unit)

    monkeypatch.setattr(places, "tail_label", counted_label)
    monkeypatch.setattr(Ledger, "failure", counted_record)
    job = Job(work, ledger, first)
    seen: list[Progress] = []
    with watching(UNITS, ledger, on_progress=seen.append):
        for unit in (UNITS[0], UNITS[1], UNITS[4]):
            job(unit)
        before = len(seen)
        deadline = time.monotonic() + PATIENCE
        while len(seen) < before + 3:
            assert time.monotonic() < deadline, "nobody looks any more"
            time.sleep(0.01)
    assert seen[-1].units == 3
    # the ledger itself looks for a result before each unit, and reads no label for that
    assert sorted(read) == sorted([f"000000-{UNITS[0].shard_key}.zip", UNITS[4].name])


def test_a_disk_that_is_away_stops_nobody(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_self: object) -> set[str]:
        msg = "stale handle"
        raise OSError(msg)

    monkeypatch.setattr(places.Places, "failed_names", away)
    seen: list[Progress] = []
    with watching(UNITS, ledger, on_progress=seen.append):
        pass
    assert seen == []
