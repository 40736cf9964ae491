"""How time and memory grow with the number of files: 1e3, 1e4 and 1e5 of them.

``python benchmarks/scale.py``; ``--quick`` stops at 2000, and at 40 real files. Plans and results are synthetic: records
of files that do not exist (3 bursts, 6 clusters and one unit each) and results of a few numbers, through the same plan,
ledger, sum over shards and status as real ones; what a merge does with the content of real results is not in it. Every
stage is a process of its own, which has done all stages so far with 200 units before the clock starts; its floor is
reading, or writing and flushing, the same bytes in as many files in the same run (of loading a plan: reading its tables;
of more than 1000 files that are written: those 1000, times their number). Last come real files: how many are opened in a
second, by one and by two processes.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import sys
import tempfile
import time
import uuid
import zipfile
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np
from pyarrow import parquet

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import events, planning, runs, simulation
from na62dump.datasets import Burst, Bursts, Declared, FileRecord, Plan, Sample, WorkUnit
from na62dump.datasets.bursts import BURST
from na62dump.geometry import Geometry
from na62dump.planning import opening
from na62dump.runner import merge, total, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from na62dump.runner import Ledger

SIZES = (1_000, 10_000, 100_000)
QUICK = (500, 2_000)
WARM = 200
ENTRIES, CLUSTERS, BURSTS, RUN_FILES = 100_000, 6, 3, 1_500
VALUES = 64
FLUSHED = 1_000
LEAST_MB = 20.0
FILES, QUICK_FILES, FILE_EVENTS = 400, 40, 40


@dataclass(frozen=True)
class Stage:
    """What one process does, and the floor that it is compared to; both take the folder and the number of units."""

    work: Callable[[Path, int], Callable[[], object]]
    floor: Callable[[Path], Callable[[], object]]


def synthetic(units: int) -> Plan:
    """Plan of so many files that do not exist, one unit each."""
    files = []
    for number in range(units):
        run, first = 8_000 + number // RUN_FILES, BURSTS * (number % RUN_FILES)
        bursts = Bursts(np.array([(run, first + i, 2e12, 4.8e9, True) for i in range(BURSTS)], BURST))
        path = f"/eos/experiment/na62/data/offline/filtered/run{run:06d}/na62raw_{number:06d}.root"
        clusters = tuple(np.linspace(0, ENTRIES, CLUSTERS).astype(int).tolist())
        identity = str(uuid.uuid5(uuid.NAMESPACE_OID, path))
        files.append(FileRecord("d", "data", path, identity, ENTRIES, clusters, "adler32:00000001", False, bursts))  # noqa: FBT003 - a value
    cut = [WorkUnit("d", "data", f.path, f.uuid, 0, ENTRIES, f.bursts.mark()) for f in files]
    samples = {"d": Declared(kind="data", label="synthetic")}
    return Plan("mumu", "0", "/", samples, {"data": ("run",)}, (), tuple(files), planning.sharded(cut))


def packed(values: np.ndarray) -> bytes:
    """A synthetic result."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("values", values.tobytes())
    return file.getvalue()


def unpacked(content: bytes) -> np.ndarray:
    """Numbers of a synthetic result."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return np.frombuffer(archive.read("values"))


def summed(results: Iterable[bytes]) -> bytes:
    """Sum of synthetic results."""
    found = total(map(unpacked, results))
    return packed(np.zeros(VALUES) if found is None else found)


def opened(folder: Path) -> tuple[Plan, Ledger]:
    """Plan and ledger of a folder."""
    run = reopened(folder)
    return run.plan, run.ledger


def reopened(folder: Path) -> runs.Run:
    """Run of a folder, without a look at its analysis, which is a shipped one."""
    return runs.Run(folder, Plan.load(folder / runs.PLAN), searches.load("mumu"), {}, (), "")


def save(folder: Path, units: int) -> Callable[[], object]:
    """Save a plan."""
    return partial(synthetic(units).save, folder / runs.PLAN, write=write_atomically)


def load(folder: Path, units: int) -> Callable[[], object]:
    """Load it."""
    del units
    return partial(Plan.load, folder / runs.PLAN)


def store(folder: Path, units: int) -> Callable[[], object]:
    """Keep the result of every unit."""
    del units
    plan, ledger = opened(folder)
    result = packed(np.arange(VALUES, dtype=np.float64))

    def keep() -> None:
        for unit in plan.units:
            ledger.store(unit, result)

    return keep


def ask_status(folder: Path, units: int) -> Callable[[], object]:
    """Ask what `na62dump status` asks."""
    run = reopened(folder)

    def look() -> None:
        if not runs.status(run).complete:
            sys.exit(f"not all of {units} units are done")

    return look


def seal(folder: Path, units: int) -> Callable[[], object]:
    """Put the sum over every shard in place of the results of its units."""
    del units
    plan, ledger = opened(folder)
    firsts = {unit.shard: unit for unit in plan.units if unit.shard_key}

    def seal_all() -> None:
        for first in firsts.values():
            ledger.seal_shard(first, add_up=summed)

    return seal_all


def add(folder: Path, units: int) -> Callable[[], object]:
    """Add everything up."""
    plan, ledger = opened(folder)

    def check() -> None:
        if merge(plan.units, ledger, load=unpacked)[1] != units:
            sys.exit("the sum is wrong")

    return check


def reading(folder: Path, *, pattern: str) -> Callable[[], object]:
    """Read all files of a kind."""
    paths = sorted(folder.glob(pattern))
    return lambda: [path.read_bytes() for path in paths]


def writing(folder: Path, *, pattern: str) -> Callable[[], object]:
    """Write files like the first ones of a kind, whole and flushed."""
    contents = [path.read_bytes() for path in sorted(folder.glob(pattern))[:FLUSHED]]
    (folder / "floor").mkdir(exist_ok=True)

    def write() -> None:
        for number, content in enumerate(contents):
            write_atomically(folder / "floor" / str(number), content)

    return write


def decoding(folder: Path) -> Callable[[], object]:
    """Read the tables of a plan, and nothing more."""
    return lambda: [parquet.ParquetFile(path).read() for path in folder.glob(f"{PLANS}.parquet")]


PLANS, SINGLE, SEALED = "plan*", "results/*/*/*.zip", "results/*/*.zip"
STAGES = {
    "plan: save": Stage(save, partial(writing, pattern=PLANS)),
    "plan: load": Stage(load, decoding),
    "results: store": Stage(store, partial(writing, pattern=SINGLE)),
    "status, single results": Stage(ask_status, partial(reading, pattern=SINGLE)),
    "merge, single results": Stage(add, partial(reading, pattern=SINGLE)),
    "shards: seal": Stage(seal, partial(writing, pattern=SEALED)),
    "status, sealed": Stage(ask_status, partial(reading, pattern=SEALED)),
    "merge, sealed": Stage(add, partial(reading, pattern=SEALED)),
}


def seconds(work: Callable[[], object]) -> float:
    """Wall time of a call, s."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def peak() -> float:
    """Highest memory of this process so far, MB; not getrusage, whose peak is inherited from the parent process."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def measure(name: str, folder: Path, *, units: int) -> dict[str, float]:
    """Time of a stage and of its floor, s, and the peak memory before and after it, MB."""
    warm_up(name)
    before, stage = peak(), STAGES[name]
    took = seconds(stage.work(folder, units))
    after = peak()
    floor = seconds(stage.floor(folder)) * max(1.0, units / FLUSHED if name == "results: store" else 1.0)
    return {"seconds": took, "floor": floor, "before": before, "after": after}


def warm_up(name: str) -> None:
    """Do a stage, and those before it, with few units and without waiting for the disk."""
    with tempfile.TemporaryDirectory() as place, mock.patch("os.fsync"):
        for each, stage in STAGES.items():
            stage.work(Path(place), WARM)()
            if each == name:
                return


def apart(name: str, folder: Path, *, units: int) -> dict[str, float]:
    """The same in a process of its own, a copy of this one, which has imported all."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=lambda: there.send(measure(name, folder, units=units)))
    process.start()
    there.close()
    try:
        found: dict[str, float] = here.recv()
    except EOFError:
        sys.exit(f"the stage '{name}' failed with {units} units")
    finally:
        process.join()
    return found


def grow(sizes: tuple[int, ...], folder: Path) -> Iterator[tuple[str, int, dict[str, float]]]:
    """Measure every stage at every size."""
    for units in sizes:
        place = folder / str(units)
        place.mkdir()
        for name in STAGES:
            yield name, units, apart(name, place, units=units)


def report(sizes: tuple[int, ...], folder: Path) -> None:
    """Print the table: time and memory per unit beside those at the next smaller size, 1 where they are linear."""
    time_columns = f"{'s':>9}{'us/unit':>9}{'growth':>8}{'/ floor':>9}"
    print(f"{'synthetic':24}{'units':>8}{time_columns}{'peak MB':>9}{'+ MB':>7}{'growth':>8}")
    rows = sorted(grow(sizes, folder), key=lambda row: list(STAGES).index(row[0]))
    for name, several in groupby(rows, key=lambda row: row[0]):
        print(*lines(name, [(units, found) for _, units, found in several]), sep="\n")
    print(
        f"+ MB: peak above that of {WARM} units; growth: time or + MB per unit over that of the next smaller size "
        f"(of + MB where that is {LEAST_MB:g} at least)"
    )


def lines(name: str, several: list[tuple[int, dict[str, float]]]) -> Iterator[str]:
    """Lines of a stage: one for each number of units, in order."""
    before: tuple[float, float, float] | None = None
    for units, found in several:
        took, more = found["seconds"], found["after"] - found["before"]
        each, each_mb = took / units, more / units
        of_time = of_memory = f"{'':8}"
        if before:
            of_time = f"{each / before[0]:8.2f}"
            of_memory = f"{each_mb / before[1]:8.2f}" if before[2] >= LEAST_MB else of_memory
        yield (
            f"{name:24}{units:8}{took:9.3f}{1e6 * each:9.1f}{of_time}{took / found['floor']:9.1f}"
            f"{found['after']:9.0f}{more:7.0f}{of_memory}"
        ).rstrip()
        before = each, each_mb, more


def written(folder: Path, files: int) -> None:
    """Write small files of data: the same simulated events under so many names, bursts and identities."""
    shipped = conf.load(conf.find("samples/demo_data"), Sample)
    recipe = dict(shipped.simulate or {}) | {"singles": FILE_EVENTS, "pairs": 0, "bursts": 1, "keep": "all"}
    recipe.pop("rate", None)
    geometry = conf.load(conf.find("experiment/geometry"), Geometry)
    response = conf.load(conf.find("experiment/response"), simulation.Response)
    parsed = simulation.recipe(shipped.model_copy(update={"simulate": recipe}), where="benchmark")
    made = events.concatenate(list(simulation.generate(parsed, geometry, response=response, burst=1)))
    columns = [name for name, column in events.COLUMNS.items() if column.presence == "always" and name in made]
    for number in range(files):
        path = folder / f"{number:04}.root"
        identity = uuid.uuid5(uuid.NAMESPACE_OID, path.name)
        with events.Writer(path, columns=columns, provenance={"simulated": True}, uuid=identity) as writer:
            writer.extend(made)
            writer.write_bursts([Burst(run=1, burst=number, pot=2e12, duration_ns=4.8e9, good=True)])


def real_opening(folder: Path, files: int = FILES) -> None:
    """Print how many real files are opened in a second, by one process and by two, and when they are known."""
    written(folder, files)
    search, samples = searches.load("mumu"), {"d": Sample(kind="data", label="d", files=("*.root",))}
    opening.ALONE_SECONDS = 0.0
    plan = partial(planning.plan, search, samples, base=folder)
    plan(workers=2)  # starts the processes
    for words, known in (("1 process", {"workers": 1}), ("2 processes, running already", {"workers": 2})):
        took = seconds(partial(plan, **known))
        print(f"{files} real files of {FILE_EVENTS} events, {words}: {files / took:.0f} files/s")
    plan(keep=folder / "opened")
    took = seconds(partial(plan, keep=folder / "opened"))
    print(f"the same, unchanged since they were opened: {files / took:.0f} files/s")


def main() -> None:
    """Print the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer units and files, in about a minute")
    parser.add_argument("--folder", type=Path, help="where to work")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        report(QUICK if options.quick else SIZES, folder)
        (folder / "real").mkdir()
        real_opening(folder / "real", QUICK_FILES if options.quick else FILES)


if __name__ == "__main__":
    main()
