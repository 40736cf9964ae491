"""Results of a shard become one file when its last unit is done, and the sum is the same, bit for bit."""

from __future__ import annotations

import contextlib
import io
import math
import threading
import zipfile
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.datasets import WorkUnit
from na62dump.errors import GapsError, MergeError
from na62dump.runner import Job, Ledger, merge, total
from na62dump.runner.places import Places
from tests.runner.keyed import keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

FINGERPRINT = "f" * 64
SIZES = (5, 7, 3)


def unit(shard: int, number: int) -> WorkUnit:
    start = 10 * number
    return WorkUnit("s", "data", "/data/a.root", f"u{shard}", start, start + 10, "0a", shard)


UNITS = keyed(unit(shard, number) for shard, size in enumerate(SIZES) for number in range(size))
FIRST = [one for one in UNITS if one.shard == 0]
SEALED = f"000000-{FIRST[0].shard_key}.zip"


def archive(value: float) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("x", value.hex())
    return file.getvalue()


def load(content: bytes) -> float:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return float.fromhex(made.read("x").decode())


def work(one: WorkUnit) -> bytes:
    """A number whose sums depend on their brackets."""
    return archive(math.sin(one.start + one.shard + 1) * 10.0 ** (one.start % 7))


def add_up(results: Iterable[bytes]) -> bytes:
    found = total(map(load, results))
    assert found is not None
    return archive(found)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, FINGERPRINT)


def run(ledger: Ledger, units: Iterable[WorkUnit], *, sealing: bool = True) -> None:
    job = Job(work, ledger, add_up if sealing else None)
    assert [job(one) for one in units] == [None for _ in units]


def files(ledger: Ledger) -> list[str]:
    return sorted(str(path.relative_to(ledger.places.results)) for path in ledger.places.results.rglob("*.*"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 1
    path.write_bytes(bytes(content))


def test_a_shard_is_sealed_when_its_last_unit_is_done(ledger: Ledger) -> None:
    run(ledger, FIRST[:-1])
    assert len(files(ledger)) == 4
    assert ledger.read_shard(FIRST) is None
    run(ledger, FIRST[-1:])
    assert files(ledger) == [SEALED]
    assert not ledger.places.results.joinpath("000000").exists()
    assert ledger.missing(UNITS) == UNITS[5:]
    assert ledger.done(UNITS) == FIRST
    assert all(ledger.has(one) for one in FIRST)
    assert ledger.names() == {one.name for one in FIRST}


def test_what_is_sealed_is_not_done_again(ledger: Ledger) -> None:
    run(ledger, FIRST)

    def never(_unit: WorkUnit) -> bytes:
        pytest.fail("recomputed")

    assert [Job(never, ledger, add_up)(one) for one in FIRST] == [None] * 5
    assert files(ledger) == [SEALED]


@given(order=st.permutations(range(sum(SIZES))), sealed=st.sets(st.integers(0, 2)))
def test_sealed_or_not_the_sum_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], sealed: set[int]
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger"), FINGERPRINT)
    for number in order:
        run(ledger, [UNITS[number]], sealing=UNITS[number].shard in sealed)
    assert {name[:6] for name in files(ledger) if "/" not in name} == {f"{number:06d}" for number in sealed}
    by_hand = total(total(load(work(one)) for one in UNITS if one.shard == shard) or 0.0 for shard in range(3))
    assert merge(UNITS, ledger, load=load) == by_hand


def test_two_that_seal_at_once_seal_the_same(ledger: Ledger) -> None:
    run(ledger, FIRST, sealing=False)
    both = threading.Barrier(2, timeout=20)

    def slowly(results: Iterable[bytes]) -> bytes:
        both.wait()
        return add_up(results)

    def seal() -> None:
        # one may find the files gone that the other has put together, and leaves it at that
        with contextlib.suppress(FileNotFoundError):
            ledger.seal_shard(FIRST[0], add_up=slowly)

    threads = [threading.Thread(target=seal) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(ledger) == [SEALED]
    assert merge(FIRST, ledger, load=load) == total(load(work(one)) for one in FIRST)


def test_another_run_seals_between_the_look_and_the_reading(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    run(ledger, FIRST, sealing=False)
    look = Places.single_names_of

    def overtaken(places: Places, shard: int) -> list[str]:
        names = look(places, shard)
        monkeypatch.setattr(Places, "single_names_of", look)
        ledger.seal_shard(FIRST[0], add_up=add_up)
        return names

    monkeypatch.setattr(Places, "single_names_of", overtaken)
    # what a worker does when it comes last; it does not mind
    run(ledger, FIRST[-1:])
    assert files(ledger) == [SEALED]
    assert merge(FIRST, ledger, load=load) == total(load(work(one)) for one in FIRST)


@pytest.mark.parametrize("left", [5, 3, 1])
def test_killed_while_it_clears_up(ledger: Ledger, left: int) -> None:
    run(ledger, FIRST, sealing=False)
    kept = {path: path.read_bytes() for path in map(ledger.places.result, FIRST[:left])}
    run(ledger, FIRST[-1:])
    for path, content in kept.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    # seen by another run, that is a shard of few units, or of all
    ledger.seal_shard(FIRST[0], add_up=add_up)
    assert ledger.missing(FIRST) == []
    assert merge(FIRST, ledger, load=load) == total(load(work(one)) for one in FIRST)


def test_a_damaged_shard_is_set_aside_and_its_units_are_done_again(ledger: Ledger) -> None:
    run(ledger, UNITS)
    flip(ledger.places.shard(UNITS[5]))
    with pytest.raises(MergeError, match=r"000001-\w+\.zip is damaged .* run again"):
        merge(UNITS, ledger, load=load)
    lost = [one for one in UNITS if one.shard == 1]
    assert ledger.missing(UNITS) == lost
    assert sum(name.endswith(".damaged") for name in files(ledger)) == 1
    with pytest.raises(GapsError, match="7 of 15 units have no result"):
        merge(UNITS, ledger, load=load)
    run(ledger, lost)
    assert ledger.places.shard(UNITS[5]).exists()
    assert merge(UNITS, ledger, load=load) == total(
        total(load(work(one)) for one in UNITS if one.shard == shard) or 0.0 for shard in range(3)
    )


def test_a_damaged_shard_costs_no_unit_that_is_there_too(ledger: Ledger) -> None:
    run(ledger, FIRST)
    run(ledger, FIRST[:2], sealing=False)
    ledger.store(FIRST[0], work(FIRST[0]))
    flip(ledger.places.shard(FIRST[0]))
    assert ledger.missing(FIRST) == FIRST[1:]


def test_a_damaged_unit_leaves_its_shard_open_until_it_is_done_again(ledger: Ledger) -> None:
    run(ledger, FIRST, sealing=False)
    flip(ledger.places.result(FIRST[2]))
    with pytest.raises(MergeError, match="is damaged"):
        ledger.seal_shard(FIRST[0], add_up=add_up)
    assert ledger.missing(FIRST) == [FIRST[2]]
    run(ledger, [FIRST[2]])
    assert files(ledger)[0] == SEALED
    assert ledger.missing(FIRST) == []


def test_a_shard_whose_sum_cannot_be_written_keeps_its_units(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    run(ledger, FIRST, sealing=False)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("na62dump.runner.sealing.write_atomically", full)
        run(ledger, FIRST[-1:])
    assert len(files(ledger)) == 5
    assert ledger.missing(FIRST) == []


@pytest.mark.parametrize("stray", [lambda one: one.shard == 2, lambda one: one == UNITS[4]])
def test_strangers_in_sealed_shards_are_refused(ledger: Ledger, stray: Callable[[WorkUnit], bool]) -> None:
    run(ledger, UNITS)
    with pytest.raises(MergeError, match="results that are not of this plan"):
        merge([one for one in UNITS if not stray(one)], ledger, load=load)


def test_a_shard_in_another_ones_place_is_refused(ledger: Ledger) -> None:
    run(ledger, UNITS)
    ledger.places.shard(UNITS[-1]).write_bytes(ledger.places.shard(FIRST[0]).read_bytes())
    assert ledger.missing(UNITS) == [one for one in UNITS if one.shard == 2]
    with pytest.raises(GapsError, match="3 of 15 units have no result"):
        merge(UNITS, ledger, load=load)


def test_another_fingerprint_sees_no_shard(ledger: Ledger) -> None:
    run(ledger, UNITS)
    assert Ledger(ledger.folder, FINGERPRINT[:16] + "0" * 48).names() == set()


def test_a_result_in_another_shard_s_folder_seals_nothing(ledger: Ledger) -> None:
    run(ledger, UNITS[:-1], sealing=False)
    astray = ledger.places.single(2, FIRST[0].name)
    ledger.places.result(FIRST[0]).rename(astray)
    run(ledger, [FIRST[0]])
    run(ledger, UNITS[-1:])
    assert files(ledger) == [SEALED, *(name for name in files(ledger) if name.startswith(("000001/", "000002/")))]
    assert ledger.missing(UNITS) == []
    assert merge(UNITS, ledger, load=load) == total(
        total(load(work(one)) for one in UNITS if one.shard == shard) or 0.0 for shard in range(3)
    )


def test_a_shard_in_the_place_of_a_unit_is_no_result(ledger: Ledger) -> None:
    run(ledger, FIRST)
    place = ledger.places.result(FIRST[0])
    place.parent.mkdir()
    ledger.places.shard(FIRST[0]).rename(place)
    assert ledger.missing(FIRST) == FIRST
    run(ledger, FIRST)
    assert merge(FIRST, ledger, load=load) == total(load(work(one)) for one in FIRST)


def test_a_shard_of_an_older_plan_does_not_count(ledger: Ledger) -> None:
    older = keyed(FIRST[:4])
    run(ledger, older)
    assert len(files(ledger)) == 1
    assert ledger.missing(FIRST) == FIRST
    run(ledger, FIRST)
    assert merge(FIRST, ledger, load=load) == total(load(work(one)) for one in FIRST)
    with pytest.raises(MergeError, match=rf"first {FIRST[3].name} in .*000000-\w+.zip: .* move that file away"):
        merge(keyed(FIRST[:3]), ledger, load=load)


def test_what_cannot_be_read_now_is_not_set_aside(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    run(ledger, FIRST)

    def away(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.read_bytes", away)
        with pytest.raises(OSError, match="Input/output error"):
            ledger.missing(FIRST)
    assert ledger.missing(FIRST) == []
    assert files(ledger) == [SEALED]


def sealing_when(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Let another run seal the first shard just before a method is called for the first time."""
    method = getattr(owner, name)

    def overtaken(*args: object, **named: object) -> object:
        monkeypatch.setattr(owner, name, method)
        assert ledger.seal_shard(FIRST[0], add_up=add_up)
        return method(*args, **named)

    monkeypatch.setattr(owner, name, overtaken)


@pytest.mark.parametrize("name", ["_has_single", "_sealed"])
def test_units_sealed_while_they_are_counted_are_done(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    run(ledger, FIRST, sealing=False)
    sealing_when(ledger, monkeypatch, Ledger, name)
    assert ledger.missing(FIRST) == []


def test_units_sealed_while_they_are_merged_are_merged(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    run(ledger, FIRST, sealing=False)
    sealing_when(ledger, monkeypatch, Ledger, "read")
    assert merge(FIRST, ledger, load=load) == total(load(work(one)) for one in FIRST)


def test_shards_that_a_killed_worker_left_are_sealed_in_the_end(ledger: Ledger) -> None:
    run(ledger, UNITS, sealing=False)
    run(ledger, FIRST)
    ledger.store(FIRST[2], work(FIRST[2]))
    Job(work, ledger, add_up).tidy(UNITS)
    assert [name[:6] for name in files(ledger)] == ["000000", "000001", "000002"]
    assert not list(ledger.places.results.glob("*/*"))
    assert ledger.missing(UNITS) == []


@given(st.lists(st.integers()))
def test_a_total_is_the_sum(terms: list[int]) -> None:
    assert total(iter(terms)) == (reduce(add, terms) if terms else None)


@given(st.lists(st.text(max_size=2), min_size=1))
def test_a_total_keeps_the_order(terms: list[str]) -> None:
    assert total(terms) == "".join(terms)


class Tree(tuple[object, object]):
    """Two terms, or sums, that are added."""

    __slots__ = ()

    def __add__(self, other: Tree) -> Tree:  # type: ignore[override]
        return Tree((self, other))


def depth(tree: object) -> int:
    return 1 + max(map(depth, tree)) if isinstance(tree, Tree) else 0


@given(st.integers(1, 300))
def test_a_total_is_as_flat_as_it_can_be(count: int) -> None:
    found = total(Tree((number, None)) for number in range(count))
    # each term is itself one deep
    assert depth(found) - 1 == math.ceil(math.log2(count))


@given(st.integers(1, 300))
def test_a_total_holds_few_terms_at_a_time(count: int) -> None:
    alive = 0

    class Held:
        def __init__(self) -> None:
            nonlocal alive
            alive += 1
            assert alive <= 3 + math.log2(count)

        def __add__(self, other: Held) -> Held:
            return Held()

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    assert total(Held() for _ in range(count)) is not None
