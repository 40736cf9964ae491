"""From the name of an analysis to everything that its chain needs, and to the digests that bind results to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from na62dump import __version__, provenance
from na62dump import configuration as conf
from na62dump.configuration import Many, Settings
from na62dump.cutflow import SelectionFile, load_selection
from na62dump.errors import ConfigurationError
from na62dump.events import Renames
from na62dump.geometry import Geometry
from na62dump.histograms import Declarations
from na62dump.reconstruction import FinalState, Matching
from na62dump.regions import Plane, Planes

if TYPE_CHECKING:
    from pathlib import Path

SHARED = ("regions", "histograms", "experiment/geometry", "experiment/matching", "experiment/columns")
"""Files of config/ that every analysis reads beside its own."""


class AnalysisFile(Settings):
    """One analysis: a file of config/."""

    selection: str
    regions: str
    samples: Many[str]
    final_state: FinalState
    cuts: Mapping[str, Any]


@dataclass(frozen=True)
class Analysis:
    """A search, ready to run.

    Attributes
    ----------
    name : str
        Name of the analysis.
    path : Path
        Its file; the folder is searched first for the files it shares.
    file : AnalysisFile
        What its file says.
    selection : SelectionFile
        Its requirements.
    cuts : Settings
        Their numbers, in base units.
    plane : Plane
        Its regions.
    geometry, matching, renames, declarations
        The experiment (mm, ns), the names of columns, and the histograms.
    """

    name: str
    path: Path
    file: AnalysisFile
    selection: SelectionFile
    cuts: Settings
    plane: Plane
    geometry: Geometry
    matching: Matching
    renames: Renames
    declarations: Declarations

    def __reduce__(self) -> tuple[Callable[[str, str], Analysis], tuple[str, str]]:
        """Travel to a worker as a path and a digest: a selection is loaded there, never unpickled."""
        return _arrived, (str(self.path.absolute()), self.digest)

    @cached_property
    def values(self) -> dict[str, Any]:
        """All that decides which rows are selected and seen: what the analysis digest is made from."""
        sources = {name: provenance.digest(text) for name, text in self.selection.sources.items()}
        models = {
            "cuts": self.cuts,
            "final_state": self.file.final_state,
            "regions": self.plane,
            "geometry": self.geometry,
            "matching": self.matching,
            "columns": self.renames,
        }
        dumped = {name: model.model_dump(mode="json") for name, model in models.items()}
        return {"version": __version__, "selection": sources, **dumped}

    @property
    def digest(self) -> str:
        """Analysis digest: the same for the same selection, numbers, regions, experiment and package version."""
        return provenance.digest(self.values)

    def run_digest(self, opened: frozenset[str]) -> str:
        """Digest that results are kept under: the analysis digest, what is open, and what is booked."""
        booked = self.declarations.model_dump(mode="json")
        return provenance.digest({"analysis": self.digest, "open": sorted(opened), "histograms": booked})

    def save(self, folder: Path) -> None:
        """Copy every file that the analysis is made of below a folder, so that a run keeps them as they were."""
        (folder / "selections").mkdir(parents=True, exist_ok=True)
        for name, text in self.selection.sources.items():
            (folder / "selections" / f"{name}.py").write_text(text, encoding="utf-8")
        shared = {name: conf.find(name, near=self.path.parent) for name in SHARED}
        for name, source in {self.name: self.path, **shared}.items():
            target = folder / "config" / f"{name}.toml"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())


def _arrived(path: str, digest: str) -> Analysis:
    analysis = load(path)
    if analysis.digest != digest:
        msg = f"{path}: changed on its way to a worker (digest {analysis.digest[:16]} instead of {digest[:16]})"
        raise ConfigurationError(msg)
    return analysis


def load(name: str) -> Analysis:
    """Assemble an analysis.

    Parameters
    ----------
    name : str
        A name in config/, such as ``"mumu"``, or a path to a TOML file. Files it shares with other analyses are
        looked for beside it, then in ./config, then among the shipped ones; its selection beside it, in the
        neighbouring folder ``selections``, in ./selections, then among the shipped ones.

    Returns
    -------
    Analysis
        With every number in base units.

    Raises
    ------
    ConfigurationError, UnknownNameError
        What is wrong, in which file, and how to mend it.
    """
    path = conf.find(name)
    file = conf.load(path, AnalysisFile)
    near = path.parent
    regions, histograms, geometry, matching, columns = (conf.find(key, near=near) for key in SHARED)
    neighbour = near if (near / f"{file.selection}.py").is_file() else near.parent / "selections"
    selection = load_selection(conf.find(file.selection, kind="selections", suffix=".py", near=neighbour))
    return Analysis(
        name=path.stem,
        path=path,
        file=file,
        selection=selection,
        cuts=conf.load_text(file.cuts, selection.cuts, where=f"{path}: [cuts]"),
        plane=conf.load(regions, Planes)[file.regions],
        geometry=conf.load(geometry, Geometry),
        matching=conf.load(matching, Matching),
        renames=conf.load(columns, Renames),
        declarations=conf.load(histograms, Declarations),
    )
