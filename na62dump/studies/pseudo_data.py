"""Simulated samples through plan, run and merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump import configuration as conf
from na62dump import planning, runner, runs, simulation
from na62dump.geometry import Geometry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.analysis import Analysis
    from na62dump.datasets import Sample
    from na62dump.results import Result
    from na62dump.runner import Execution
    from na62dump.studies.stages import Stage


def simulate(samples: Mapping[str, Sample], folder: Path, *, stage: Stage) -> None:
    """Write ntuples; files that are there are not made again.

    Parameters
    ----------
    samples : mapping of str to Sample
        By name.
    folder : Path
        Gets one folder per sample.
    stage : Stage
        Tells how far it is.
    """
    geometry = conf.load(conf.find("experiment/geometry"), Geometry)
    response = conf.load(conf.find("experiment/response"), simulation.Response)
    for name, sample in samples.items():
        with stage(f"simulate {name}", simulation.count_events(sample, where=name)) as done:
            simulation.write(name, sample, geometry=geometry, response=response, directory=folder, on_progress=done)


def select(
    search: Analysis, samples: Mapping[str, Sample], *, events: Path, folder: Path, execution: Execution, stage: Stage
) -> Result:
    """Plan, run and merge; work that is done is not done again.

    Parameters
    ----------
    search : Analysis
        The search.
    samples : mapping of str to Sample
        By name.
    events : Path
        Folder of the ntuples.
    folder : Path
        Gets the run, and beside it the merged result.
    execution : Execution
        Engine and workers.
    stage : Stage
        Tells how far it is.

    Returns
    -------
    Result
        Also written as the name of the folder with ``.zip``.
    """
    with stage(f"{search.name}: plan", planning.count_files(samples, events)) as done:
        plan = planning.plan(search, samples, base=events, on_progress=done)
    run = runs.create(folder, search, plan=plan)
    with stage(f"{search.name}: run", len(run.ledger.missing(plan.units))) as done:
        runs.execute(run, execution, on_progress=lambda progress: done(progress.units))
    result, provenance = runs.merge(run)
    runner.write_atomically(folder.with_suffix(".zip"), result.dumps(provenance))
    return result
