from __future__ import annotations

import io
import logging
import os
import re
import signal
import warnings
import zipfile
from typing import TYPE_CHECKING

import pytest

from na62dump.datasets import Access, WorkUnit
from na62dump.errors import InputFileError
from na62dump.runner import Job, Ledger, run_unit
from na62dump.runner.logs import join_logs
from tests.runner.keyed import keyed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
UNITS = keyed(
    WorkUnit(sample="s", kind="data", path="/d/é.root", uuid="u", start=i, stop=i + 1, shard=i // 2) for i in range(4)
)


def work(_unit: WorkUnit) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x", "1")
    return file.getvalue()


def first(contents: Iterable[bytes]) -> bytes:
    return next(iter(contents))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, "f" * 64)


def log(ledger: Ledger, unit: WorkUnit = UNITS[0]) -> str:
    return ledger.places.log(unit).read_text(encoding="utf-8")


def test_a_good_unit_says_what_where_and_how_fast(ledger: Ledger) -> None:
    run_unit(UNITS[0], work, ledger=ledger)
    begin, end = log(ledger).splitlines()
    assert re.fullmatch(rf"{STAMP}begin u-0-1: events 0 to 1 of /d/é\.root; host \S+, process {os.getpid()}", begin)
    assert re.fullmatch(rf"{STAMP}done: [\d.]+ s, \d+ events/s; process at most [1-9]\d* MB so far", end)


def test_attempts_waits_and_the_whole_traceback_are_kept_and_appended(ledger: Ledger) -> None:
    def gone(_unit: WorkUnit) -> bytes:
        msg = "not here"
        raise InputFileError(msg)

    for _ in range(2):
        run_unit(UNITS[0], gone, ledger=ledger, access=Access.model_validate({"tries": 2, "pause": "10 ms"}))
    text = log(ledger)
    assert text.count("begin u-0-1") == 2
    assert text.count("attempt 1 failed (input)\nTraceback (most recent call last):\n") == 2
    assert text.count("attempt 2 failed (input)\n") == 2
    assert text.count("waits 0.01 s before it is tried again") == 2
    assert "in gone\n" in text
    assert text.endswith("InputFileError: not here\n")


def test_warnings_and_log_messages_go_there_and_nowhere_else(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # pytest's own handlers fail where arguments do not fit
    monkeypatch.setattr(logging.getLogger(), "handlers", [])

    def noisy(unit: WorkUnit) -> bytes:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("odd data", RuntimeWarning, stacklevel=1)
        logging.getLogger("some.library").warning("%s is slow", "it")
        logging.getLogger("some.library").warning("%d is no number", "it")
        logging.getLogger("some.library").info("not worth telling")
        return work(unit)

    assert run_unit(UNITS[0], noisy, ledger=ledger) is None
    _, warned, slow, unfit, _ = log(ledger).splitlines()
    assert re.search(r"RuntimeWarning: odd data \(.*test_logs\.py, line \d+\)", warned)
    assert slow.endswith("warning of some.library: it is slow")
    assert unfit.endswith("warning of some.library: %d is no number")
    assert logging.getLogger().handlers == []
    assert capfd.readouterr() == ("", "")


def test_warnings_that_are_errors_stay_errors(ledger: Ledger) -> None:
    def strict(_unit: WorkUnit) -> bytes:
        warnings.warn("odd data", RuntimeWarning, stacklevel=1)
        return b""

    failure = run_unit(UNITS[0], strict, ledger=ledger)
    assert failure is not None
    assert failure.reason.startswith("RuntimeWarning: odd data")


def test_where_no_log_can_be_written_the_unit_is_done(ledger: Ledger) -> None:
    (ledger.folder / "logs").write_text("in the way")
    assert run_unit(UNITS[0], work, ledger=ledger) is None
    assert ledger.has(UNITS[0])


def test_a_killed_worker_leaves_what_it_had_begun(ledger: Ledger) -> None:
    def killed(unit: WorkUnit) -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return work(unit)

    child = os.fork()
    if not child:
        try:
            run_unit(UNITS[0], killed, ledger=ledger)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (begin,) = log(ledger).splitlines()
    assert f"process {child}" in begin


def test_what_is_stopped_from_outside_says_so(ledger: Ledger) -> None:
    def stopped(_unit: WorkUnit) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_unit(UNITS[0], stopped, ledger=ledger)
    assert log(ledger).endswith("stopped from outside\n")


def test_logs_of_a_sealed_shard_are_one_file(ledger: Ledger) -> None:
    job = Job(work, ledger, first)
    for unit in UNITS[:3]:
        assert job(unit) is None
    folder = ledger.places.logs_of(0).parent
    assert sorted(path.name for path in folder.iterdir()) == ["000000.log", "000001"]
    joined = (folder / "000000.log").read_text()
    assert re.findall(r"begin (\S+):", joined) == ["u-0-1", "u-1-2"]
    assert log(ledger, UNITS[2]).count("done: ") == 1


def test_joined_logs_keep_earlier_ones_and_nothing_to_join_is_no_error(ledger: Ledger) -> None:
    join_logs(ledger.places, 0)
    for _ in range(2):
        run_unit(UNITS[0], work, ledger=ledger)
        join_logs(ledger.places, 0)
    join_logs(ledger.places, 0)
    text = ledger.places.joined_log(0).read_text()
    assert text.count("begin u-0-1") == 2
    assert "another run has done it" in text
