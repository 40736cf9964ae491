"""Our halo muons as pseudo-data: the plane with its regions, and the masses of accidental pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from na62dump import analysis, planning, plotting
from na62dump import configuration as conf
from na62dump.background.combinatorial import CombinatorialSettings, combinatorial
from na62dump.background.mixing import pool
from na62dump.background.tables import table
from na62dump.datasets import TriggerLines
from na62dump.inference.counts.shapes import Shape, shape_of
from na62dump.runner import Local
from na62dump.studies.pseudo_data import select, simulate

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.inference.settings import Inference
    from na62dump.plotting.files import Figures
    from na62dump.studies.stages import Stage

SEARCH, SAMPLE = "mumu", "demo_data"
SIGNAL = "SR"
SHOWN = ("plane", "mass")
"""Histograms that are drawn."""


class Halo(NamedTuple):
    """What halo muons tell.

    Attributes
    ----------
    shape : Shape or None
        Masses of accidental pairs.
    remark : str
        Where the shape is from.
    figures : mapping of str to Figure
        To be written by `plotting.save`.
    """

    shape: Shape | None
    remark: str
    figures: Figures


def halo(folder: Path, *, bursts: int, settings: Inference, stage: Stage) -> Halo:
    """Simulate, select, and mix single muons.

    Parameters
    ----------
    folder : Path
        Gets ntuples and run; what is there is not made again.
    bursts : int
        Of pseudo-data.
    settings : Inference
        How many entries make a shape.
    stage : Stage
        Tells how far it is.

    Returns
    -------
    Halo
        Of the search for muons.
    """
    search = analysis.load(SEARCH)
    sample = planning.load_samples([SAMPLE], near=search.path.parent)[SAMPLE]
    samples = {SAMPLE: sample.model_copy(update={"simulate": {**(sample.simulate or {}), "bursts": bursts}})}
    simulate(samples, folder / "ntuples", stage=stage)
    # in this process: the others simulate decays
    here = Local(engine="iterative", workers=1)
    result = select(search, samples, events=folder / "ntuples", folder=folder / SEARCH, execution=here, stage=stage)
    near = search.path.parent
    lines = conf.load(conf.find("experiment/trigger", near=near), TriggerLines)
    how = table(search, "combinatorial", model=CombinatorialSettings)
    figures = {name: figure for name, figure in plotting.draw(result, search.plane).items() if name in SHOWN}
    if how is None:
        return Halo(None, "", figures)
    tracks = pool(result.singles)
    with stage("mixing single muons", len(tracks.bursts)) as done:
        estimate = combinatorial(search, tracks, settings=how, lines=lines, on_progress=done).estimate
    shape, remark = shape_of(estimate, (SIGNAL,), entries=settings.window.entries)
    return Halo(shape, remark, figures)
