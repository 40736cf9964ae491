"""The stages of the benchmark of scale at small sizes: they do what they say, and what they do is linear."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import scale

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL, LARGE = 200, 1_600


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Two plans, the results of which are not sealed, without waiting for the disk."""
    found = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("os.fsync", lambda _handle: None)
        for units in (SMALL, LARGE):
            found[units] = tmp_path_factory.mktemp(str(units))
            for name in ("plan: save", "results: store"):
                scale.STAGES[name].work(found[units], units)()
    return found


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files that are read, one after the other."""
    seen: list[Path] = []
    read = Path.read_bytes

    def counted(path: Path) -> bytes:
        seen.append(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    return seen


def reads(stage: str, folder: Path, units: int, looks: list[Path]) -> int:
    work: Callable[[], object] = scale.STAGES[stage].work(folder, units)
    looks.clear()
    work()
    return len(looks)


def test_every_file_is_read_once_and_the_sums_are_right(
    folders: dict[int, Path], looks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda _handle: None)
    for units, folder in folders.items():
        assert reads("plan: load", folder, units, looks) == 3
        assert reads("status, single results", folder, units, looks) == units
        # and each sealed shard that is not there
        assert reads("merge, single results", folder, units, looks) == units + units // 100
        reads("shards: seal", folder, units, looks)
        assert reads("status, sealed", folder, units, looks) == units // 100
        assert reads("merge, sealed", folder, units, looks) == units // 100


@pytest.mark.parametrize("stage", ["plan: load", "status, sealed", "merge, sealed"])
def test_calls_per_unit_do_not_grow(folders: dict[int, Path], stage: str) -> None:
    def each(units: int) -> float:
        work = scale.STAGES[stage].work(folders[units], units)
        work()
        calls = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in {"call", "c_call"}

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            work()
        finally:
            sys.setprofile(before)
        return calls / units

    # quadratic work would take eight times as many for each unit
    assert each(LARGE) < 1.5 * each(SMALL)


def test_growth_of_time_and_memory_is_told_where_it_can_be() -> None:
    measured = [(1_000, 2.0, 5.0), (10_000, 20.0, 40.0), (100_000, 400.0, 800.0)]
    several = [
        (units, {"seconds": took, "floor": 1.0, "before": 100.0, "after": 100.0 + more})
        for units, took, more in measured
    ]
    first, second, third = (line.split() for line in scale.lines("stage", several))
    assert first == ["stage", "1000", "2.000", "2000.0", "2.0", "105", "5"]
    assert second == ["stage", "10000", "20.000", "2000.0", "1.00", "20.0", "140", "40"]  # 5 MB say nothing
    assert third == ["stage", "100000", "400.000", "4000.0", "2.00", "400.0", "900", "800", "2.00"]
