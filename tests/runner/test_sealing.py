"""Results of a shard are put together by processes that may die at any step."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from na62dump.runner import Job, Ledger, merge, run_unit
from tests.runner.run_forty_units import SHARD_UNITS, UNITS, add_up, packed, value

if TYPE_CHECKING:
    from collections.abc import Callable

    from na62dump.datasets import WorkUnit

SHARDS = UNITS[: 2 * SHARD_UNITS]


def work(unit: WorkUnit) -> bytes:
    return packed([1.0 / (i + 1) for i in range(unit.start, unit.stop)])


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> float:
    ledger = Ledger(tmp_path_factory.mktemp("undisturbed"), "f" * 64)
    for unit in SHARDS:
        assert Job(work, ledger, add_up)(unit) is None
    assert not list(ledger.places.results.glob("*/*"))
    return merge(SHARDS, ledger, load=value)


def seal_and_exit(ledger: Ledger) -> NoReturn:
    try:
        # where another one is faster, nothing is lost
        with contextlib.suppress(OSError):
            ledger.seal_shard(SHARDS[0], add_up=add_up)
    finally:
        os._exit(0)


def dies_at(step: int, method: Callable[..., None]) -> Callable[..., None]:
    left = [step]

    def counted(*args: object, **kwargs: object) -> None:
        if not left[0]:
            os._exit(1)
        left[0] -= 1
        method(*args, **kwargs)

    return counted


@pytest.mark.parametrize("step", range(SHARD_UNITS + 1))
def test_killed_anywhere_in_sealing_a_shard_loses_nothing(
    tmp_path: Path, expected: float, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path, "f" * 64)
    for unit in SHARDS:
        run_unit(unit, work, ledger=ledger)
    child = os.fork()
    if not child:
        # before the sum takes its place, or with so many of the single results removed
        name = "replace" if step == SHARD_UNITS else "unlink"
        monkeypatch.setattr(Path, name, dies_at(step % SHARD_UNITS, Path.unlink))
        seal_and_exit(ledger)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert len(ledger.names()) == len(SHARDS)
    assert ledger.missing(SHARDS) == []
    assert merge(SHARDS, ledger, load=value) == pytest.approx(expected, abs=0)


def test_two_that_seal_one_shard_agree(tmp_path: Path, expected: float) -> None:
    ledger = Ledger(tmp_path, "f" * 64)
    for unit in SHARDS:
        run_unit(unit, work, ledger=ledger)
    children = []
    for _ in range(2):
        child = os.fork()
        if not child:
            seal_and_exit(ledger)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    assert merge(SHARDS, ledger, load=value) == pytest.approx(expected, abs=0)
