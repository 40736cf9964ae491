"""What others lose or count twice without a word, and what happens here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import uproot
from coffea.processor import IterativeExecutor, Runner

from na62dump import analysis as searches
from na62dump import events, runs
from na62dump.errors import InputFileError
from na62dump.processor import Processor
from tests.worlds import DATA_COLUMNS, ITERATIVE, declared, done, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES = 300
COLUMN = "LKr_energy"


def data(entries: int = ENTRIES) -> events.Events:
    found = simulated("halo", ENTRIES).take(0, entries)
    key = {name: np.full(len(found), 1, np.uint32) for name in ("run", "burst")}
    return replace(found, columns={**found.columns, **key})


def test_a_file_replaced_between_two_plans_is_read_anew_in_the_same_process(tmp_path: Path) -> None:
    for number, (entries, pot) in enumerate([(ENTRIES, 2e12), (100, 1e12), (200, 4e12)]):
        write(tmp_path / "a.root", data(entries), bursts=[good_burst(1, 1, pot=pot)], seed=str(number))
        result = merged(tmp_path / f"run{number}", planned(tmp_path, {"d": declared("data", "a.root")}))
        assert (result.counts["d"].entries, result.exposure["d"].pot) == (entries, pot)


@pytest.mark.parametrize("entries", [250, 100, 0])
def test_a_file_with_other_entries_but_its_identity_fails_its_units(tmp_path: Path, entries: int) -> None:
    write(tmp_path / "a.root", data(200), bursts=[good_burst(1, 1)])
    plan = planned(tmp_path, {"d": declared("data", "a.root")}, unit_events=150)
    assert len(plan.units) == 2
    write(tmp_path / "a.root", data(entries), bursts=[good_burst(1, 1)])
    failures = runs.execute(runs.create(tmp_path / "run", searches.load("mumu"), plan=plan), ITERATIVE)
    assert [failure.unit for failure in failures] == [unit.name for unit in plan.units]
    assert {failure.kind for failure in failures} == {"input"}
    assert all(f"it had 200 events and has {entries}" in failure.reason for failure in failures)


@pytest.mark.filterwarnings("ignore:Performed attempt")
@pytest.mark.parametrize(
    ("entries", "told"), [(250, "it has more than 200 events"), (100, "100 of 200 planned entries were read")]
)
def test_coffeas_own_runner_over_such_a_file_is_refused(tmp_path: Path, entries: int, told: str) -> None:
    write(tmp_path / "a.root", data(200), bursts=[good_burst(1, 1)])
    plan = planned(tmp_path, {"d": declared("data", "a.root")})
    path = write(tmp_path / "a.root", data(entries), bursts=[good_burst(1, 1)])
    processor = Processor(searches.load("mumu"), plan)
    route = Runner(IterativeExecutor(status=False), schema=processor.schema, metadata_cache={})

    def read() -> None:
        runs.finished(route({"d": {"files": {str(path): events.TREE}}}, processor), plan)

    # coffea puts what a processor raises into a plain Exception
    with pytest.raises(Exception, match=told):
        read()


def payload(path: Path) -> range:
    """Where the first basket of a column lies in its file: places of its bytes, without its header."""
    with uproot.open(path) as file:
        branch = file[file.keys(filter_classname="TTree")[0]][COLUMN]
        begin = int(branch.member("fBasketSeek")[0])
        key = branch.basket(0)
        return range(begin + int(key.member("fKeylen")), begin + int(key.member("fNbytes")))


def flip_what_still_reads(path: Path) -> None:
    """Change one bit of a basket so that the file reads without an error, as other numbers."""
    whole = path.read_bytes()
    true = events.read(path, [COLUMN])[COLUMN]
    basket = payload(path)
    # not from its begin, where a compressed one says how it is compressed, nor from its end, where lists have their sizes
    for place in basket[len(basket) // 4 :]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            found = events.read(path, [COLUMN])[COLUMN]
        except InputFileError:
            continue
        if not np.array_equal(found, true):
            return
    pytest.fail("every flipped bit is noticed")


@pytest.mark.parametrize("compression", ["ZSTD", None])
def test_a_flipped_bit_that_reads_as_data_is_found_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: str | None
) -> None:
    if compression is None:
        monkeypatch.setattr(uproot, "ZSTD", lambda _level: None)
    assert COLUMN in DATA_COLUMNS
    path = write(tmp_path / "a.root", data(), bursts=[good_burst(1, 1)])
    plan = planned(tmp_path, {"d": declared("data", "a.root")})
    flip_what_still_reads(path)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    (failure,) = runs.execute(run, ITERATIVE, verify=True)
    assert "its bytes have changed since it was planned" in failure.reason
    # without asking nobody can know
    assert runs.status(done(tmp_path / "unasked", plan)).complete
