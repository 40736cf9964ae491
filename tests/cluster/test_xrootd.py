"""Whole runs over files of a real XRootD server, which is killed, restarted and fed with damaged files."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from na62dump import analysis as searches
from na62dump import events, planning, runs
from na62dump.datasets import Access
from na62dump.errors import ConfigurationError, InputFileError, SilentServerError
from na62dump.events import Events, copies, reading, remote
from na62dump.runner import Local
from tests.worlds import DATA_COLUMNS, declared, digest, done, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from na62dump.datasets import Plan
    from tests.cluster.xrootd import XRootD
    from tests.worlds import LayoutName

FILES = 12
AWAY = 20.0
"""How long a server is away that comes back, s."""

HASTY = {"ConnectionWindow": 1, "ConnectionRetry": 3, "StreamErrorWindow": 3, "RequestTimeout": 10}
"""Settings of a client that gives up within 3 s, where the patience itself is not what is tested."""


def patience_of(settings: Mapping[str, int]) -> int:
    """How long a client with such settings waits for a lost server, s: all connections, then the window of silence."""
    return settings["ConnectionWindow"] * settings["ConnectionRetry"] + settings["StreamErrorWindow"]


@pytest.fixture
def hasty() -> Iterator[None]:
    for key, value in HASTY.items():
        assert remote.client().EnvPutInt(key, value)
    yield
    for key, value in remote.PATIENCE.items():
        remote.client().EnvPutInt(key, value)


def fill(folder: Path, *, files: int = FILES, each: int = 200, layout: LayoutName = "ttree") -> None:
    """Data files with one burst in each."""
    halo = simulated("halo", files * each)
    run = int(halo["run"][0])
    edges = np.linspace(0, len(halo), files + 1).astype(int)
    for number, (start, stop) in enumerate(itertools.pairwise(edges)):
        part = halo.take(int(start), int(stop))
        burst = np.full(len(part), number, dtype=np.uint32)
        part = Events(len(part), {**part.columns, "burst": burst}, part.offsets)
        write(folder / f"{number:02}.root", part, bursts=[good_burst(run, number)], layout=layout)


def plan_of(*patterns: str, base: Path, access: Access | None = None) -> Plan:
    return planning.plan(searches.load("mumu"), {"d": declared("data", *patterns)}, base=base, access=access)


def executed(run: runs.Run, *, verify: bool = False, access: Access | None = None) -> list[Any]:
    files = access or Access.model_validate({"pause": "100 ms"})
    return runs.execute(run, Local(engine="iterative", workers=1, files=files), verify=verify)


@contextmanager
def before_column_reads(monkeypatch: pytest.MonkeyPatch, call: int, action: Callable[[], object]) -> Iterator[None]:
    """Do something in the middle of the unit of a given number, when its file is open."""
    fetch, calls = reading.fetch, itertools.count(1)

    def disturbed(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever fetch takes and gives
        if next(calls) == call:
            action()
        return fetch(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "fetch", disturbed)
        yield


@pytest.mark.parametrize("layout", ["ttree", "rntuple"])
def test_a_run_is_bit_equal_to_one_over_local_files(xrootd: XRootD, tmp_path: Path, layout: LayoutName) -> None:
    fill(xrootd.data / "sub #1 100%", files=3, layout=layout)
    # copied, not written again: a file has its date inside
    shutil.copytree(xrootd.data / "sub #1 100%", tmp_path / "sub #1 100%")
    far = plan_of(f"{xrootd.url}/sub*/*.root", base=tmp_path)
    near = planned(tmp_path, {"d": declared("data", "sub*/*.root")})
    assert [file.path for file in far.files] == [f"{xrootd.url}/sub #1 100%/{number:02}.root" for number in range(3)]
    assert [file.checksum for file in far.files] == [file.checksum for file in near.files]
    assert digest(merged(tmp_path / "far", far)) == digest(merged(tmp_path / "near", near))


def test_a_server_away_for_20_s_in_the_middle_of_a_file(
    xrootd: XRootD, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(xrootd.data)
    plan = plan_of(f"{xrootd.url}/*.root", base=tmp_path)
    undisturbed = merged(tmp_path / "undisturbed", plan)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    back = threading.Timer(AWAY, xrootd.start)

    def lose_the_server() -> None:
        xrootd.kill()
        back.start()

    begin = time.monotonic()
    with before_column_reads(monkeypatch, 4, lose_the_server):
        # one try and the defaults of the client: it is the client that waits
        assert executed(run, access=Access(tries=1)) == []
    back.join()
    # it waited for the server, and no longer than the client has patience: the result below is what counts
    assert AWAY < time.monotonic() - begin < patience_of(remote.PATIENCE)
    assert digest(runs.merge(run)[0]) == digest(undisturbed)


@pytest.mark.usefixtures("hasty")
def test_a_server_gone_for_good_fails_its_units_and_no_others(
    xrootd: XRootD, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(xrootd.data)
    (tmp_path / "near").mkdir()
    for number in (10, 11):
        shutil.move(xrootd.data / f"{number}.root", tmp_path / "near")
    plan = plan_of(f"{xrootd.url}/*.root", "near/*.root", base=tmp_path)
    undisturbed = merged(tmp_path / "undisturbed", plan)
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    begin = time.monotonic()
    with before_column_reads(monkeypatch, 6, xrootd.kill):
        failures = executed(run)
    # given up by its own windows, a few of them on a busy machine, and not by those of minutes
    assert time.monotonic() - begin < 10 * patience_of(HASTY)
    lost = [unit for unit in plan.units if unit.path.startswith("root://")]
    done_before = {unit.name for unit in run.ledger.done(plan.units)} & {unit.name for unit in lost}
    assert {failure.unit for failure in failures} == {unit.name for unit in lost} - done_before
    assert len(failures) == len(run.ledger.missing(plan.units)) >= 5
    assert {failure.kind for failure in failures} == {"input"}
    assert all(failure.path in failure.reason and "does not answer" in failure.reason for failure in failures)
    assert {failure.attempts for failure in failures} == {1}  # the client has waited: another try would double it
    xrootd.start()
    time.sleep(HASTY["StreamErrorWindow"])
    assert executed(run) == []
    assert digest(runs.merge(run)[0]) == digest(undisturbed)


def test_exactly_the_damaged_files_among_fifty_are_reported(xrootd: XRootD, tmp_path: Path) -> None:
    fill(xrootd.data, files=50, each=40)
    plan = plan_of(f"{xrootd.url}/*.root", base=tmp_path)
    corrupted, truncated, replaced = (xrootd.data / f"{number}.root" for number in (17, 23, 42))
    content = bytearray(corrupted.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4] = bytes(byte ^ 0xFF for byte in content[middle : middle + 4])
    corrupted.write_bytes(content)
    truncated.write_bytes(truncated.read_bytes()[:-100])
    halo = simulated("halo", 2000).take(0, 40)
    write(replaced, halo, bursts=[good_burst(int(halo["run"][0]), 42)], seed="another")
    run = runs.create(tmp_path / "run", searches.load("mumu"), plan=plan)
    failures = executed(run, verify=True)
    assert {failure.path for failure in failures} == {f"{xrootd.url}/{n}.root" for n in (17, 23, 42)}
    assert {failure.kind for failure in failures} == {"input"}
    assert all("bytes have changed since it was planned" in failure.reason for failure in failures)
    assert len(run.ledger.done(plan.units)) == 47
    # without checksums the file itself still tells what was cut and what was replaced
    found = {failure.path[-7:]: failure.reason for failure in executed(run)}
    assert found.keys() == {"23.root", "42.root"}  # the bytes that changed in 17.root are in no column that is read
    assert "is truncated" in found["23.root"]
    assert "replaced since it was planned" in found["42.root"]


@pytest.mark.usefixtures("hasty")
def test_planning_waits_for_a_server(xrootd: XRootD, tmp_path: Path) -> None:
    fill(xrootd.data, files=2)
    expected = plan_of(f"{xrootd.url}/*.root", base=tmp_path)
    xrootd.kill()
    back = threading.Timer(1.5, xrootd.start)
    back.start()
    assert plan_of(f"{xrootd.url}/*.root", base=tmp_path) == expected
    back.join()
    xrootd.kill()
    with pytest.raises(SilentServerError, match=rf"{xrootd.url}: root://localhost:{xrootd.port} does not answer"):
        plan_of(f"{xrootd.url}/*.root", base=tmp_path)
    rejected = plan_of(f"{xrootd.url}/00.root", base=tmp_path).rejected
    assert [item.path for item in rejected] == [f"{xrootd.url}/00.root"]
    assert "does not answer" in rejected[0].reason


def test_patterns_at_addresses(xrootd: XRootD, tmp_path: Path) -> None:
    for name in ("a b.root", "c[1].root", ".hidden.root", "x.txt", "sub/d.root", "sub/deep/ä;'.root"):
        (xrootd.data / name).parent.mkdir(parents=True, exist_ok=True)
        (xrootd.data / name).write_bytes(b"root")

    def found(pattern: str) -> list[str]:
        inputs = planning.patterns.expand({"d": declared("data", f"{xrootd.url}/{pattern}")}, tmp_path)
        return [str(item.path).removeprefix(f"{xrootd.url}/") for item in inputs]

    assert found("*.root") == ["a b.root", "c[1].root"]
    assert found("*[[]1].root") == ["c[1].root"]
    assert found("**/*.root") == ["a b.root", "c[1].root", "sub/d.root", "sub/deep/ä;'.root"]
    assert found("s*/*/*") == ["sub/deep/ä;'.root"]
    with pytest.raises(ConfigurationError, match=r"sample 'd': no file matches 'root://.*/none/\*' on its server"):
        found("none/*")
    (xrootd.data / "locked").mkdir(mode=0)
    with pytest.raises(InputFileError, match=r"data/locked: may not be read; get the credentials"):
        found("locked/*")


def test_what_a_server_cannot_look_at_is_not_left_out(xrootd: XRootD, tmp_path: Path) -> None:
    fill(xrootd.data, files=3)
    (xrootd.data / "sub").mkdir()
    shutil.move(xrootd.data / "02.root", xrootd.data / "sub")
    (xrootd.data / "dangling.root").symlink_to("/nowhere")
    (xrootd.data / "self.root").symlink_to("self.root")  # the server leaves out all that follows it, too
    (xrootd.data / "up").symlink_to("up")
    for pattern, count in (("*.root", 2), ("*/*.root", 1), ("**/*.root", 3)):
        access = Access.model_validate({"tries": 1})
        plan = plan_of(f"{xrootd.url}/{pattern}", base=tmp_path, access=access)
        assert len(plan.files) == count
        lost = [] if pattern == "*/*.root" else ["dangling.root", "self.root"]
        assert [item.path.removeprefix(f"{xrootd.url}/") for item in plan.rejected] == lost
    (xrootd.data / "up").unlink()
    (xrootd.data / "self.root").unlink()
    (xrootd.data / "up").symlink_to(".")
    assert len(plan_of(f"{xrootd.url}/**/02.root", base=tmp_path).files) == 1


def test_names_that_cannot_be_asked_for_are_one_error(xrootd: XRootD, tmp_path: Path) -> None:
    fill(xrootd.data, files=2)
    shutil.copy(xrootd.data / "00.root", xrootd.data / "01.root?x.root")

    def refused(pattern: str) -> str:
        begin = time.monotonic()
        with pytest.raises(InputFileError) as error:
            plan_of(f"{xrootd.url}/{pattern}", base=tmp_path, access=Access.model_validate({"pause": "60 s"}))
        assert time.monotonic() - begin < 60  # another try would not mend it
        return str(error.value)

    assert "matches '/data/01.root?x.root', which cannot be written as an address" in refused("*x.root")
    assert len(plan_of(f"{xrootd.url}/0[01].root", base=tmp_path).files) == 2
    broken = xrootd.data / "b\nr.root"
    broken.touch()
    assert "cannot tell a name in this folder (has it a line break?)" in refused("0[01].root")
    broken.rename(xrootd.data / "b\udcff.root")
    assert "cannot tell a name in this folder (it is not UTF-8)" in refused("0[01].root")
    assert len(plan_of(f"{xrootd.url}/00.root", base=tmp_path).files) == 1


def test_what_is_wrong_with_a_file_is_told_as_for_local_ones(xrootd: XRootD) -> None:
    whole = write(xrootd.data / "whole.root", simulated("halo", 200), bursts=[good_burst(1, 1)]).read_bytes()
    contents = {"cut": whole[:-3], "half": whole[: len(whole) // 2], "text": b"hello", "empty": b"", "few": b"root"}
    for name, content in contents.items():
        (xrootd.data / f"{name}.root").write_bytes(content)
        told = []
        for path in (f"{xrootd.url}/{name}.root", str(xrootd.data / f"{name}.root")):
            with pytest.raises(InputFileError) as error:
                events.describe(path)
            told.append(str(error.value).removeprefix(path))
        assert told[0] == told[1] or "cannot be read" in told[1]
    with pytest.raises(InputFileError, match=r"none.root: no such file; check the path"):
        events.describe(f"{xrootd.url}/none.root")
    with pytest.raises(InputFileError, match=r"is a folder"):
        events.describe(xrootd.url)


def test_a_table_of_bursts_beside_a_remote_file(xrootd: XRootD) -> None:
    halo = simulated("halo", 200)
    with events.Writer(xrootd.data / "a.root", layout="ttree", columns=DATA_COLUMNS, provenance={}) as writer:
        writer.extend(halo)
    assert events.describe(f"{xrootd.url}/a.root").bursts == ()
    table = {"run": [1], "burst": [2], "pot": [2e12], "duration_ns": [4.8e9], "good": [True]}
    parquet.write_table(pa.table(table), xrootd.data / "a.bursts.parquet")
    assert events.describe(f"{xrootd.url}/a.root").bursts == (good_burst(1, 2),)
    (xrootd.data / "a.bursts.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputFileError, match=r"a.bursts.parquet: cannot be read: .*damaged"):
        events.describe(f"{xrootd.url}/a.root")


def test_the_server_s_checksum_is_that_of_the_bytes(xrootd: XRootD, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytes(range(256)) * 70_000  # more than a block
    (xrootd.data / "a b#.root").write_bytes(content)
    expected = f"adler32:{zlib.adler32(content):08x}"
    with monkeypatch.context() as patch:
        patch.setattr(remote, "blocks", lambda _: pytest.fail("read although the server knows"))
        assert events.checksum(f"{xrootd.url}/a b#.root") == expected
    with pytest.raises(InputFileError, match="no such file"):
        events.checksum(f"{xrootd.url}/none.root")
    settings = xrootd.folder / "xrootd.cfg"
    settings.write_text(settings.read_text().replace("xrootd.chksum max 2 adler32\n", ""))
    xrootd.kill()
    xrootd.start()
    assert remote.told_checksum(events.Address.of(f"{xrootd.url}/a b#.root")) is None
    assert events.checksum(f"{xrootd.url}/a b#.root") == expected


def test_what_is_no_checksum_is_summed_here(xrootd: XRootD) -> None:
    (xrootd.data / "a.root").write_bytes(b"Wikipedia")
    program = xrootd.folder / "sum.sh"
    program.write_text("#!/bin/sh\necho unknown\n")
    program.chmod(0o755)
    settings = xrootd.folder / "xrootd.cfg"
    settings.write_text(settings.read_text().replace("adler32\n", f"adler32 {program}\n"))
    xrootd.kill()
    xrootd.start()
    assert remote.told_checksum(events.Address.of(f"{xrootd.url}/a.root")) is None
    assert events.checksum(f"{xrootd.url}/a.root") == "adler32:11e60398"


def test_copies_are_fetched_once_and_never_old(xrootd: XRootD, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(xrootd.data, files=3)
    cache = tmp_path / "cache"
    access = Access.model_validate({"cache": cache, "pause": "100 ms"})
    plan = plan_of(f"{xrootd.url}/*.root", base=tmp_path)
    expected = digest(merged(tmp_path / "far", plan))

    def result(name: str) -> str:
        run = runs.create(tmp_path / name, searches.load("mumu"), plan=plan)
        assert executed(run, verify=True, access=access) == []
        return digest(runs.merge(run)[0])

    assert result("first") == expected
    kept = sorted(cache.glob("*.root"))
    assert [copy.read_bytes() for copy in kept] == [
        (xrootd.data / f"{n:02}.root").read_bytes() for n in sorted(range(3), key=lambda n: _key(xrootd, n))
    ]
    with monkeypatch.context() as patch:
        patch.setattr(remote, "blocks", lambda _: pytest.fail("fetched again"))
        assert result("second") == expected
    content = bytearray(kept[0].read_bytes())
    content[len(content) // 2] ^= 0xFF
    kept[0].write_bytes(content)
    assert result("third") == expected  # the copy was damaged: verifying fetches it again
    halo = simulated("halo", 300)
    write(xrootd.data / "01.root", halo, bursts=[good_burst(int(halo["run"][0]), 1)], seed="another")
    run = runs.create(tmp_path / "replaced", searches.load("mumu"), plan=plan)
    (failure,) = executed(run, access=access)
    assert failure.path == f"{xrootd.url}/01.root"
    assert "replaced since it was planned" in failure.reason
    # neither the old copy is there, nor one of what cannot be used
    assert {copy.name[:64] for copy in cache.glob("*.root")} == {_key(xrootd, 0), _key(xrootd, 2)}


def _key(server: XRootD, number: int) -> str:
    return copies.name_of(events.Address.of(f"{server.url}/{number:02}.root"))


def test_one_run_from_copies_by_two_processes(xrootd: XRootD, tmp_path: Path) -> None:
    fill(xrootd.data, files=2, each=600)
    units = planning.plan(
        searches.load("mumu"), {"d": declared("data", f"{xrootd.url}/*.root")}, base=tmp_path, unit_events=100
    )
    expected = digest(merged(tmp_path / "far", units))
    access = Access(cache=tmp_path / "cache")
    run = done(tmp_path / "near", units, execution=Local(engine="futures", workers=2, files=access))
    assert digest(runs.merge(run)[0]) == expected
    assert len(list((tmp_path / "cache").glob("*.root"))) == 2
