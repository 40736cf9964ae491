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
from na62dump.inference.exclusions import contour_files
from na62dump.inference.settings import settings
from na62dump.results import Result
from na62dump.studies.expectations import expected
from na62dump.studies.limits import limits
from na62dump.studies.pseudo_data import select, simulate
from na62dump.studies.tasks import acceptance_task, background_task, begin

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from na62dump.inference.limits import Limits
    from na62dump.signal.yields import Expected
    from na62dump.studies.stages import Stage

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
    execution = conf.load(conf.find(EXECUTION), runner.Execution)
    accepted = {name: folder / f"{name}.acc.zip" for name in SAMPLES}
    # decays need no data: other processes simulate them meanwhile
    decays = begin(
        [acceptance_task(path, name, model=how.model, events=how.events, masses=how.masses[name]) for name, path in accepted.items()],
        workers=execution.workers,
    )  # fmt: skip
    results = _results(folder, execution=execution, stage=stage)
    estimated = {name: folder / f"{name}.bg.zip" for name in SAMPLES}
    merged = {name: folder / f"{name}.zip" for name in SAMPLES}
    estimates = begin(
        [
            background_task(path, name, merged={each: merged[each] for each in dict.fromkeys((FIRST, name))})
            for name, path in estimated.items()
        ],
        workers=execution.workers,
    )
    result = results[FIRST]
    stamp = provenance.stamp(digests={"run": result.state.run_digest})
    drawn = _draw(plotting.draw(result, result.state.plane), folder, stamp=stamp, stage=stage)
    failed = {**decays.end("decays", stage=stage), **estimates.end("backgrounds", stage=stage)}
    if failed:
        raise IncompleteError("; ".join(f"{path}: {error}" for path, error in failed.items()))
    backgrounds = tuple(Backgrounds.load(path) for path in estimated.values())
    signal = _signal(how, list(accepted.values()))
    made = limits([signal], backgrounds, results=list(results.values()), settings=settings(), stage=stage)
    files = {"yields.zip": signal.dumps(stamp), "limits.zip": made.dumps(stamp)}
    files |= {name: text.encode() for name, text in contour_files(made).items()}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        runner.write_atomically(folder / name, content)
    drawn += _draw(plotting.draw_limits(made), folder, stamp=stamp, stage=stage)
    kept = (*merged.values(), *estimated.values(), *accepted.values(), *(folder / name for name in files))
    return Demo(result, backgrounds, made, _remarks(made, result), (folder / "ntuples", *kept, *drawn))


def _results(folder: Path, *, execution: runner.Execution, stage: Stage) -> dict[str, Result]:
    """Merged result of each search."""
    near = searches.load(FIRST).path.parent
    samples = planning.load_samples(dict.fromkeys(name for names in SAMPLES.values() for name in names), near=near)
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


def _draw(figures: Mapping[str, Figure], folder: Path, *, stamp: Mapping[str, object], stage: Stage) -> list[Path]:
    with stage("draw", len(figures)) as done:
        drawn = plotting.save(figures, folder / "figures", provenance=stamp)
        done(len(figures))
    return drawn


def _remarks(made: Limits, result: Result) -> tuple[str, ...]:
    pot = sum(exposure.pot for exposure in result.exposure.values())
    return (
        f"background of {pot:.3g} protons of pseudo-data beside signal of {made.protons:.3g}: the small sample stands for all",
        *dict.fromkeys(remark for scan in made.scans for remark in scan.counting.remarks),
        made.uncertainties,
    )
