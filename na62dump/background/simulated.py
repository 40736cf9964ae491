"""Simulated events through the selection of a search, without a file between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from na62dump import configuration as conf
from na62dump import simulation
from na62dump.datasets import Sample
from na62dump.reconstruction import build
from na62dump.regions import Policy, blind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from na62dump.analysis import Analysis
    from na62dump.cutflow import Selection
    from na62dump.events import Events

BURST = 1
"""All events are those of one burst."""


def recipe(analysis: Analysis, sample: str, *, changes: Mapping[str, Any]) -> simulation.Recipe:
    """Recipe of a sample, changed.

    Parameters
    ----------
    analysis : Analysis
        The search.
    sample : str
        Name of a sample in config/samples/.
    changes : mapping
        Keys of its recipe to give another value; None takes a key away.

    Returns
    -------
    SignalRecipe, HaloRecipe or PromptRecipe
        Base units.

    Raises
    ------
    ConfigurationError, UnknownNameError
        If there is no such sample, or what is changed is not allowed.
    """
    declared = conf.load(conf.find(f"samples/{sample}", near=analysis.path.parent), Sample)
    table = {key: value for key, value in (dict(declared.simulate or {}) | dict(changes)).items() if value is not None}
    return simulation.recipe(declared.model_copy(update={"simulate": table}), where=sample)


def response(analysis: Analysis) -> simulation.Response:
    """Response of the detectors, from beside a search or as shipped."""
    return conf.load(conf.find("experiment/response", near=analysis.path.parent), simulation.Response)


def put_through(
    analysis: Analysis,
    it: simulation.Recipe,
    *,
    spectrum: simulation.Spectrum | None = None,
    muons: simulation.Incident | None = None,
) -> Iterator[tuple[Events, Selection]]:
    """Simulated events and what an analysis selects of them, chunk by chunk.

    Parameters
    ----------
    analysis : Analysis
        The search.
    it : SignalRecipe, HaloRecipe or PromptRecipe
        What to simulate.
    spectrum : Spectrum, optional
        Instead of the one in the recipe of a signal.
    muons : Incident, optional
        Instead of those in the recipe of prompt pairs; mm, MeV/c.

    Yields
    ------
    Events, Selection
        Some events, in mm, ns, MeV, and masks over all their rows.
    """
    given = response(analysis)
    for events in simulation.generate(
        it, analysis.geometry, response=given, burst=BURST, spectrum=spectrum, muons=muons
    ):
        every = build(events, analysis.geometry, matching=analysis.matching, final_state=analysis.file.final_state)
        visible = blind(every, [analysis.plane], policy=Policy("simulation"))
        yield events, analysis.selection.select(visible, analysis.cuts)
