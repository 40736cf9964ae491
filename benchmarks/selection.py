"""Speed of the selection: the processor against uproot reading the same columns in one call, and against RDataFrame.

Run ``python benchmarks/selection.py``; everything happens on one core, and every ratio is of times of the same run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import rdataframe
import uproot
from coffea.processor import IterativeExecutor, Runner

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import events, planning, runs, simulation
from na62dump.cutflow import COUNT, ROWS
from na62dump.datasets import Sample
from na62dump.geometry import Geometry
from na62dump.processor import Processor

if TYPE_CHECKING:
    from na62dump.datasets import Plan
    from na62dump.results import Result

EVENTS = 2_000_000
UNIT = 500_000
REPEATS = 5
RUNNER_REPEATS = 3
TARGET_RATIO = 1.6
TARGET_MEMORY = 700
SAMPLE = {
    "kind": "data",
    "label": "pseudo-data (simulated): as many single halo muons as accidental pairs",
    "files": ["bench/*.root"],
}


def simulated(folder: Path, n: int) -> None:
    """Write the sample, unless it is there: half single muons, half accidental pairs, as Q1 and H2 trigger data."""
    shipped = conf.load(conf.find("samples/demo_data"), Sample)
    recipe = dict(shipped.simulate or {}) | {"singles": n // 2, "pairs": n // 2, "bursts": 1, "keep": "all"}
    recipe.pop("rate", None)
    sample = conf.load_text(SAMPLE | {"simulate": recipe}, Sample, where="benchmark")
    geometry = conf.load(conf.find("experiment/geometry"), Geometry)
    response = conf.load(conf.find("experiment/response"), simulation.Response)
    if not (folder / "bench").exists():
        simulation.write("bench", sample, geometry=geometry, response=response, directory=folder)


def planned(folder: Path) -> tuple[Processor, Plan]:
    """Plan of the sample, and its processor."""
    search = searches.load("mumu")
    sample = conf.load_text(SAMPLE, Sample, where="benchmark")
    plan = planning.plan(search, {"bench": sample}, base=folder, unit_events=UNIT, checksums=False)
    return Processor(search, plan), plan


def select(processor: Processor, plan: Plan) -> Result:
    """Read and process every unit."""
    results = [
        processor.chain(
            events.read(unit.path, plan.columns[unit.kind], start=unit.start, stop=unit.stop, uuid=unit.uuid),
            unit.sample,
        )
        for unit in plan.units
    ]
    return sum(results[1:], results[0])


def read_at_once(plan: Plan) -> None:
    """Read the same columns in one call of uproot."""
    wanted = set(plan.columns["data"])
    with uproot.open(plan.files[0].path) as file:
        file["events"].arrays(filter_name=lambda name: name in wanted)


def by_runner(processor: Processor, plan: Plan) -> None:
    """Process every unit with coffea's own Runner, which reads column by column."""
    fileset = {"bench": {"files": {file.path: events.TREE for file in plan.files}}}
    executor = IterativeExecutor(status=False)
    run = Runner(executor, schema=processor.schema, chunksize=UNIT, metadata_cache={})
    with redirect_stdout(StringIO()):  # its bars are not silenced by any option
        runs.finished(run(fileset, processor), plan)


def timed(function: object, *arguments: object) -> float:
    """Wall time of one call, s."""
    start = time.perf_counter()
    function(*arguments)  # type: ignore[operator]
    return time.perf_counter() - start


def peak_memory(folder: Path) -> float:
    """Peak memory of a process that does nothing but select, MB."""
    command = [sys.executable, __file__, "--folder", str(folder), "--only-select"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(processor: Processor, plan: Plan, result: Result) -> None:
    """Print the ratio to RDataFrame, and stop if its cutflow is another."""
    if not rdataframe.available():
        print("ROOT is not installed: no comparison with RDataFrame (pip extra 'peer')")
        return
    flow, peer = result.cutflow["bench"], rdataframe.chain(processor, plan, sample="bench")
    ours, theirs = flow.cumulative[ROWS, :, COUNT].tolist(), peer()  # the first call compiles
    equal = ours == theirs and flow.names == tuple(rdataframe.REQUIREMENTS)
    times = [(timed(peer), timed(select, processor, plan)) for _ in range(REPEATS)]
    ratio = statistics.median(other / mine for other, mine in times)
    seconds = statistics.median(other for other, _ in times)
    print(
        f"RDataFrame (Python, JIT, warm): {seconds:.2f} s; ratio RDataFrame / processor: {ratio:.2f}; "
        f"cutflow counts equal: {'yes' if equal else 'no'}"
    )
    options = os.environ["EXTRA_CLING_ARGS"] or "as it is by default"
    print(f"  warm: the same chain was run once before, untimed; one thread; with reading; optimisation: {options}")
    if not equal:
        sys.exit(f"the cutflows differ:\n  na62dump   {ours}\n  RDataFrame {theirs}")


def main() -> None:
    """Print the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--folder", type=Path, help="where the sample is kept between runs")
    parser.add_argument("--only-select", action="store_true", help="select once and print the peak memory")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    folder = options.folder or Path(tempfile.mkdtemp())
    simulated(folder, options.events)
    processor, plan = planned(folder)
    if options.only_select:
        select(processor, plan)
        status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        # not getrusage: its peak is inherited from the parent process
        print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024)
        return
    result = select(processor, plan)  # compiles the kernels
    times = [(timed(select, processor, plan), timed(read_at_once, plan)) for _ in range(REPEATS)]
    ratio = statistics.median(mine / floor for mine, floor in times)
    mine, floor = (statistics.median(column) for column in zip(*times, strict=True))
    n = sum(file.entries for file in plan.files)
    print(f"simulated events: {n}, columns read: {len(plan.columns['data'])}, units: {len(plan.units)}, one core")
    print(f"processor: {mine:.2f} s ({n / mine / 1e6:.2f} million events/s); uproot, one call: {floor:.2f} s")
    print(f"ratio processor / uproot read: {ratio:.2f} (at most {TARGET_RATIO})")
    print(f"peak memory at {UNIT} events a unit: {peak_memory(folder):.0f} MB (at most {TARGET_MEMORY})")
    route = statistics.median(timed(by_runner, processor, plan) for _ in range(RUNNER_REPEATS))
    print(f"the same through coffea's Runner: {route:.2f} s; ratio Runner / processor: {route / mine:.2f}")
    flow = result.cutflow["bench"]
    print("selected pairs:", int(flow.cumulative[0, -1, 0]), "of", int(flow.cumulative[0, 0, 0]))
    compare(processor, plan, result)


if __name__ == "__main__":
    main()
