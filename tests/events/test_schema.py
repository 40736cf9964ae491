from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np
import pytest
from coffea import processor
from coffea.nanoevents import NanoEventsFactory

from na62dump.errors import ConfigurationError, InputFileError, MissingColumnError
from na62dump.events import COLUMNS, Events, Renames, concatenate, read
from na62dump.events.schema import NA62Schema, from_nanoevents
from tests.events.event_samples import assert_same, sample, write, write_raw

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EVERY = list(COLUMNS)
LAYOUTS = ["counter", "vector", "rntuple", "record"]


def nano(path: Path, schema: type[NA62Schema] = NA62Schema, **options: Any) -> Any:  # noqa: ANN401 - coffea has no types
    return NanoEventsFactory.from_root({str(path): "events"}, schemaclass=schema, mode="virtual", **options).events()


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize(("start", "stop"), [(0, 40), (7, 31), (5, 5)])
def test_same_as_read(repository: Path, name: str, start: int, stop: int) -> None:
    path = repository / "tests" / "data" / f"{name}.root"
    events = nano(path, entry_start=start, entry_stop=stop)
    assert_same(from_nanoevents(events, EVERY), read(path, EVERY, start=start, stop=stop))


@pytest.mark.parametrize("name", LAYOUTS)
def test_fields_are_those_of_the_table(repository: Path, name: str) -> None:
    path = repository / "tests" / "data" / f"{name}.root"
    events, flat = nano(path), read(path, EVERY)
    assert events.run.to_list() == flat["run"].tolist()
    assert ak.num(events.Track).to_list() == np.diff(flat.offsets["Track"]).tolist()
    assert ak.flatten(events.Track.charge).to_list() == flat["Track_charge"].tolist()
    assert set(events.Track.fields) == {c.field for c in COLUMNS.values() if c.collection == "Track"}


@pytest.mark.parametrize("name", LAYOUTS)
def test_only_what_is_touched_is_read(repository: Path, name: str) -> None:
    log: list[Any] = []
    events = nano(repository / "tests" / "data" / f"{name}.root", access_log=log)
    from_nanoevents(events, ["Track_p"])
    touched = {access.branch.replace(".", "_") for access in log}
    assert touched <= {"nTrack", "Track_p", "Track_charge"}


def test_selected_events_are_taken(tmp_path: Path) -> None:
    events = sample(20, mean=2)
    whole = nano(write(tmp_path / "a.root", events))
    even = from_nanoevents(whole[np.arange(20) % 2 == 0], EVERY)
    assert_same(even, concatenate([events.take(i, i + 1) for i in range(0, 20, 2)]))


class Sum(processor.ProcessorABC):  # type: ignore[misc]  # coffea has no types
    """Adds up what a processor of users would."""

    def process(self, events: Any) -> dict[str, float]:  # noqa: ANN401 - coffea has no types
        flat = from_nanoevents(events, ["run", "Track_p", "Track_charge"])
        charge = int(flat["Track_charge"].astype(np.int64).sum())
        return {"events": flat.n, "charge": charge, "run": int(flat["run"].astype(np.int64).sum())}

    def postprocess(self, accumulator: dict[str, float]) -> dict[str, float]:
        return accumulator


def expected(paths: Iterable[Path]) -> dict[str, float]:
    flat = concatenate([read(path, ["run", "Track_charge"]) for path in paths])
    charge = int(flat["Track_charge"].astype(np.int64).sum())
    return {"events": flat.n, "charge": charge, "run": int(flat["run"].astype(np.int64).sum())}


@pytest.mark.parametrize("name", LAYOUTS)
def test_plain_runner(repository: Path, name: str) -> None:
    path = repository / "tests" / "data" / f"{name}.root"
    executor = processor.IterativeExecutor(status=False)
    runner = processor.Runner(executor=executor, schema=NA62Schema, metadata_cache={}, chunksize=25)
    assert runner({"sample": [str(path)]}, Sum(), treename="events") == expected([path])


@pytest.mark.filterwarnings("default")  # loky and rich warn in their own ways
def test_processes_of_the_runner(tmp_path: Path, repository: Path) -> None:
    paths = [write(tmp_path / f"{seed}.root", sample(30, seed=seed)) for seed in range(2)]
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), *map(str, paths)]
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(expected(paths)["charge"])


SCRIPT = """
import sys
import numpy as np
from coffea import processor
from na62dump.events.schema import NA62Schema, from_nanoevents

def charge(events):
    return {"charge": int(from_nanoevents(events, ["Track_charge"])["Track_charge"].astype(np.int64).sum())}

if __name__ == "__main__":
    executor = processor.FuturesExecutor(workers=2, status=False)
    runner = processor.Runner(executor=executor, schema=NA62Schema, metadata_cache={})
    print(runner({"sample": sys.argv[1:]}, charge, treename="events")["charge"])
"""


def test_missing_columns_are_named_with_their_collection(tmp_path: Path) -> None:
    path = write(tmp_path / "a.root", sample(3, names=[n for n in COLUMNS if n != "ANTI0_x"]))
    with pytest.raises(
        MissingColumnError, match=r"collection 'ANTI0' lacks column 'ANTI0_x' in this tree; did you mean"
    ):
        nano(path)


def test_schema_that_requires_less(tmp_path: Path) -> None:
    path = write(tmp_path / "a.root", sample(3, names=["run", "Track_p"]))
    assert nano(path, NA62Schema.requiring(["run", "Track_p"])).fields == ["run", "Track"]


def test_column_that_did_not_come_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.root", sample(3, names=["run", "Track_p"]))
    events = nano(path, NA62Schema.requiring(["run"]))
    for name in ("Track_x", "LKr_x", "burst"):
        with pytest.raises(
            MissingColumnError, match=rf"no column '{name}' came through the schema; collections: run, Track"
        ):
            from_nanoevents(events, [name])


@pytest.mark.parametrize(
    ("branches", "message"),
    [
        ({"run": ak.Array([[1], [2, 3]])}, "column 'run' must be one value of uint32 per event"),
        ({"Track_p": np.zeros(2)}, "'Track_p' is NumpyArray; column 'Track_p' must be a list of float32 per event"),
        ({"Track_p": ak.Array(["a", "b"])}, "column 'Track_p' must hold float32"),
    ],
)
def test_wrong_shapes_are_named(tmp_path: Path, branches: dict[str, Any], message: str) -> None:
    path = write_raw(tmp_path / "a.root", branches)
    with pytest.raises(InputFileError, match=message):
        nano(path, NA62Schema.requiring(branches))


def test_foreign_names_and_units(tmp_path: Path) -> None:
    renames = Renames.model_validate({"columns": {"Trk_P": {"column": "Track_p", "unit": "GeV/c"}}})
    path = write_raw(tmp_path / "a.root", {"Trk_P": ak.values_astype(ak.Array([[1.5], [], [2, 3]]), "float32")})
    array = nano(path, NA62Schema.requiring(["Track_p"], renames=renames))
    with pytest.raises(ConfigurationError, match="hand Runner the schema of the processor"):
        from_nanoevents(array, ["Track_p"])
    events = from_nanoevents(array, ["Track_p"], renames=renames)
    assert_same(events, read(path, ["Track_p"], renames=renames))
    assert events["Track_p"].tolist() == [1500, 2000, 3000]


def test_branches_chosen_by_name(tmp_path: Path) -> None:
    events = sample(9, names=["run", "Track_p", "Track_x"])
    path = write(tmp_path / "a.root", events)
    chosen = {"filter_name": ["run", "Track_p"]}
    found = from_nanoevents(
        nano(path, NA62Schema.requiring(["run", "Track_p"]), iteritems_options=chosen), ["run", "Track_p"]
    )
    assert_same(found, read(path, ["run", "Track_p"]))


def test_schema_is_undone(tmp_path: Path) -> None:
    events = sample(4)
    flat = NA62Schema.uproot_writeable(nano(write(tmp_path / "a.root", events)))
    assert set(flat) == set(EVERY)
    assert ak.flatten(flat["Track_p"]).to_list() == events["Track_p"].tolist()


def test_data_of_the_repository_is_small(repository: Path) -> None:
    for name in LAYOUTS:
        assert (repository / "tests" / "data" / f"{name}.root").stat().st_size < 100_000
        assert isinstance(read(repository / "tests" / "data" / f"{name}.root", describe_first()), Events)


def describe_first() -> list[str]:
    return EVERY[:1]
