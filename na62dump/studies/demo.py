"""The whole chain on a small simulated sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import inference, planning, plotting, provenance, runner, runs, simulation
from na62dump.background.backgrounds import Backgrounds
from na62dump.errors import IncompleteError
from na62dump.geometry import Geometry
from na62dump.inference.contours import intervals, surface, to_csv
from na62dump.inference.scan import limits
from na62dump.inference.settings import settings
from na62dump.inference.windows import counting
from na62dump.results import Result
from na62dump.studies.expectations import expected
from na62dump.studies.tasks import acceptance_task, background_task, begin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.inference.limits import Limits
    from na62dump.runner import Execution
    from na62dump.signal.yields import Expected
    from na62dump.studies.stages import Stage

ANALYSIS = "mumu"
SAMPLES: dict[str, tuple[str, ...]] = {ANALYSIS: ("demo_signal", "demo_data"), "ee": ("demo_data",)}
"""Searches, and what each one reads."""

EXECUTION = "execution/local"


class Settings(conf.Settings):
    """How much is simulated for limits (config/demo.toml).

    Attributes
    ----------
    model : str
        The model.
    events : int
        Decays of each sample.
    masses : mapping of str to tuple of float, MeV
        Of each search.
    grid_masses, grid_couplings : int
        Points of the grid.
    couplings : tuple of float
        First and last coupling, in its unit.
    """

    model: str
    events: int
    masses: Mapping[str, conf.Many[conf.Energy]]
    grid_masses: int
    grid_couplings: int
    couplings: conf.Many[float]


@dataclass(frozen=True)
class Demo:
    """What the demonstration made.

    Attributes
    ----------
    result : Result
        Of the search for muons.
    backgrounds : tuple of Backgrounds
        Of each search.
    expected : Expected
        Signal of all searches.
    limits : Limits
        Of each search, and of all together.
    paths : tuple of Path
        Files and folders worth a look.
    """

    result: Result
    backgrounds: tuple[Backgrounds, ...]
    expected: Expected
    limits: Limits
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
    estimated = {name: folder / f"{name}.bg.zip" for name in SAMPLES}
    decays = begin(
        [
            acceptance_task(path, name, model=how.model, events=how.events, masses=how.masses[name])
            for name, path in accepted.items()
        ],
        workers=execution.workers,
    )
    _simulate(folder / "ntuples", stage)
    merged = {name: _merged(folder, name, execution=execution, stage=stage) for name in SAMPLES}
    needed = {name: {each: merged[each] for each in dict.fromkeys((ANALYSIS, name))} for name in SAMPLES}
    estimates = begin(
        [background_task(path, name, merged=needed[name]) for name, path in estimated.items()],
        workers=execution.workers,
    )
    result = Result.load(merged[ANALYSIS])
    stamp = provenance.stamp(digests={"run": result.state.run_digest})
    drawn = _draw(plotting.draw(result, result.state.plane), folder / "figures", stamp, stage=stage)
    failed = decays.end("decays", stage=stage) | estimates.end("backgrounds", stage=stage)
    if failed:
        raise IncompleteError("; ".join(map(str, failed.values())))
    found = {name: Backgrounds.load(path) for name, path in estimated.items()}
    signal = _expected(how, tuple(accepted.values()))
    made = _limits(signal, {name: Result.load(path) for name, path in merged.items()}, found)
    return Demo(result, tuple(found.values()), signal, made, ())
