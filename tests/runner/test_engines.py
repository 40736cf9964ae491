from __future__ import annotations

import concurrent.futures
import importlib
import io
import os
import signal
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unittest import mock

import pytest

from na62dump.datasets import Access, WorkUnit
from na62dump.errors import IncompleteError, InputFileError, SilentServerError
from na62dump.runner import Dask, Execution, Job, Ledger, Local, Progress, execute, merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from na62dump.runner.jobs import Work

Engine = Literal["iterative", "futures"]
UNITS = [
    WorkUnit(sample="s", kind="data", path="/data/run.root", uuid="u", start=10 * i, stop=10 * i + 10)
    for i in range(25)
]


def make_work(**faults: Callable[[], object]) -> Work:
    """Work as a closure, which travels to workers by value: they need not find this file."""

    def work(unit: WorkUnit) -> bytes:
        fault = faults.get(f"at_{unit.start}")
        if fault is not None:
            fault()
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo("x"), " ".join(str(1.0 / (i + 1)) for i in range(unit.start, unit.stop)))
        return file.getvalue()

    return work


def load(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("x").decode()


def run(
    folder: Path,
    work: Work,
    engine: Engine | Literal["dask"],
    *,
    on_progress: Callable[[Progress], object] = lambda _: None,
) -> Ledger:
    ledger = Ledger(folder, "f" * 64)
    execution: Execution = Dask(engine="dask", workers=2) if engine == "dask" else Local(engine=engine, workers=2)
    assert execute(UNITS, Job(work, ledger), execution=execution, on_progress=on_progress) == []
    return ledger


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return run(tmp_path_factory.mktemp("reference"), make_work(), "iterative")


def require_no_interrupts() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN, "this worker tells of Ctrl-C, beside its parent"


def test_every_engine_gives_the_same_bytes(tmp_path: Path, reference: Ledger) -> None:
    ledger = run(tmp_path, make_work(at_30=require_no_interrupts), "futures")
    assert [ledger.read(unit) for unit in UNITS] == [reference.read(unit) for unit in UNITS]
    assert merge(UNITS, ledger, load=load) == merge(UNITS, reference, load=load)


psutil = pytest.importorskip("psutil", reason="comes with distributed")


def listening_elsewhere() -> set[str]:
    """Addresses beyond this machine that this process or a child of it listens on."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    found = [c.laddr.ip for p in processes for c in p.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
    return set(found) - {"127.0.0.1", "::1"}


def test_dask_gives_the_same_bytes_and_is_closed_to_others(tmp_path: Path, reference: Ledger) -> None:
    open_to_others: set[str] = set()

    def look(_: Progress) -> None:
        try:
            open_to_others.update(listening_elsewhere())
        except psutil.NoSuchProcess:
            return

    ledger = run(tmp_path, make_work(at_30=require_no_interrupts), "dask", on_progress=look)
    assert [ledger.read(unit) for unit in UNITS] == [reference.read(unit) for unit in UNITS]
    assert not open_to_others


@pytest.mark.parametrize("engine", ["iterative", "futures"])
def test_failing_units_are_records_and_the_others_go_on(tmp_path: Path, engine: Engine) -> None:
    def bug() -> None:
        msg = "a bug"
        raise RuntimeError(msg)

    def gone() -> None:
        msg = "gone"
        raise InputFileError(msg)

    def table() -> None:
        Path("/no/table.csv").read_text(encoding="utf-8")

    ledger = Ledger(tmp_path, "f" * 64)
    execution = Local(engine=engine, workers=2)
    failures = execute(
        UNITS,
        Job(
            make_work(at_200=gone, at_50=bug, at_70=table),
            ledger,
            access=Access.model_validate({"tries": 3, "pause": "10 ms"}),
        ),
        execution=execution,
    )
    assert [(failure.unit, failure.kind, failure.attempts) for failure in failures] == [
        ("u-50-60", "code", 1),
        ("u-70-80", "code", 1),
        ("u-200-210", "input", 3),
    ]
    assert ledger.failures(UNITS) == failures
    assert ledger.missing(UNITS) == [UNITS[5], UNITS[7], UNITS[20]]
    assert execute(ledger.missing(UNITS), Job(make_work(), ledger), execution=execution) == []
    assert ledger.failures(UNITS) == []
    assert ledger.missing(UNITS) == []


@pytest.mark.parametrize("engine", ["iterative", "futures"])
def test_progress_rises_to_the_end(tmp_path: Path, engine: Engine) -> None:
    seen: list[Progress] = []
    slow = {f"at_{unit.start}": lambda: time.sleep(0.05) for unit in UNITS}
    run(tmp_path, make_work(**slow), engine, on_progress=seen.append)
    units = [progress.units for progress in seen]
    assert units == sorted(units)
    assert seen[0] == Progress(units=0, units_left=25, events=0, events_left=250)
    assert seen[-1] == Progress(units=25, units_left=0, events=250, events_left=0)
    assert all(progress.events == 10 * progress.units == 250 - progress.events_left for progress in seen)
    assert any(0 < progress.units < 25 for progress in seen)


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(tmp_path / "i", make_work(), "iterative")
    run(tmp_path / "f", make_work(), "futures")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine", ["futures", "dask"])
def test_a_unit_that_kills_its_worker_is_named_and_its_neighbours_are_done(
    tmp_path: Path, engine: Literal["futures", "dask"], capfd: pytest.CaptureFixture[str]
) -> None:
    def die() -> None:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)

    ledger = Ledger(tmp_path, "f" * 64)
    execution: Execution = Dask(engine="dask", workers=2) if engine == "dask" else Local(engine=engine, workers=2)
    failures = execute(UNITS, Job(make_work(at_100=die), ledger), execution=execution)
    assert [(failure.unit, failure.kind) for failure in failures] == [("u-100-110", "crash")]
    assert "also alone" in failures[0].reason
    assert ledger.failures(UNITS) == failures
    assert ledger.missing(UNITS) == [UNITS[10]]
    assert "Traceback" not in capfd.readouterr().err
    assert execute(ledger.missing(UNITS), Job(make_work(), ledger), execution=execution) == []
    assert ledger.failures(UNITS) == []
    assert ledger.missing(UNITS) == []


@pytest.mark.parametrize("engine", ["futures", "dask"])
def test_a_worker_that_dies_once_costs_nothing(
    tmp_path: Path, reference: Ledger, engine: Literal["futures", "dask"]
) -> None:
    dead = tmp_path / "dead"

    def die_once() -> None:
        if not dead.exists():
            dead.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    ledger = run(tmp_path, make_work(at_100=die_once), engine)
    assert dead.exists()
    assert merge(UNITS, ledger, load=load) == merge(UNITS, reference, load=load)


def test_cluster_that_gives_up_is_an_error_that_says_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from na62dump.runner.engines import dask  # noqa: PLC0415 - coffea and dask are loaded for this test only

    class GivesUp(concurrent.futures.Executor):
        def submit(self, *_: object, **__: object) -> concurrent.futures.Future[Any]:
            lost: concurrent.futures.Future[Any] = concurrent.futures.Future()
            lost.cancel()
            lost.set_running_or_notify_cancel()
            return lost

    client = mock.MagicMock()
    client.__enter__.return_value.get_executor.return_value = GivesUp()
    monkeypatch.setattr(dask, "_client", lambda *_: client)
    job = Job(make_work(), Ledger(tmp_path, "f" * 64))
    with pytest.raises(IncompleteError, match=r"died before they began a unit \(CancelledError: its cluster is gone\)"):
        execute(UNITS, job, execution=Dask(engine="dask", workers=1))


def test_no_worker_in_time_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from na62dump.runner.engines import dask  # noqa: PLC0415 - coffea and dask are loaded for this test only

    client = mock.MagicMock()
    client.__enter__.return_value.wait_for_workers.side_effect = TimeoutError
    monkeypatch.setattr(dask, "_client", lambda *_: client)
    job = Job(make_work(), Ledger(tmp_path, "f" * 64))
    with pytest.raises(IncompleteError, match=r"engine = 'dask': no worker began within wait = '3 s'; start some"):
        execute(UNITS, job, execution=Dask.model_validate({"engine": "dask", "workers": 1, "wait": "3 s"}))


def test_an_interruption_is_still_one_after_dask_jobqueue_is_loaded() -> None:
    importlib.import_module("na62dump.runner.engines.dask")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("engine", ["iterative", "futures"])
def test_no_units_is_no_work(tmp_path: Path, engine: Engine) -> None:
    job = Job(make_work(), Ledger(tmp_path, "f" * 64))
    assert execute([], job, execution=Local(engine=engine, workers=2)) == []


def test_failure_that_cannot_be_recorded_comes_back(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("in the way")
    (tmp_path / "failures").write_text("in the way")
    job = Job(make_work(), replace(Ledger(Path(), "f" * 64), folder=tmp_path))
    failures = execute(UNITS, job, execution=Local(engine="futures", workers=2))
    assert [failure.unit for failure in failures] == [unit.name for unit in UNITS]
    assert {failure.kind for failure in failures} == {"disk"}


def test_a_server_that_was_waited_for_in_vain_is_not_waited_for_again(tmp_path: Path) -> None:
    def silent() -> None:
        msg = "root://host does not answer"
        raise SilentServerError(msg)

    ledger = Ledger(tmp_path, "f" * 64)
    job = Job(make_work(at_30=silent), ledger, access=Access.model_validate({"tries": 5, "pause": "1 min"}))
    (failure,) = execute(UNITS, job, execution=Local(engine="iterative", workers=1))
    assert (failure.kind, failure.attempts) == ("input", 1)
    assert len(ledger.done(UNITS)) == len(UNITS) - 1
