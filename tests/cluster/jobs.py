"""A small run for jobs of batch systems, and the faults that they meet."""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from na62dump import analysis as searches
from na62dump import runs
from na62dump.events import Events
from na62dump.runner import Slurm as Settings
from tests.cluster.daemons import wait_until
from tests.worlds import declared, digest, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from na62dump.datasets import Plan
    from tests.cluster.condor import Condor
    from tests.cluster.slurm import Slurm

FILES = 8
TREE = Path(__file__).parents[2]
HERE = Path(__file__).parent
RESOURCES: dict[str, object] = {
    "cpus": 1,
    "memory": "1500 MB",
    "time": "5 min",
    "growth": 2.0,
    "most_memory": "3 GB",
    "most_time": "10 min",
    "memory_share": 0.95,
    "time_kept": "10 s",
}


@dataclass(frozen=True)
class World:
    """A plan, the digest of its result as one process computes it, and the place where tests say what goes wrong."""

    plan: Plan
    expected: str
    faults: Path

    def settings(self, engine: str, *, resources: dict[str, object] | None = None, **more: object) -> dict[str, Any]:
        """Tables of an execution file."""
        path = f"{HERE / 'faults'}:{TREE}"
        setup = [f"export PYTHONPATH={path} NA62DUMP_TEST_FAULTS={self.faults}", "export PYTHONDONTWRITEBYTECODE=1"]
        return {
            "engine": engine,
            "workers": 1,
            "units_per_job": FILES // 2,
            "python": sys.executable,
            "setup": setup,
            "resources": RESOURCES | (resources or {}),
            "files": {"tries": 1},
            **more,
        }

    def run_in(self, folder: Path, **faults: object) -> runs.Run:
        """A run with nothing done, whose units meet faults, by name of their file."""
        self.goes_wrong(**faults)
        return runs.create(folder, searches.load("mumu"), plan=self.plan)

    def goes_wrong(self, **faults: object) -> None:
        """Say what goes wrong from now on; ``every`` stands for all files, ``f0`` for the first."""
        self.faults.write_text(json.dumps({"" if name == "every" else name: fault for name, fault in faults.items()}))

    def unit(self, file: str) -> str:
        """Name of the unit of a file."""
        return next(unit.name for unit in self.plan.units if Path(unit.path).stem == file)

    def is_exact(self, run: runs.Run) -> bool:
        """Whether the run is complete, and merges to the very bits of one process."""
        return runs.status(run).complete and digest(runs.merge(run)[0]) == self.expected


def make_world(folder: Path) -> World:
    """Eight files, a unit each."""
    events = simulated("halo", 4_000)
    run = int(events["run"][0])
    edges = np.linspace(0, len(events), FILES + 1).astype(int)
    for number, (start, stop) in enumerate(itertools.pairwise(edges)):
        part = events.take(int(start), int(stop))
        burst = np.full(len(part), number, dtype=np.uint32)
        part = Events(len(part), {**part.columns, "burst": burst}, part.offsets)
        write(folder / f"f{number}.root", part, bursts=[good_burst(run, number)])
    plan = planned(folder, {"d": declared("data", "f?.root")})
    return World(plan, digest(merged(folder / "undisturbed", plan)), folder / "faults.json")


def on_slurm(world: World, resources: dict[str, object] | None = None, **more: object) -> Settings:
    """Jobs of Slurm."""
    return Settings.model_validate(world.settings("slurm", resources=resources, array_most=1000, **more))


def wait_for_the_end(system: Slurm | Condor) -> None:
    """Wait until no job waits or runs."""
    wait_until(lambda: not system.jobs(), what="an empty queue")


def report(run: runs.Run, submission: int, number: int) -> dict[str, Any]:
    """What a job has said of itself; nothing if it has not begun."""
    path = run.folder / "jobs" / f"{submission:04}" / f"{number}.json"
    found: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
    return found


def wait_for_a_job_in_mid_slice(run: runs.Run) -> int:
    """Wait until a job of the first submission has done a unit and is working on another; its number."""
    slices = json.loads((run.folder / "jobs" / "0001" / "job.json").read_bytes())["slices"]

    def found() -> list[int]:
        done, marked = run.ledger.names(), run.ledger.places.marked_names()
        return [i for i, names in enumerate(slices) if done & set(names) and marked & set(names)]

    wait_until(found, what="a job in mid slice")
    return found()[0]


def kill(process: int) -> None:
    """End a job and all it has started by SIGKILL."""
    job = psutil.Process(process)
    for each in [*job.children(recursive=True), job]:
        each.kill()
