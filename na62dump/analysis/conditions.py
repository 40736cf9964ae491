"""Under which conditions an analysis is run: what every result says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.events import Scaling
from na62dump.histograms import NOMINAL
from na62dump.regions import NOTHING
from na62dump.results import Look, SampleState, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.analysis.assembly import Analysis
    from na62dump.datasets import Plan
    from na62dump.regions import Opened, Plane


def labels(analysis: Analysis, opened: Mapping[str, Opened]) -> tuple[str, ...]:
    """Names of what is open, regions and control samples: of the analysis, then, as in ``"CR of kk"``, of its kin."""
    own = sorted(_regions(analysis.name, opened))
    others = [f"{region} of {name}" for name in analysis.kin for region in sorted(_regions(name, opened))]
    return (*own, *others)


def conditions(analysis: Analysis, plan: Plan, *, opened: Mapping[str, Opened]) -> State:
    """State of the results of an analysis over a plan.

    Parameters
    ----------
    analysis : Analysis
        The search.
    plan : Plan
        What it reads.
    opened : mapping of str to Opened
        What has been opened, for it and for others of the same events.

    Returns
    -------
    State
        What every result says of itself.
    """
    own = _regions(analysis.name, opened)
    return State(
        analysis=analysis.name,
        digest=analysis.digest,
        run_digest=analysis.run_digest(labels(analysis, opened)),
        opened=tuple(sorted(own)),
        hidden=tuple(sorted(analysis.plane.hidden - own)),
        plane=analysis.plane,
        samples={
            sample: SampleState(kind=declared.kind, label=declared.label, simulated=sample in plan.simulated)
            for sample, declared in plan.samples.items()
        },
        variations=tuple(name for name in analysis.variations if name != NOMINAL),
        also_hidden=tuple(
            f"{region} of {name}"
            for name, kin in analysis.kin.items()
            for region in sorted((kin.plane.hidden | _open_here(kin.plane, own)) - _regions(name, opened))
        ),
        looks=tuple(_looks(analysis, opened)),
        kept=analysis.file.keep.model_dump(mode="json", exclude_none=True),
    )


def _open_here(plane: Plane, own: frozenset[str]) -> frozenset[str]:
    """Control samples that the analysis itself has opened, and that hide rows until those of the others are open too."""
    return frozenset(control.name for control in plane.control if control.name in own)


def _looks(analysis: Analysis, opened: Mapping[str, Opened]) -> list[Look]:
    """Views that the values of a row can tell: of as many photons, and of the tracks alone."""
    state = analysis.file.final_state
    own = (state.charged, state.photons)
    told = [
        (view, view.final_state.photons < state.photons)
        for view in analysis.views
        if view.scaling == Scaling() and view.look[:2] in {own, (state.charged, 0)}
    ]
    return [
        Look(
            analysis=view.analysis,
            plane=view.plane,
            opened=tuple(sorted(_regions(view.analysis, opened))),
            bare=bare,
        )
        for view, bare in told
        if bare or view.analysis != analysis.name
    ]


def _regions(name: str, opened: Mapping[str, Opened]) -> frozenset[str]:
    return opened.get(name, NOTHING).regions
