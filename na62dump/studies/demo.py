"""The whole chain on a small simulated sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import planning, plotting, runner, runs, simulation
from na62dump.geometry import Geometry

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.results import Result
    from na62dump.studies.stages import Stage

ANALYSIS = "mumu"
SAMPLES = ("demo_signal", "demo_data")


@dataclass(frozen=True)
class Demo:
    """What the demonstration made.

    Attributes
    ----------
    result : Result
        Of the whole chain.
    paths : tuple of Path
        Files and folders worth a look.
    """

    result: Result
    paths: tuple[Path, ...]


def demo(folder: Path, *, stage: Stage) -> Demo:
    """Simulate, plan, run, merge and draw.

    Parameters
    ----------
    folder : Path
        Gets everything; doing it again does only what is missing.
    stage : callable
        Opens a progress bar.

    Returns
    -------
    Demo
        Result and paths.
    """
    search = searches.load(ANALYSIS)
    samples = planning.load_samples(SAMPLES, near=search.path.parent)
    geometry = conf.load(conf.find("experiment/geometry"), Geometry)
    response = conf.load(conf.find("experiment/response"), simulation.Response)
    events = folder / "ntuples"
    for name, sample in samples.items():
        with stage(f"simulate {name}", simulation.count_events(sample, where=name)) as done:
            simulation.write(name, sample, geometry=geometry, response=response, directory=events, on_progress=done)
    with stage("plan", planning.count_files(samples, events)) as done:
        plan = planning.plan(search, samples, base=events, on_progress=done)
    run = runs.create(folder / "run", search, plan=plan)
    execution = conf.load(conf.find("execution/local"), runner.Execution)
    with stage("run", len(run.ledger.missing(plan.units))) as done:
        runs.execute(run, execution, on_progress=done)
    result, provenance = runs.merge(run)
    merged = folder / f"{ANALYSIS}.zip"
    runner.write_atomically(merged, result.dumps(provenance))
    figures = plotting.draw(result, search.plane)
    with stage("draw", len(figures)) as done:
        drawn = plotting.save(figures, folder / "figures", provenance=provenance)
        done(len(figures))
    return Demo(result, (events, run.folder, merged, *drawn))
