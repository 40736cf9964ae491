from __future__ import annotations

import io
import pickle
import zipfile
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.datasets import Access, WorkUnit
from na62dump.errors import BlindingError, InputFileError, MergeError, MissingColumnError, ServerError
from na62dump.events.files import guarded
from na62dump.runner import Failure, Ledger, merge, run_unit, write_atomically
from na62dump.runner.failures import fault
from na62dump.runner.seals import label_of, seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FINGERPRINT = "f" * 64
TWICE = Access.model_validate({"tries": 2, "pause": "0 s"})


def unit(start: int, stop: int, *, uuid: str = "u") -> WorkUnit:
    return WorkUnit(sample="s", kind="data", path="/data/run.root", uuid=uuid, start=start, stop=stop)


UNITS = [unit(10 * i, 10 * i + 10) for i in range(5)]


def archive(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("x", text)
    return file.getvalue()


def work(one: WorkUnit) -> bytes:
    return archive(f"[{one.start}]")


def load(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return made.read("x").decode()


def damaged(content: bytes) -> bytes:
    middle = len(content) // 4
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, FINGERPRINT)


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    assert [run_unit(one, work, ledger=ledger) for one in UNITS] == [None] * 5
    return ledger


def test_results_lie_where_they_are_said_to_lie(full: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "results" / FINGERPRINT[:16] / "000000" / "u-0-10.zip"
    assert full.places.result(UNITS[0]) == path
    assert path.is_file()


def test_what_is_done_is_not_missing(ledger: Ledger) -> None:
    assert ledger.missing(UNITS) == UNITS
    run_unit(UNITS[1], work, ledger=ledger)
    assert ledger.done(UNITS) == [UNITS[1]]
    assert ledger.missing(UNITS) == [UNITS[0], *UNITS[2:]]


def test_another_fingerprint_sees_nothing(full: Ledger, tmp_path: Path) -> None:
    assert Ledger(tmp_path, "0" * 64).missing(UNITS) == UNITS
    assert full.missing(UNITS) == []


def test_ledger_pickles(full: Ledger) -> None:
    assert pickle.loads(pickle.dumps(full)) == full  # noqa: S301 - own bytes


@pytest.mark.parametrize("spoil", [damaged, lambda content: content[:-5], lambda _: b"", lambda _: b"no zip at all"])
def test_damaged_result_is_set_aside_and_recomputed(full: Ledger, spoil: Callable[[bytes], bytes]) -> None:
    path = full.places.result(UNITS[2])
    path.write_bytes(spoil(path.read_bytes()))
    assert full.missing(UNITS) == [UNITS[2]]
    assert not path.exists()
    assert len(list(path.parent.glob("*.damaged"))) == 1
    run_unit(UNITS[2], work, ledger=full)
    assert merge(UNITS, full, load=load) == "[0][10][20][30][40]"


def test_result_that_another_run_has_mended_meanwhile_is_kept(full: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    path = full.places.result(UNITS[0])
    seen = []

    def look(content: bytes) -> str:
        seen.append(content)
        if len(seen) == 1:
            # what this run has read is damaged, and the other run replaces it before this one can move it
            write_atomically(path, content)
            msg = "damaged"
            raise zipfile.BadZipFile(msg)
        return label_of(content)

    with monkeypatch.context() as patched:
        patched.setattr("na62dump.runner.sealing.label_of", look)
        assert full.missing([UNITS[0]]) == []
    assert full.missing([UNITS[0]]) == []
    assert not list(path.parent.glob("*.damaged"))


def test_unit_that_another_run_has_done_is_not_done_again(full: Ledger) -> None:
    def never(_unit: WorkUnit) -> bytes:
        pytest.fail("recomputed")

    assert run_unit(UNITS[0], never, ledger=full) is None


@pytest.mark.parametrize(
    ("error", "kind", "attempts"),
    [
        (ZeroDivisionError("division by zero"), "code", 1),
        (SystemExit(3), "code", 1),
        (MemoryError(), "memory", 1),
        (MissingColumnError("no column 'x'"), "code", 1),
        (BlindingError("hidden"), "code", 1),
        (InputFileError("damaged\nbasket"), "input", 2),
        (ServerError("silent"), "input", 2),
        (FileNotFoundError(2, "No such file", "/home/me/table.csv"), "code", 1),
        (TimeoutError("a server of the selection"), "code", 1),
        (OSError(12, "Cannot allocate memory"), "memory", 1),
        (OSError(24, "Too many open files"), "code", 1),
        (OSError(28, "No space left on device"), "disk", 1),
    ],
)
def test_failure_is_a_record_with_kind_and_attempts(
    ledger: Ledger, error: BaseException, kind: str, attempts: int
) -> None:
    def failing(_unit: WorkUnit) -> bytes:
        raise error

    failure = run_unit(UNITS[0], failing, ledger=ledger, access=TWICE)
    assert failure is not None
    assert (failure.kind, failure.attempts, failure.unit, failure.path) == (kind, attempts, "u-0-10", "/data/run.root")
    assert failure.reason.startswith(type(error).__name__)
    assert "(test_ledger.py, line " in failure.reason
    assert "\n" not in failure.reason
    assert ledger.failures(UNITS) == [failure]
    assert ledger.missing(UNITS) == UNITS


def test_second_try_helps_and_clears_the_record(ledger: Ledger) -> None:
    tries = []

    def flaky(one: WorkUnit) -> bytes:
        tries.append(one)
        if len(tries) == 1:
            msg = "connection reset"
            raise ServerError(msg)
        return work(one)

    old = Failure(unit=UNITS[0].name, path="/data/run.root", reason="old", kind="code", attempts=1)
    ledger.record_failure(UNITS[0], old)
    assert run_unit(UNITS[0], flaky, ledger=ledger, access=TWICE) is None
    assert len(tries) == 2
    assert ledger.failures(UNITS) == []


def test_interrupt_goes_through(ledger: Ledger) -> None:
    def interrupted(_unit: WorkUnit) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_unit(UNITS[0], interrupted, ledger=ledger)


def test_work_that_returns_no_archive_is_a_code_failure(ledger: Ledger) -> None:
    failure = run_unit(UNITS[0], lambda _unit: b"text", ledger=ledger)
    assert failure is not None
    assert (failure.kind, ledger.missing(UNITS[:1])) == ("code", UNITS[:1])


def test_failure_comes_back_even_if_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where a folder should be")
    (tmp_path / "failures").write_text("and here")
    failure = run_unit(UNITS[0], work, ledger=Ledger(tmp_path, FINGERPRINT))
    assert failure is not None
    assert failure.kind == "disk"
    assert "not on record" in failure.reason


def test_whose_fault() -> None:
    assert fault(OSError(28, "full"), storing=False) == "disk"
    assert fault(PermissionError(13, "denied"), storing=True) == "disk"
    assert fault(OSError(122, "quota"), storing=False) == "disk"
    assert fault(FileNotFoundError(2, "gone"), storing=False) == "code"
    assert fault(OSError(12, "no memory"), storing=True) == "memory"
    assert fault(OSError(23, "too many open files"), storing=True) == "code"


@pytest.mark.parametrize(("number", "kind"), [(2, "input"), (5, "input"), (12, "memory"), (24, "code")])
def test_reading_that_lacks_memory_or_open_files_is_not_the_fault_of_the_file(number: int, kind: str) -> None:
    def read() -> None:
        with guarded("x.root"):
            raise OSError(number, "told by the system")

    with pytest.raises(InputFileError) as caught:
        read()
    assert fault(caught.value, storing=False) == kind


def test_too_many_open_files_are_told_with_what_to_do(ledger: Ledger) -> None:
    def greedy(_unit: WorkUnit) -> bytes:
        raise OSError(24, "Too many open files")

    failure = run_unit(UNITS[0], greedy, ledger=ledger, access=TWICE)
    assert failure is not None
    assert failure.reason.startswith("OSError: too many files are open at once: close those that a selection opens")


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unnoticed(place: int, bit: int) -> None:
    sealed = bytearray(seal(archive("content"), label="what it is"))
    assert label_of(bytes(sealed)) == "what it is"
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(zipfile.BadZipFile, match="not what its digest says"):
        label_of(bytes(sealed))


def test_seal_replaces_a_comment_and_keeps_the_members() -> None:
    once = seal(archive("content"), label="one")
    twice = seal(once, label="other")
    assert (label_of(twice), load(twice)) == ("other", "content")


@settings(max_examples=20)
@given(order=st.permutations(range(5)))
def test_sum_is_in_one_order_whatever_was_done_first(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger"), FINGERPRINT)
    for i in order:
        run_unit(UNITS[i], work, ledger=ledger)
    assert merge(UNITS, ledger, load=load) == "[0][10][20][30][40]"


def test_merge_refuses_gaps(full: Ledger) -> None:
    full.places.result(UNITS[3]).unlink()
    full.places.result(UNITS[4]).unlink()
    with pytest.raises(MergeError, match=r"2 of 5 units have no result, first u-30-40 \(/data/run.root\): run again"):
        merge(UNITS, full, load=load)


def test_merge_refuses_strangers(full: Ledger) -> None:
    with pytest.raises(MergeError, match=r"holds 2 results that are not of this plan, first u-30-40"):
        merge(UNITS[:3], full, load=load)


def test_merge_does_not_mind_leftovers(full: Ledger) -> None:
    folder = full.places.results
    (folder / ".u-0-10.zip.12-ab.tmp").write_bytes(b"half")
    (folder / "u-0-10.zip.12-ab.damaged").write_bytes(b"half")
    assert merge(UNITS, full, load=load) == "[0][10][20][30][40]"


@pytest.mark.parametrize("units", [[unit(0, 10), unit(9, 20)], [unit(0, 10), unit(0, 10)], [unit(5, 5), unit(5, 5)]])
def test_merge_refuses_overlaps(ledger: Ledger, units: list[WorkUnit]) -> None:
    with pytest.raises(MergeError, match="overlap: their events would count twice"):
        merge(units, ledger, load=load)


def test_same_range_of_two_files_is_no_overlap(ledger: Ledger) -> None:
    units = [unit(0, 10, uuid="a"), unit(0, 10, uuid="b")]
    for one in units:
        run_unit(one, work, ledger=ledger)
    assert merge(units, ledger, load=load) == "[0][0]"


def test_merge_refuses_a_result_in_another_ones_place(full: Ledger) -> None:
    full.places.result(UNITS[0]).write_bytes(full.places.result(UNITS[1]).read_bytes())
    with pytest.raises(MergeError, match=rf"was made for '{FINGERPRINT} u-10-20', not for '{FINGERPRINT} u-0-10'"):
        merge(UNITS, full, load=load)


def test_merge_refuses_another_fingerprint(full: Ledger) -> None:
    almost = FINGERPRINT[:16] + "0" * 48
    with pytest.raises(MergeError, match=f"not for '{almost} u-0-10'"):
        merge(UNITS, Ledger(full.folder, almost), load=load)


def test_merge_refuses_what_cannot_be_loaded(full: Ledger) -> None:
    with pytest.raises(MergeError, match=r"u-0-10\.zip cannot be loaded .*run again"):
        merge(UNITS, full, load=lambda _content: load(b""))


def test_merge_refuses_a_truncated_result(full: Ledger) -> None:
    path = full.places.result(UNITS[0])
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(MergeError, match=r"u-0-10\.zip is damaged .*run again"):
        merge(UNITS, full, load=load)


def test_empty_plan_is_refused(ledger: Ledger) -> None:
    with pytest.raises(MergeError, match="the plan has no units"):
        merge([], ledger, load=load)


def test_merge_holds_few_results_at_a_time(full: Ledger) -> None:
    alive = []

    class Counted:
        def __init__(self, log: list[int]) -> None:
            log.append(1)
            self.log = log

        def __add__(self, other: Counted) -> Counted:
            return Counted(self.log)

        def __del__(self) -> None:
            alive.append(-1)

    def counted(_content: bytes) -> Counted:
        # sums of 1, 2, 4, ... results wait for their like
        assert sum(log) + sum(alive) <= 5
        return Counted(log)

    log: list[int] = []
    merge(UNITS, full, load=partial(counted))


OF_ANOTHER = Failure.of(UNITS[1], ValueError("x"), attempts=1, storing=False).model_dump_json().encode()


@pytest.mark.parametrize("record", [b"", b"{", b"\xff", b"[1]", b'{"unit": 3}', OF_ANOTHER])
def test_a_damaged_failure_is_still_a_failure(ledger: Ledger, record: bytes) -> None:
    ledger.record_failure(UNITS[0], Failure.of(UNITS[0], ValueError("x"), attempts=1, storing=False))
    next(ledger.folder.rglob("failures/*/*.json")).write_bytes(record)
    (failure,) = ledger.failures(UNITS)
    assert (failure.unit, failure.reason) == (UNITS[0].name, "its record is damaged: run again")
