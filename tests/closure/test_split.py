"""Any cut of the input, any engine and any layout give the same content, bit for bit."""

from __future__ import annotations

import itertools
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from coffea.processor import FuturesExecutor, IterativeExecutor, Runner

from na62dump import analysis as searches
from na62dump import runs
from na62dump.events import TREE, Events, concatenate
from na62dump.processor import Processor
from na62dump.results import Result
from na62dump.runner import Dask, Execution, Local
from tests.worlds import declared, digest, done, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

HALO, SIGNAL, PARTS = 14_000, 6_000, 7


def bursts(events: Events) -> list[Events]:
    """The events of a sample as if they had come in bursts 1 to 7."""
    edges = np.linspace(0, len(events), PARTS + 1).astype(int)
    parts = []
    for number, (start, stop) in enumerate(itertools.pairwise(edges)):
        part = events.take(int(start), int(stop))
        burst = np.full(len(part), number + 1, dtype=np.uint32)
        parts.append(Events(len(part), {**part.columns, "burst": burst}, part.offsets))
    return parts


def written(folder: Path, *, files: int, layout: Literal["ttree", "rntuple"] = "ttree") -> Path:
    """Both samples in so many files each."""
    for name, events in (("halo", simulated("halo", HALO)), ("signal", simulated("demo_signal", SIGNAL))):
        parts = bursts(events)
        groups = [parts] if files == 1 else [[part] for part in parts]
        for number, group in enumerate(groups):
            joined = concatenate(group)
            found = sorted({(int(r), int(b)) for r, b in zip(joined["run"], joined["burst"], strict=True)})
            write(
                folder / name / f"{name}{number}.root",
                joined,
                bursts=[good_burst(*key) for key in found],
                truth=name == "signal",
                layout=layout,
            )
    return folder


SAMPLES = {"halo": declared("data", "halo/*.root"), "signal": declared("simulation", "signal/*.root")}


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("one"), files=1)


@pytest.fixture(scope="module")
def reference(one_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    result = merged(tmp_path_factory.mktemp("run"), planned(one_file, SAMPLES))
    assert len(result.skim) > 100
    assert result.cutflow["halo"].cumulative[0, 0, 0] > 1000
    assert len(result.singles["halo"]) > 100
    assert result.loose is not None
    assert set(result.loose.columns["sample"]) == {"halo", "signal"}
    assert result.exposure["halo"].pot == PARTS * 2e12
    return digest(result)


def test_seven_files_are_one(tmp_path: Path, reference: str) -> None:
    written(tmp_path, files=PARTS)
    assert digest(merged(tmp_path / "run", planned(tmp_path, SAMPLES))) == reference


@pytest.mark.parametrize("size", [1_000, 3_333, 500_000])
def test_units_of_any_size(tmp_path: Path, one_file: Path, reference: str, size: int) -> None:
    plan = planned(one_file, SAMPLES, unit_events=size)
    assert sum(unit.stop - unit.start for unit in plan.units) == HALO + SIGNAL
    assert digest(merged(tmp_path, plan)) == reference


def test_an_rntuple_is_a_ttree(tmp_path: Path, reference: str) -> None:
    written(tmp_path, files=PARTS, layout="rntuple")
    assert digest(merged(tmp_path / "run", planned(tmp_path, SAMPLES))) == reference


@pytest.mark.parametrize("engine", ["futures", "dask"])
def test_every_engine_gives_the_same(
    tmp_path: Path, one_file: Path, reference: str, engine: Literal["futures", "dask"]
) -> None:
    plan = planned(one_file, SAMPLES, unit_events=5_000)
    how: Execution = Dask(engine="dask", workers=2) if engine == "dask" else Local(engine=engine, workers=2)
    assert digest(merged(tmp_path, plan, execution=how)) == reference


def test_units_added_in_any_order(tmp_path: Path, one_file: Path, reference: str) -> None:
    run = done(tmp_path, planned(one_file, SAMPLES, unit_events=5_000))
    parts = [Result.loads(run.ledger.places.result(unit).read_bytes()) for unit in run.plan.units]
    assert len(parts) > 3
    assert digest(runs.finished(reduce(add, reversed(parts)), run.plan)) == reference


@pytest.mark.parametrize("executor", [IterativeExecutor(status=False), FuturesExecutor(workers=2, status=False)])
def test_the_same_processor_under_coffeas_own_runner(
    one_file: Path, reference: str, executor: object, tmp_path: Path
) -> None:
    plan = planned(one_file, SAMPLES)
    fileset = {
        name: {"files": {file.path: TREE for file in plan.files if file.sample == name}} for name in plan.samples
    }
    processor = Processor(searches.load("mumu"), plan)
    run = Runner(executor=executor, schema=processor.schema, chunksize=5_000, metadata_cache={})
    result = run(fileset, processor)
    by_runner = runs.finished(result, plan)
    assert digest(by_runner) == reference
    assert done(tmp_path, plan).plan == plan
