"""From the name of an analysis to everything that its chain needs, and to the digests that bind results to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from na62dump import __version__, provenance
from na62dump import configuration as conf
from na62dump.analysis.families import members, refuse_family
from na62dump.analysis.keeping import Keep
from na62dump.analysis.variations import SHARED as VARIATIONS
from na62dump.analysis.variations import Variation, Varied, changed, chosen
from na62dump.analysis.views import Kin, View, check_geometry, views
from na62dump.configuration import Many, Settings
from na62dump.cutflow import SelectionFile, load_selection
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.events import Renames, Scaling
from na62dump.geometry import Geometry
from na62dump.histograms import NOMINAL, Declarations
from na62dump.reconstruction import FinalState, Matching
from na62dump.regions import Plane, Planes

SHARED = ("regions", "histograms", "experiment/geometry", "experiment/matching", "experiment/columns")
"""Files of config/ that every analysis reads beside its own."""


class AnalysisFile(Settings):
    """One analysis: a file of config/.

    Attributes
    ----------
    selection, regions : str
        Its file in selections/, and its table in regions.toml.
    samples, histograms : tuple of str
        What it reads if nothing else is asked for, and which histograms of histograms.toml it fills.
    final_state : FinalState
        What tracks and clusters are taken for.
    cuts : mapping
        Numbers of the selection, with units.
    hidden_with : tuple of str
        Other analyses of the same events, or families of them: what is hidden under one of them is hidden here. An empty
        list is a statement, and has to be written.
    variations : tuple of str
        Names in variations.toml.
    variation : mapping of str to Variation
        Variations of its own.
    keep : Keep
        What is kept for backgrounds.
    """

    selection: str
    regions: str
    samples: Many[str]
    histograms: Many[str]
    final_state: FinalState
    cuts: Mapping[str, Any]
    hidden_with: Many[str]
    variations: Many[str] = ()
    variation: Mapping[str, Variation] = {}
    keep: Keep = Keep()


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
    plane : Plane
        Its regions.
    geometry, matching, renames, declarations
        The experiment (mm, ns), the names of columns, and the histograms.
    variations : mapping of str to Varied
        Numbers of each systematic variation; the nominal ones are first.
    kin : mapping of str to Kin
        Other analyses of the same events.
    """

    name: str
    path: Path
    file: AnalysisFile
    selection: SelectionFile
    plane: Plane
    geometry: Geometry
    matching: Matching
    renames: Renames
    declarations: Declarations
    variations: Mapping[str, Varied]
    kin: Mapping[str, Kin]

    @property
    def cuts(self) -> Settings:
        """Nominal numbers of the requirements, in base units."""
        return self.variations[NOMINAL].cuts

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Every view of the events under which data are hidden."""
        scalings = tuple(varied.scaling for varied in self.variations.values())
        return views(self.name, Kin(self.file.final_state, self.plane, scalings), kin=dict(self.kin))

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
        dumped = {name: model.model_dump(mode="json", exclude_none=True) for name, model in models.items()}
        varied = {name: varied.to_json() for name, varied in self.variations.items() if name != NOMINAL}
        kin = {name: other.to_json() for name, other in self.kin.items()}
        made_of = {"selection": sources, "masses": self.file.final_state.all_masses}
        return {"version": __version__, **made_of, **dumped, "variations": varied, "hidden_with": kin}

    @property
    def digest(self) -> str:
        """Analysis digest: the same for the same selection, numbers, regions, experiment and package version."""
        return provenance.digest(self.values)

    def run_digest(self, opened: Collection[str]) -> str:
        """Digest that results are kept under: the analysis digest, what is open, and what is booked."""
        booked = self.declarations.model_dump(mode="json")
        kept = self.file.keep.model_dump(mode="json", exclude_none=True)
        return provenance.digest({"analysis": self.digest, "open": sorted(opened), "histograms": booked, "keep": kept})

    def save(self, folder: Path) -> None:
        """Copy every file that the analysis is made of below a folder, so that a run keeps them as they were."""
        (folder / "selections").mkdir(parents=True, exist_ok=True)
        family = _family(self)
        for search in reversed(family.values()):
            for name, text in search.selection.sources.items():
                (folder / "selections" / f"{name}.py").write_text(text, encoding="utf-8")
        named = [name for search in family.values() for name in search.file.hidden_with]
        others = (*SHARED, *([VARIATIONS] if self.variations else []), *family, *named)
        shared = {name: conf.find(name, near=self.path.parent) for name in others}
        for name, source in {**shared, self.name: self.path}.items():
            target = folder / "config" / f"{name}.toml"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())


def recorded(analysis: Analysis, names: Collection[str]) -> dict[str, Analysis]:
    """An analysis, and those of the others of the same events that a blinding record names, from beside it."""
    others = [name for name in analysis.kin if name in names]
    return {analysis.name: analysis} | {name: load(str(analysis.path.parent / f"{name}.toml")) for name in others}


def _family(analysis: Analysis) -> dict[str, Analysis]:
    """An analysis, the others of the same events, those that these name, and so on: all that their digests need."""
    found = {analysis.name: analysis}
    waiting = list(analysis.kin)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = load(str(conf.find(name, near=analysis.path.parent)))
            waiting += found[name].kin
    return found


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
    refuse_family(path)
    file = conf.load(path, AnalysisFile)
    near = path.parent
    regions, histograms, geometry, matching, columns = (conf.find(key, near=near) for key in SHARED)
    neighbour = near if (near / f"{file.selection}.py").is_file() else near.parent / "selections"
    with _named_by(path, "selection"):
        requirements = conf.find(file.selection, kind="selections", suffix=".py", near=neighbour)
    selection, planes = load_selection(requirements), conf.load(regions, Planes)
    _check_singles(path, file, selection)
    with _named_by(path, "regions"):
        plane = planes[file.regions]
    with _named_by(path, "histograms"):
        declarations = conf.load(histograms, Declarations).only(file.histograms)
    with _named_by(path, "hidden_with"):
        _require_names(file.hidden_with)
        listed = [Path(other) for name in file.hidden_with for other in members(name, near=near)]
        kin = {other.stem: _kin(str(other), near, planes) for other in listed if other.stem != path.stem}
    check_geometry({path.stem: plane, **{name: other.plane for name, other in kin.items()}}, where=str(path))
    return Analysis(
        name=path.stem,
        path=path,
        file=file,
        selection=selection,
        plane=plane,
        geometry=conf.load(geometry, Geometry),
        matching=conf.load(matching, Matching),
        renames=conf.load(columns, Renames),
        declarations=declarations,
        variations=_varied(path, file, selection.cuts),
        kin=kin,
    )


def _check_singles(path: Path, file: AnalysisFile, selection: SelectionFile) -> None:
    if file.keep.singles and not selection.single:
        msg = (
            f"{path}: key 'keep.singles': {selection.path} has no function single(track, cuts) that says what is asked of "
            "one track alone; write it, or keep no single tracks"
        )
        raise ConfigurationError(msg)


def _require_names(names: Sequence[str]) -> None:
    for name in names:
        if Path(name).name != name or name.endswith(".toml") or names.count(name) > 1:
            msg = f"'{name}': give names of analyses beside this one, each once, without folder and ending"
            raise UnknownNameError(msg)


@contextmanager
def _named_by(path: Path, key: str) -> Iterator[None]:
    """Say in which file and under which key an unknown name stands."""
    try:
        yield
    except UnknownNameError as error:
        msg = f"{path}: key '{key}': {error}"
        raise UnknownNameError(msg) from error


def _varied(path: Path, file: AnalysisFile, cuts: type[Settings]) -> dict[str, Varied]:
    found = {NOMINAL: Varied(Scaling(), conf.load_text(file.cuts, cuts, where=f"{path}: [cuts]"), {})}
    for name, variation in chosen(file.variations, file.variation, near=path.parent, where=str(path)).items():
        tables, where = changed(file.cuts, variation.cuts), f"{path}: [variation.{name}.cuts]"
        found[name] = Varied(variation.scaling, conf.load_text(tables, cuts, where=where), variation.cuts)
    return found


def _kin(name: str, near: Path, planes: Planes) -> Kin:
    path = conf.find(name, near=near)
    file = conf.load(path, AnalysisFile)
    own = chosen(file.variations, file.variation, near=near, where=str(path))
    scalings = (Scaling(), *(variation.scaling for variation in own.values()))
    return Kin(file.final_state, planes[file.regions], scalings)
