from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest

from na62dump.configuration import load_text
from na62dump.datasets import Burst, Bursts, Declared, Exposure, FileRecord, Plan, Rejected, Sample, WorkUnit
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def file_record(
    sample: str, uuid: str, *, kind: Literal["data", "simulation"], bursts: tuple[Burst, ...] = ()
) -> FileRecord:
    return FileRecord(
        sample=sample,
        kind=kind,
        path=f"/data/{uuid}.root",
        uuid=uuid,
        entries=100,
        clusters=(0, 60, 100),
        checksum="adler32:00000001",
        simulated=kind == "simulation",
        bursts=Bursts.of(bursts),
    )


@pytest.fixture
def plan() -> Plan:
    bursts = tuple(Burst(run=9, burst=n, pot=1e12, duration_ns=4e9, good=n != 2) for n in (3, 1, 2))
    files = (
        file_record("run9", "a", kind="data", bursts=bursts[:1]),
        file_record("run9", "b", kind="data", bursts=bursts[1:]),
        file_record("signal", "c", kind="simulation"),
    )
    units = tuple(
        WorkUnit(sample=f.sample, kind=f.kind, path=f.path, uuid=f.uuid, start=start, stop=stop)
        for f in files
        for start, stop in ((0, 60), (60, 100))
    )
    return Plan(
        analysis="mumu",
        digest="0123",
        home="/home/me/config",
        samples={"signal": Declared(kind="simulation", label="A'"), "run9": Declared(kind="data", label="Run 9")},
        columns={"data": ("run", "Track_p"), "simulation": ("run", "Track_p", "weight")},
        rejected=(Rejected(sample="run9", path="/data/d.root", reason="no tree 'events'"),),
        files=files,
        units=units,
    )


def test_what_was_saved_is_loaded(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == plan


@pytest.mark.parametrize("pot", [float("nan"), float("inf")])
def test_a_burst_without_a_number_is_loaded(plan: Plan, tmp_path: Path, pot: float) -> None:
    bad = Burst(run=9, burst=4, pot=pot, duration_ns=-pot, good=False)
    odd = replace(plan, files=(file_record("run9", "d", kind="data", bursts=(bad,)),), units=())
    odd.save(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == odd


def test_the_order_of_the_samples_is_kept(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.json")
    assert list(Plan.load(tmp_path / "plan.json").samples) == ["signal", "run9"]


def test_saving_twice_writes_the_same_bytes(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "once.json")
    Plan.load(tmp_path / "once.json").save(tmp_path / "twice.json")
    assert (tmp_path / "once.json").read_bytes() == (tmp_path / "twice.json").read_bytes()


def tables(folder: Path) -> list[Path]:
    return sorted(folder.glob("plan-*.parquet"))


def test_a_plan_that_is_replaced_leaves_no_table_behind(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.json")
    before = tables(tmp_path)
    replace(plan, units=()).save(tmp_path / "plan.json")
    assert len(tables(tmp_path)) == len(before) == 2
    assert Plan.load(tmp_path / "plan.json") == replace(plan, units=())


def test_a_plan_that_could_not_be_replaced_is_whole(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.json")

    def full(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    with pytest.raises(OSError, match="No space"):
        replace(plan, units=()).save(tmp_path / "plan.json", write=full)
    assert Plan.load(tmp_path / "plan.json") == plan


def test_tables_that_somebody_else_has_not_named_yet_stay(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.json")
    other = tmp_path / "plan-files-0123456789abcdef.parquet"
    other.write_bytes(b"")
    replace(plan, units=()).save(tmp_path / "plan.json")
    assert other.exists()


def test_a_plan_that_is_replaced_while_it_is_read_is_read_again(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    plan.save(path)
    read, new = type(path).read_bytes, replace(plan, units=())

    def replaced(which: Path) -> bytes:
        content = read(which)
        if which == path:
            monkeypatch.undo()
            new.save(path)
        return content

    monkeypatch.setattr(type(path), "read_bytes", replaced)
    assert Plan.load(path) == new


@pytest.mark.parametrize("which", [0, 1])
def test_a_table_that_is_missing_or_changed_is_told(plan: Plan, tmp_path: Path, which: int) -> None:
    plan.save(tmp_path / "plan.json")
    path = tables(tmp_path)[which]
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(
        ConfigurationError, match=rf"plan\.json: its table {path.name} was changed after it was written"
    ):
        Plan.load(tmp_path / "plan.json")
    path.unlink()
    with pytest.raises(
        ConfigurationError, match=rf"its table {path.name} cannot be read \(No such file or directory\)"
    ):
        Plan.load(tmp_path / "plan.json")


@pytest.mark.parametrize("header", [b"", b"{", b"[]", b"\xff", b'{"analysis": "mumu", "files": []}'])
def test_what_is_no_header_is_told(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(header)
    with pytest.raises(ConfigurationError, match=r"plan\.json: not a plan of this version of na62dump; plan again"):
        Plan.load(tmp_path / "plan.json")


def test_a_unit_of_no_file_is_refused(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        replace(plan, files=plan.files[:1]).save(tmp_path / "plan.json")


def test_a_unit_pickles_and_is_named_by_its_bursts(plan: Plan) -> None:
    unit = plan.units[0]
    assert pickle.loads(pickle.dumps(unit)) == unit  # noqa: S301 - own bytes
    assert replace(unit, bursts="0a1b").name == "a-0-60-0a1b"


def burst(number: int, *, good: bool = True, pot: float = 1e12, duration: float = 4e9) -> Burst:
    return Burst(run=9, burst=number, pot=pot, duration_ns=duration, good=good)


def test_the_mark_of_bursts_says_which_are_good_and_how_long_they_last() -> None:
    first = Bursts.of([burst(1), burst(2)])
    assert (
        len({first.mark(), Bursts.of([burst(2), burst(1)]).mark(), Bursts.of([burst(1, pot=2), burst(2)]).mark()}) == 1
    )
    others = [[burst(1)], [burst(1), burst(2, good=False)], [burst(1), burst(2, duration=1)], [burst(1), burst(3)]]
    marks = {Bursts.of(other).mark() for other in others}
    assert first.mark() not in marks
    assert len(marks) == 3
    assert Bursts.of([]).mark() == ""
    assert list(Bursts.joined([first, Bursts.of([]), first])) == [*first, *first]


def test_exposure_of_a_sample_is_summed_over_its_files(plan: Plan) -> None:
    assert plan.exposure("run9") == Exposure(bursts=2, pot=2e12, duration_ns=8e9)
    assert plan.exposure("signal") == Exposure(bursts=0, pot=0.0, duration_ns=0.0)


def test_good_bursts_of_a_sample(plan: Plan) -> None:
    assert plan.good_bursts("run9") == {(9, 1), (9, 3)}
    assert plan.good_bursts("signal") == frozenset()


def test_no_two_units_have_one_name(plan: Plan) -> None:
    names = [unit.name for unit in plan.units]
    assert names[:2] == ["a-0-60", "a-60-100"]
    assert len(set(names)) == len(names)


def test_a_sample_is_data_or_simulation_and_nothing_else() -> None:
    tables = {"kind": "mixed", "label": "Run 9", "files": ["*.root"]}
    with pytest.raises(ConfigurationError, match=r"samples\.toml: key 'kind' = 'mixed': .*'data' or 'simulation'"):
        load_text(tables, Sample, where="samples.toml")


def test_a_sample_may_say_how_it_is_simulated() -> None:
    tables = {"kind": "simulation", "label": "A'", "files": ["*.root"], "simulate": {"events": 10}}
    sample = load_text(tables, Sample, where="samples.toml")
    assert sample.files == ("*.root",)
    assert sample.simulate == {"events": 10}
