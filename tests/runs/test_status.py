from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from na62dump import tables
from na62dump.datasets import Rejected, WorkUnit
from na62dump.runner import Failure, Ledger
from na62dump.runner.batch import Remark
from na62dump.runs import Run, Status, status
from tests.runner.run_forty_units import packed

if TYPE_CHECKING:
    from pathlib import Path


def unit(sample: str, start: int) -> WorkUnit:
    path = f"/d/{sample}.root"
    return WorkUnit(sample=sample, kind="data", path=path, uuid=sample, start=start, stop=start + 10)


UNITS = [unit("b", 0), unit("b", 10), unit("b", 20), unit("a", 0), unit("a", 10)]


@dataclass
class Plan:
    """As much of a plan as counting takes."""

    units: list[WorkUnit]
    samples: dict[str, None]
    rejected: tuple[Rejected, ...]


@pytest.fixture
def state(tmp_path: Path) -> Status:
    """One unit done, two failed, one being worked on, one untouched, one file rejected."""
    ledger = Ledger(tmp_path, "f" * 64)
    ledger.store(UNITS[0], packed([1.0]))
    for failed, kind in ((UNITS[4], "input"), (UNITS[3], "code")):
        record = {"unit": failed.name, "path": failed.path, "reason": "why", "kind": kind, "attempts": 3}
        ledger.record_failure(failed, Failure.model_validate(record))
    log = ledger.places.log(UNITS[3])
    log.parent.mkdir(parents=True)
    log.touch()
    rejected = Rejected(sample="a", path="/d/x.root", reason="/d/x.root: is empty")
    plan = Plan(UNITS, {"b": None, "a": None, "none": None}, (rejected,))
    mumu = SimpleNamespace(name="mumu")
    run = SimpleNamespace(folder=tmp_path, plan=plan, ledger=ledger, analysis=mumu, open_regions=())
    with ledger.working(UNITS[1]):
        return status(cast("Run", run))


def rows(table: tables.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_json()["rows"]
    return found


def test_each_sample_is_counted_against_the_plan(state: Status) -> None:
    assert not state.complete
    b, a, none = rows(tables.progress(state))
    counted = ("units", "done", "failed", "missing", "worked on", "entries", "entries done", "% done", "rejected files")
    assert [b[name] for name in counted] == [3, 1, 0, 2, 1, 30, 10, 33.3, 0]
    assert [a[name] for name in counted] == [2, 0, 2, 0, 0, 20, 0, 0.0, 1]
    assert [none[name] for name in counted] == [0, 0, 0, 0, 0, 0, 0, None, 0]


def test_failed_units_are_sorted_with_kind_attempts_and_log(state: Status, tmp_path: Path) -> None:
    failed, rejected = tables.problems(state)
    first, second = rows(failed)
    assert (first["sample"], first["unit"], first["kind"], first["attempts"]) == ("a", "a-0-10", "code", 3)
    assert first["log"] == str(tmp_path / "logs" / ("f" * 16) / "000000" / "a-0-10.log")
    assert (second["unit"], second["kind"], second["log"]) == ("a-10-20", "input", None)
    assert rows(rejected) == [{"sample": "a", "file": "/d/x.root", "reason": "/d/x.root: is empty"}]


def test_what_jobs_say_is_a_table(state: Status) -> None:
    remark = Remark(jobs=2, reason="another version", log="/r/jobs/0001/0.err")
    said = tables.problems(state.model_copy(update={"jobs": (remark,)}))[-1]
    assert rows(said) == [{"jobs": 2, "reason": "another version", "log of the first": "/r/jobs/0001/0.err"}]


def test_a_long_table_is_cut_and_says_so(state: Status) -> None:
    failed, rejected = tables.problems(state, most=1)
    assert failed.title == "Failed units: the first 1 of 2; --all shows every one"
    assert len(failed.rows) == 1
    assert rejected.title == "Rejected files"


def test_what_is_almost_complete_does_not_look_complete(state: Status) -> None:
    sample = state.samples[0].model_copy(update={"entries": 1_000_000, "entries_done": 999_999})
    table = tables.progress(state.model_copy(update={"samples": (sample,)}))
    assert rows(table)[0]["% done"] == 99.9


def test_without_problems_there_is_no_table(state: Status) -> None:
    assert tables.problems(state.model_copy(update={"failures": (), "rejected": ()})) == []
