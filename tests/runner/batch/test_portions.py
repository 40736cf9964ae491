from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.datasets import WorkUnit
from na62dump.runner.batch import Resources
from na62dump.runner.batch.portions import Decision, Had, Need, Past, decide, slices

GB, HOUR = 1e3, 3600e9
RESOURCES = Resources.model_validate(
    {
        "cpus": 1,
        "memory": "2 GB",
        "time": "8 h",
        "growth": 2.0,
        "most_memory": "6 GB",
        "most_time": "24 h",
        "memory_share": 0.95,
        "time_kept": "3 min",
    }
)
BASE = Need(2 * GB, 8 * HOUR)


def unit(number: int, shard: int = 0) -> WorkUnit:
    return WorkUnit(sample="s", kind="data", path="/f", uuid="u", start=number, stop=number + 1, shard=shard)


UNITS = [unit(number) for number in range(6)]
A = UNITS[0].name


def decided(past: Past) -> Decision:
    return decide(UNITS, past, resources=RESOURCES, size=4)


def had(memory: float = 2, time: float = 8, *, raised: bool = False, alone: bool = False) -> Had:
    return Had(memory * GB, time * HOUR, raised, alone)


def need_of_first(past: Past) -> Need:
    return next(need for need, parts in decided(past).portions.items() if UNITS[0] in chain.from_iterable(parts))


@given(st.lists(st.integers(1, 12), max_size=8), st.integers(1, 15))
def test_slices_keep_order_and_size_and_cut_no_shard_that_fits(shards: list[int], size: int) -> None:
    units = [unit(100 * shard + i, shard) for shard, length in enumerate(shards) for i in range(length)]
    found = slices(units, size=size)
    assert list(chain.from_iterable(found)) == units
    assert all(1 <= len(part) <= size for part in found)
    for shard, length in enumerate(shards):
        holders = [part for part in found if any(unit.shard == shard for unit in part)]
        assert len(holders) == -(-length // size)


def test_without_a_past_all_go_into_slices() -> None:
    found = decided(Past())
    assert found.portions == {BASE: [UNITS[:4], UNITS[4:]]}
    assert (found.raised, found.alone, found.refused) == (0, 0, {})


def test_what_was_worked_on_when_its_job_vanished_goes_alone() -> None:
    found = decided(Past(marked={A}))
    assert found.portions == {BASE: [UNITS[:1], UNITS[1:5], UNITS[5:]]}
    assert found.alone == 1


@pytest.mark.parametrize(
    ("last", "lack", "need"),
    [
        (None, "memory", Need(4 * GB, 8 * HOUR)),
        (had(), "memory", Need(4 * GB, 8 * HOUR)),
        (had(1), "memory", Need(4 * GB, 8 * HOUR)),  # the settings have been raised since
        (had(2.5), "memory", Need(5 * GB, 8 * HOUR)),
        (had(4, raised=True), "memory", Need(6 * GB, 8 * HOUR)),
        (had(4, raised=True), "time", Need(4 * GB, 16 * HOUR)),
        (had(4, raised=True), None, Need(4 * GB, 8 * HOUR)),
        (had(4), None, BASE),  # the settings have been lowered since
        (had(2, 16, raised=True), "time", Need(2 * GB, 24 * HOUR)),
        (had(6, raised=True), "memory", Need(6 * GB, 8 * HOUR)),  # beside others: once more, alone
    ],
)
def test_what_lacked_is_raised_from_what_there_was(last: Had | None, lack: str | None, need: Need) -> None:
    past = Past({A: last} if last else {}, {A: lack} if lack else {})  # type: ignore[dict-item]
    assert need_of_first(past) == need
    assert decided(past).raised == (need != BASE)


def test_lack_of_time_goes_alone_and_lack_of_memory_only_at_the_most() -> None:
    assert decided(Past(lacks={A: "time"})).alone == 1
    assert decided(Past(lacks={A: "memory"})).alone == 0
    assert decided(Past({A: had(4, raised=True)}, {A: "memory"})).alone == 1


@pytest.mark.parametrize(
    ("last", "lack", "reason"),
    [
        (had(6, raised=True, alone=True), "memory", "needs more than 6 GB of memory: raise most_memory"),
        (had(2, 24, raised=True, alone=True), "time", "needs more than 24 h: raise most_time"),
    ],
)
def test_what_lacks_the_most_alone_is_refused(last: Had, lack: str, reason: str) -> None:
    found = decided(Past({A: last}, {A: lack}))  # type: ignore[dict-item]
    assert found.refused[A].startswith(reason)
    assert UNITS[0] not in chain.from_iterable(chain.from_iterable(found.portions.values()))
