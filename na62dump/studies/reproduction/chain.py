"""Everything that was published and that our stages can make: simulated, computed, compared, written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from na62dump import configuration as conf
from na62dump import plotting, provenance, runner
from na62dump.errors import NA62DumpError
from na62dump.inference.exclusion.contours import to_csv
from na62dump.inference.exclusion.exclusions import exclusion
from na62dump.inference.exclusion.lifetimes import has_product, product_limits
from na62dump.inference.published import load_event, load_exclusions
from na62dump.inference.settings import settings
from na62dump.studies.reproduction.comparison import Section
from na62dump.studies.reproduction.contours import name_of
from na62dump.studies.reproduction.counts import disagreements, electrons, expectations, side_bands
from na62dump.studies.reproduction.event import Window, event
from na62dump.studies.reproduction.hadronic import hadronic
from na62dump.studies.reproduction.halo import SEARCH, halo
from na62dump.studies.reproduction.models import Excluded, excluded, section
from na62dump.studies.reproduction.page import page
from na62dump.studies.reproduction.pictures import pictures
from na62dump.studies.reproduction.report import Reproduction
from na62dump.studies.reproduction.settings import plan
from na62dump.studies.stages import silent
from na62dump.studies.tasks import acceptance_task, begin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from na62dump.inference.counts.shapes import Shape
    from na62dump.inference.exclusion.limits import Limits
    from na62dump.inference.settings import Inference
    from na62dump.plotting.files import Figures
    from na62dump.studies.reproduction.settings import Plan, Size, Study
    from na62dump.studies.stages import Stage
    from na62dump.studies.tasks import Begun, Task

T = TypeVar("T")

TITLE = "NA62 beam dump: published results made again"
EXECUTION = "execution/local"
STAGE, FIGURES, CONTOURS, LIMITS = "stage", "figures", "contours", "limits"
"""Folders of what is simulated, and of what is made of it."""

PNG, PDF = "png", "pdf"
"""What a page shows, and what else is written."""

FIRST = "dark_photon"
"""Model whose limits tell the background within the mass window of the event, and whose figures quick work has too."""


@dataclass
class _Making:
    """What has been made so far."""

    folder: Path
    stamp: Mapping[str, object]
    stage: Stage
    quick: bool
    figures: dict[str, bytes] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What figures are written as: quick work leaves out what no page shows."""
        return (PNG,) if self.quick else (PNG, PDF)

    def attempt(self, what: str, make: Callable[[], T]) -> T | None:
        """What can be made; if it cannot, the reason is kept."""
        try:
            return make()
        except NA62DumpError as error:
            self.missing.append(f"{what}: {error}")
            return None

    def write(self, name: str, content: str | bytes) -> None:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        runner.write_atomically(path, content if isinstance(content, bytes) else content.encode())
        self.paths.append(path)

    def draw(self, figures: Figures) -> tuple[str, ...]:
        """Names of figures, which are written."""
        for path in plotting.save(figures, self.folder / FIGURES, provenance=self.stamp, suffixes=self.suffixes):
            self.paths.append(path)
            if path.suffix == f".{PNG}":
                self.figures[path.stem] = path.read_bytes()
        return tuple(figures)


def reproduce(folder: Path, *, quick: bool = False, stage: Stage = silent) -> Reproduction:
    """Make published results again.

    Parameters
    ----------
    folder : Path
        Gets everything. What is simulated is kept in its folder ``stage``, and is not made again while it is current.
    quick : bool
        Whether to simulate few decays.
    stage : Stage
        Tells how far it is.

    Returns
    -------
    Reproduction
        Comparisons, also written as page and JSON.

    Raises
    ------
    IncompleteError
        If a process died.
    """
    asked, how = plan(), settings()
    size = asked.quick if quick else asked.full
    execution = runner.load_execution(conf.find(EXECUTION))
    kept = folder / STAGE / ("quick" if quick else "full")
    tasks, begun = {}, {}
    for study in asked.study:
        tasks[study.model] = _tasks(study, kept, size)
        begun[study.model] = begin(tasks[study.model], workers=execution.workers)
    digests = {task.path.name: task.made_from for each in tasks.values() for task in each}
    making = _Making(folder, provenance.stamp(digests=digests), stage, quick)
    plane, shapes = _halo(making, kept, size=size, how=how)
    found = []
    for study in asked.study:
        files = _ended(making, study, tasks[study.model], begun[study.model])
        if files:
            found.append(_model(making, study, files, asked=asked, size=size, how=how, shapes=shapes))
    models = [each for each in found if each is not None]
    window = _window([made for made, _ in models])
    makers: Mapping[str, Callable[[], Section]] = {
        "side bands": side_bands,
        "backgrounds": expectations,
        "electrons": electrons,
        "event": lambda: event(window),
        "hadrons": hadronic,
        "disagreements": disagreements,
    }
    *first, last = (making.attempt(what, make) for what, make in makers.items())
    sections = (*first, *plane, *(told for _, told in models), last)
    return _written(making, tuple(each for each in sections if each is not None))


def _tasks(study: Study, folder: Path, size: Size) -> list[Task]:
    return [
        acceptance_task(
            folder / f"{study.model}.{search}.acc.zip",
            search,
            model=study.model,
            events=size.events,
            number=size.samples,
        )
        for search in study.searches
    ]


def _ended(making: _Making, study: Study, tasks: Sequence[Task], begun: Begun) -> list[Path]:
    """Files of accepted decays; none if one could not be made."""
    failed = begun.end(f"decays of {study.model}", stage=making.stage)
    making.missing += [f"{study.model}: {error}" for error in failed.values()]
    return [] if failed else [task.path for task in tasks]


def _halo(making: _Making, folder: Path, *, size: Size, how: Inference) -> tuple[list[Section], dict[str, Shape]]:
    """Section of the plane, and masses of accidental pairs."""
    made = making.attempt(
        "pseudo-data", lambda: halo(folder / "halo", bursts=size.bursts, settings=how, stage=making.stage)
    )
    if made is None:
        return [], {}
    names = making.draw({f"halo_{name}": figure for name, figure in made.figures.items()})
    notes = ["Our halo muons as pseudo-data, with signal and control region hidden; nothing is compared.", made.remark]
    told = Section("Plane of the regions", (), tuple(filter(None, notes)), names)
    return [told], {SEARCH: made.shape} if made.shape is not None else {}


def _model(
    making: _Making,
    study: Study,
    files: Sequence[Path],
    *,
    asked: Plan,
    size: Size,
    how: Inference,
    shapes: Mapping[str, Shape],
) -> tuple[Excluded, Section] | None:
    made = making.attempt(
        study.model, lambda: excluded(study, files, plan=asked, size=size, shapes=shapes, settings=how)
    )
    if made is None:
        return None
    with making.stage(f"limits on {study.model}", 1) as done:
        drawn = making.attempt(
            f"figures of {study.model}",
            lambda: making.draw(pictures(made.expected, made.limits, whole=study.model == FIRST or not making.quick)),
        )
        making.write(f"{LIMITS}/{study.model}.zip", made.limits.dumps(making.stamp))
        for name, text in _tables(made.limits).items():
            making.write(f"{CONTOURS}/{study.model}_{name}.csv", text)
        done(1)
    return made, section(made, published=load_exclusions(), agreement=asked.agreement, figures=drawn or ())


def _tables(limits: Limits) -> dict[str, str]:
    """Contours by search; for a free product of branching ratios, the limits on it."""
    if has_product(limits.coupling):
        return {found.search: found.to_csv() for found in product_limits(limits)}
    return {name_of(scan): to_csv(exclusion(limits, scan, curve=scan.shown).intervals) for scan in limits.scans}


def _window(models: Sequence[Excluded]) -> Window | None:
    """Background within the mass window of the event."""
    mass = load_event().mass
    for made in models:
        for scan in made.limits.scans:
            if made.study.model == FIRST and scan.counting.searches == (SEARCH,):
                counting, at = scan.counting, int(np.abs(made.limits.masses - mass).argmin())
                seen = 0 if counting.observed is None else int(counting.observed[at])
                return Window(float(counting.expected[at]), float(counting.uncertainty[at]), seen)
    return None


def _written(making: _Making, sections: tuple[Section, ...]) -> Reproduction:
    title = f"{TITLE} (quick)" if making.quick else TITLE
    made = Reproduction(title, making.quick, sections, tuple(making.missing), ())
    content = {**made.to_json(), "provenance": dict(making.stamp)}
    making.write("reproduce.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    written = page(title, sections, missing=made.missing, figures=making.figures, provenance=making.stamp)
    making.write("index.html", written)
    return replace(made, paths=tuple(making.paths))
