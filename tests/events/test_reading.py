from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.errors import ConfigurationError, InputFileError, MissingColumnError, UnknownNameError
from na62dump.events import COLUMNS, Events, Renames, describe, empty, read
from tests.events.event_samples import any_events, assert_same, lists, sample, write, write_raw

EVERY = list(COLUMNS)
LAYOUTS = ["ttree", "rntuple"]


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=15)
@given(events=any_events(), data=st.data())
def test_what_was_written_is_read(
    layout: str, events: Events, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(tmp_path_factory.mktemp("round") / "a.root", events, layout=layout)
    start = data.draw(st.integers(0, events.n))
    stop = data.draw(st.integers(start, events.n))
    assert_same(read(path, EVERY), events)
    assert_same(read(path, EVERY, start=start, stop=stop), events.take(start, stop))


@pytest.mark.parametrize("layout", ["counter", "vector", "rntuple", "record"])
def test_four_layouts_are_identical(layout: str, repository: Path) -> None:
    folder = repository / "tests" / "data"
    reference = read(folder / "counter.root", EVERY)
    assert reference.n == 40
    assert_same(read(folder / f"{layout}.root", EVERY), reference)
    assert_same(read(folder / f"{layout}.root", ["Track_charge", "run"]), only(reference, ["Track_charge", "run"]))
    assert_same(read(folder / f"{layout}.root", EVERY, start=7, stop=31), reference.take(7, 31))
    assert describe(folder / f"{layout}.root").columns == frozenset(EVERY)


def only(events: Events, names: list[str]) -> Events:
    groups = {COLUMNS[name].collection for name in names} - {""}
    return Events(events.n, {n: events[n] for n in names}, {g: events.offsets[g] for g in groups})


def test_arrays_are_flat_and_native(tmp_path: Path) -> None:
    events = read(write(tmp_path / "a.root", sample(5)), ["Track_p", "run"])
    assert type(events["Track_p"]) is np.ndarray
    assert events["Track_p"].dtype.isnative
    assert list(events.columns) == ["Track_p", "run"]


def test_column_asked_for_twice_is_read_once(tmp_path: Path) -> None:
    assert list(read(write(tmp_path / "a.root", sample(5)), ["run", "run"]).columns) == ["run"]


def test_no_columns_still_count_events(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.root", sample(5)), []).n == 5


@pytest.mark.parametrize("name", ["Tür ü.root", "a:b.root", "with:events", "100% #1?.root", "[1]*.root"])
def test_any_name_of_a_file_is_read(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / name, sample(3))
    assert read(path, ["run"]).n == 3
    assert read(str(path), ["run"]).n == 3
    monkeypatch.chdir(tmp_path)
    assert read(name, ["run"]).n == 3


def test_extra_branches_are_not_touched(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3, dtype=np.uint32), "run+1": np.ones(3)})
    assert read(path, ["run"])["run"].tolist() == [0, 1, 2]


def test_other_types_that_fit_are_converted(tmp_path: Path) -> None:
    events = sample(6, names=("Track_p", "Track_charge"), mean=2)
    branches = {
        "run": np.arange(6, dtype=np.int32),
        "trigger_time": np.linspace(0, 1, 6),
        "Track_p": lists(events, "Track_p", lambda flat: flat.astype(np.float64)),
        "Track_charge": lists(events, "Track_charge", lambda flat: flat.astype(np.int32)),
    }
    back = read(write_raw(tmp_path / "a.root", branches), list(branches))
    np.testing.assert_array_equal(back["Track_charge"], events["Track_charge"])
    np.testing.assert_array_equal(back["Track_p"], events["Track_p"])
    assert back["run"].dtype == np.uint32
    assert back["trigger_time"].dtype == np.float32


def jagged(*rows: list[Any], dtype: str = "float32") -> ak.Array:
    return ak.values_astype(ak.Array(rows), dtype)


@pytest.mark.parametrize(
    ("branches", "column", "message"),
    [
        (
            {"run": ak.Array(["a", "b"])},
            "run",
            "column 'run' is one 'string' per event; it must be one uint32 per event",
        ),
        ({"run": jagged([1], [2, 3])}, "run", r"column 'run' is one 'var \* float32'.* must be one uint32 per event"),
        (
            {"run": np.array([1, -4], dtype=np.int32)},
            "run",
            r"stored as int32 and holds values that do not fit",
        ),
        (
            {"Track_p": np.zeros(2, dtype=np.float32)},
            "Track_p",
            "is one 'float32'.* must be a list of float32 per event",
        ),
        ({"Track_p": ak.Array(["a", "b"])}, "Track_p", "is one 'string' per event; it must be a list of float32"),
        ({"Track_p": jagged([1e300], [], dtype="float64")}, "Track_p", "do not fit into float32"),
    ],
)
def test_wrong_types_are_named(tmp_path: Path, branches: dict[str, Any], column: str, message: str) -> None:
    path = write_raw(tmp_path / "a.root", branches)
    with pytest.raises(InputFileError, match=message) as caught:
        read(path, [column])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unequal_lengths_of_a_collection_are_named(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"Track_p": jagged([1], [2, 3]), "Track_x": jagged([1, 2], [3])})
    message = "a.root: columns 'Track_p' and 'Track_x' have 1 and 2 elements in event 0"
    with pytest.raises(InputFileError, match=message):
        read(path, ["Track_p", "Track_x"])


def test_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"Track_px": jagged([1])})
    with pytest.raises(
        MissingColumnError, match=r"a.root: tree 'events' has no column 'Track_p'; did you mean 'Track_px'"
    ):
        read(path, ["Track_p"])


def test_column_out_of_the_contract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown column 'run.1'; did you mean 'run'"):
        read(tmp_path / "never opened", ["run+1"])


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 4), (2, 1), (4, None)])
def test_events_out_of_range_are_refused(tmp_path: Path, start: int, stop: int | None) -> None:
    path = write(tmp_path / "a.root", sample(3))
    with pytest.raises(InputFileError, match=r"the file has 0 to 3: plan again"):
        read(path, ["run"], start=start, stop=stop)


def test_file_without_events_gives_none_of_the_right_type(tmp_path: Path) -> None:
    assert_same(read(write(tmp_path / "a.root", empty(EVERY)), EVERY), empty(EVERY))


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none.root: no such file; check the path"):
        read(tmp_path / "none.root", ["run"])


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"cannot be opened: Is a directory"):
        read(tmp_path, ["run"])


def test_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.root", sample(3))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(
        InputFileError, match=r"a.root: cannot be opened: Permission denied; it must be a file that you may"
    ):
        read(path, ["run"])


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    path.touch()
    with pytest.raises(InputFileError, match=r"a.root: is empty \(0 bytes\); copy it again"):
        read(path, ["run"])


def test_other_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    path.write_text("rotten")
    with pytest.raises(InputFileError, match=r"a.root: is no ROOT file: it begins with b'rott' instead of b'root'"):
        read(path, ["run"])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("part", [0.001, 0.01, 0.2, 0.5, 0.8, 0.99])
def test_truncated_file(tmp_path: Path, part: float, layout: str) -> None:
    path = write(tmp_path / "a.root", sample(50), layout=layout)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(InputFileError, match=r"a.root: (is truncated|cannot be read)"):
        read(path, EVERY)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_damaged_bytes_raise_nothing_else(tmp_path: Path, layout: str) -> None:
    path = write(tmp_path / "a.root", sample(50), layout=layout)
    whole = path.read_bytes()
    refused = 0
    for where in np.random.default_rng(1).integers(300, len(whole), 40):
        broken = bytearray(whole)
        broken[where] ^= 0xFF
        path.write_bytes(broken)
        try:
            read(path, EVERY)
        except (InputFileError, MissingColumnError):
            refused += 1
    assert refused


def test_file_without_the_tree(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)}, tree="event")
    with pytest.raises(InputFileError, match=r"a.root: has no tree 'events'; did you mean 'event'"):
        read(path, ["run"])


def test_file_with_no_tree(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "a.root") as file:
        file["other"] = "text"
    with pytest.raises(InputFileError, match=r"has no tree 'events'; nothing is known here"):
        read(tmp_path / "a.root", ["run"])


def test_something_else_called_events(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "a.root") as file:
        file["events"] = "text"
    with pytest.raises(InputFileError, match=r"'events' is a TObjString; it must be a TTree or an RNTuple"):
        read(tmp_path / "a.root", ["run"])


FOREIGN = Renames.model_validate(
    {
        "tree": "ntuple",
        "columns": {"Trk_P": {"column": "Track_p", "unit": "GeV/c"}, "runNumber": {"column": "run"}},
    }
)


def test_foreign_names_and_units_are_read(tmp_path: Path) -> None:
    branches = {"runNumber": np.array([5, 6]), "Trk_P": jagged([1.5], [2, 3.25]), "Track_x": jagged([1], [2, 3])}
    path = write_raw(tmp_path / "a.root", branches, tree="ntuple")
    back = read(path, ["run", "Track_p", "Track_x"], renames=FOREIGN)
    assert back["run"].tolist() == [5, 6]
    assert back["Track_p"].tolist() == [1500, 2000, 3250]
    assert back.offsets["Track"].tolist() == [0, 1, 3]
    assert describe(path, renames=FOREIGN).columns == {"run", "Track_p", "Track_x"}


def test_files_of_the_contract_are_not_renamed(tmp_path: Path) -> None:
    identity = Renames.model_validate({"columns": {"Track_p": {"column": "Track_p", "unit": "GeV/c"}}})
    events = sample(4)
    for layout in LAYOUTS:
        path = write(tmp_path / f"{layout}.root", events, layout=layout)
        assert_same(read(path, EVERY, renames=identity), events)
    foreign = write_raw(tmp_path / "foreign.root", {"Track_p": jagged([1.5])})
    assert read(foreign, ["Track_p"], renames=identity)["Track_p"].tolist() == [1500]


def test_column_under_two_names_is_refused(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(2), "runNumber": np.arange(2)})
    with pytest.raises(
        ConfigurationError, match=r"has 'runNumber', which the renaming of columns calls 'run', and 'run' as"
    ):
        read(path, ["run"], renames=FOREIGN)


def test_records_bear_foreign_names(tmp_path: Path, repository: Path) -> None:
    path = tmp_path / "record.root"
    shutil.copy(repository / "tests" / "data" / "record.root", path)
    renames = Renames.model_validate({"columns": {"LKr.energy": {"column": "LAV_energy", "factor": 2.0}}})
    with pytest.raises(ConfigurationError, match=r"has 'LKr.energy', which .* 'LAV_energy', and 'LAV.energy' as well"):
        read(path, ["LAV_energy"], renames=renames)
