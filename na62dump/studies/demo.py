"""The whole chain on a small simulated sample: from events to limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import planning, plotting, provenance, runner
from na62dump.background.backgrounds import Backgrounds
from na62dump.errors import IncompleteError
from na62dump.inference.exclusion.exclusions import contour_files
from na62dump.inference.settings import settings
from na62dump.studies.expectations import expected
from na62dump.studies.limits import limits
from na62dump.studies.pseudo_data import select, simulate
from na62dump.studies.tasks import acceptance_task, background_task, begin

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.inference.exclusion.limits import Limits
    from na62dump.plotting.files import Figures
    from na62dump.results import Result
    from na62dump.signal.yields import Expected
    from na62dump.studies.stages import Stage
    from na62dump.studies.tasks import Task

SAMPLES = {"mumu": ("demo_signal", "demo_data"), "ee": ("demo_data",)}
"""Searches, and what each one reads; halo muons of the first are what prompt pairs of both are made by."""

FIRST = next(iter(SAMPLES))
EXECUTION = "execution/local"


class Settings(conf.Settings):
    """How limits of the demonstration are made (config/demo.toml).

    Attributes
    ----------
    model : str
        The model.
    events : int
        Decays of each sample.
    grid_masses, grid_couplings : int
        Points of the grid.
    couplings : tuple of float
        First and last, in the unit of the coupling.
    masses : mapping of str to tuple of float, MeV
        Simulated ones of each search.
    """

    model: str
    events: int
    grid_masses: int
    grid_couplings: int
    couplings: conf.Many[float]
    masses: Mapping[str, conf.Many[conf.Energy]]


@dataclass(frozen=True)
class Demo:
    """What the demonstration made.

    Attributes
    ----------
    result : Result
        Of the search for muons.
    backgrounds : tuple of Backgrounds
        Of each search.
    limits : Limits
        Of each search, and of both together.
    remarks : tuple of str
        What a person should know of the numbers.
    paths : tuple of Path
        Files and folders worth a look.
    """

    result: Result
    backgrounds: tuple[Backgrounds, ...]
    limits: Limits
    remarks: tuple[str, ...]
    paths: tuple[Path, ...]


def demo(folder: Path, *, stage: Stage) -> Demo:
    """Simulate, plan, run, merge, estimate backgrounds, expect signal, set limits and draw.

    Parameters
    ----------
    folder : Path
        Gets everything; doing it again does only what is missing.
    stage : callable
        Opens a progress bar.

    Returns
    -------
    Demo
        Results and paths.

    Raises
    ------
    IncompleteError
        If something could not be made.
    """
    how = conf.load(conf.find("demo"), Settings)
    execution = runner.load_execution(conf.find(EXECUTION))
    accepted, merged, estimated = (
        {name: folder / f"{name}{ending}" for name in SAMPLES} for ending in (".acc.zip", ".zip", ".bg.zip")
    )
    # decays need no data: other processes simulate them meanwhile, and later estimate backgrounds while figures are drawn
    decays = begin(_decays(how, accepted), workers=execution.workers)
    results = _results(folder, execution=execution, stage=stage)
    estimates = begin(_estimates(estimated, merged), workers=execution.workers)
    result = results[FIRST]
    stamp = provenance.stamp(digests={"run": result.state.run_digest})
    drawn = _draw(plotting.draw(result, result.state.plane), folder, stamp=stamp, stage=stage)
    failed = {**decays.end("decays", stage=stage), **estimates.end("backgrounds", stage=stage)}
    if failed:
        raise IncompleteError("; ".join(f"{path}: {error}" for path, error in failed.items()))
    backgrounds = tuple(map(Backgrounds.load, estimated.values()))
    signal = _signal(how, list(accepted.values()))
    made = limits([signal], backgrounds, results=list(results.values()), settings=settings(), stage=stage)
    written = _write(signal, made, folder=folder, stamp=stamp)
    drawn += _draw(plotting.draw_limits(made), folder, stamp=stamp, stage=stage)
    files = (*merged.values(), *estimated.values(), *accepted.values(), *written)
    return Demo(result, backgrounds, made, _remarks(made), (folder / "ntuples", *files, *drawn))


def _decays(how: Settings, files: Mapping[str, Path]) -> list[Task]:
    return [
        acceptance_task(path, name, model=how.model, events=how.events, masses=how.masses[name])
        for name, path in files.items()
    ]


def _estimates(files: Mapping[str, Path], merged: Mapping[str, Path]) -> list[Task]:
    return [
        background_task(path, name, merged={each: merged[each] for each in dict.fromkeys((FIRST, name))})
        for name, path in files.items()
    ]


def _results(folder: Path, *, execution: runner.Execution, stage: Stage) -> dict[str, Result]:
    """Merged result of each search."""
    near = searches.load(FIRST).path.parent
    samples = planning.load_samples(sorted({name for names in SAMPLES.values() for name in names}), near=near)
    simulate(samples, folder / "ntuples", stage=stage)
    return {
        name: select(
            searches.load(name),
            {each: samples[each] for each in read},
            events=folder / "ntuples",
            folder=folder / name,
            execution=execution,
            stage=stage,
        )
        for name, read in SAMPLES.items()
    }


def _signal(how: Settings, files: list[Path]) -> Expected:
    low, high = how.couplings
    return expected(how.model, files, masses=how.grid_masses, couplings=how.grid_couplings, coupling_range=(low, high))


def _write(signal: Expected, made: Limits, *, folder: Path, stamp: Mapping[str, object]) -> list[Path]:
    files = {"yields.zip": signal.dumps(stamp), "limits.zip": made.dumps(stamp)}
    files |= {name: text.encode() for name, text in contour_files(made).items()}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        runner.write_atomically(folder / name, content)
    return [folder / name for name in files]


def _draw(figures: Figures, folder: Path, *, stamp: Mapping[str, object], stage: Stage) -> list[Path]:
    with stage("draw", len(figures)) as done:
        drawn = plotting.save(figures, folder / "figures", provenance=stamp)
        done(len(figures))
    return drawn


def _remarks(made: Limits) -> tuple[str, ...]:
    told = (remark for scan in made.scans for remark in scan.counting.remarks)
    return (*dict.fromkeys(told), made.uncertainties)
