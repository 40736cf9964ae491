"""From what the kernels wrote to a table of events, truth included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.events import Events, column
from na62dump.simulation.buffers import to_events
from na62dump.simulation.final_states import parse
from na62dump.simulation.processes import CHANNELS, HaloRecipe, PromptRecipe, SignalRecipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.simulation.buffers import Buffers
    from na62dump.simulation.particles import Particles
    from na62dump.simulation.recipe import Recipe


def assemble(
    recipe: Recipe, burst: int, *, particles: Particles, truth: NDArray[np.void] | None, filled: Buffers, n: int
) -> Events:
    """Table of the events that were written.

    Parameters
    ----------
    recipe : SignalRecipe, HaloRecipe or PromptRecipe
        Says whether there is truth, and what the particle is.
    burst : int
        Number of the burst.
    particles : Particles
        What the detector kernel saw, MeV/c.
    truth : TRUTH[event] or None
        What the particles come from, where that is known, MeV and mm.
    filled : Buffers
        What it wrote.
    n : int
        Number of events in there.

    Returns
    -------
    Events
        In the table's units; with the columns of simulation only if the recipe asks for truth.
    """
    filled.events["run"][:n] = recipe.run
    filled.events["burst"][:n] = burst
    events = to_events(filled, n, optional=recipe.rich)
    if not recipe.truth:
        return events
    index = filled.indices[:n]
    daughters, offsets = _daughters(particles, index)
    parents = _nothing(n)
    if truth is not None and not isinstance(recipe, HaloRecipe):
        parents |= _parents(recipe, truth[index])
    return Events(n, {**events.columns, **_typed(parents), **_typed(daughters)}, {**events.offsets, "Truth": offsets})


def _daughters(particles: Particles, index: NDArray[np.int64]) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
    """Columns Truth_* of the events with some indices, and their offsets."""
    count = particles.counts[index]
    rows = index[:, None] * particles.per_event + np.arange(particles.per_event)
    rows = rows[np.arange(particles.per_event) < count[:, None]]
    made = particles.rows[rows]
    columns = {
        "Truth_pdg": made["pdg"],
        "Truth_px": made["px"],
        "Truth_py": made["py"],
        "Truth_pz": made["pz"],
    }
    return columns, np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(count)])


def _parents(recipe: SignalRecipe | PromptRecipe, truth: NDArray[np.void]) -> dict[str, NDArray[Any]]:
    """Columns truth_* and the weights of events whose particles come from one; it is exotic in a signal only."""
    ones = np.ones(len(truth))
    columns = {f"truth_{name}": truth[name] for name in truth.dtype.names or ()}
    columns["truth_final_state"] = ones * parse(recipe.final_state).number
    if isinstance(recipe, PromptRecipe):
        return columns
    columns |= {"truth_pdg": ones * recipe.pdg, "truth_channel": ones * CHANNELS[recipe.channel]}
    if recipe.proper_lifetime is not None:
        decay_law = np.exp(-truth["proper_distance"] / recipe.proper_lifetime) / recipe.proper_lifetime
        columns["weight"] = truth["weight"] * decay_law
    return columns


def _nothing(n: int) -> dict[str, NDArray[Any]]:
    """Columns truth_* where there is no exotic particle; every weight is 1."""
    names = ("pdg", "mass", "channel", "final_state", "energy", "x", "y", "z", "proper_distance", "weight")
    return {"weight": np.ones(n), **{f"truth_{name}": np.zeros(n) for name in names}}


def _typed(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: values.astype(column(name).dtype) for name, values in columns.items()}
