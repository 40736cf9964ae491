"""From what the kernels wrote to a table of events, truth included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.events import Events, column
from na62dump.simulation.buffers import to_events
from na62dump.simulation.recipe import CHANNELS, FINAL_STATES, Recipe, SignalRecipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.simulation.buffers import Buffers
    from na62dump.simulation.particles import Particles


def assemble(
    recipe: Recipe, burst: int, *, particles: Particles, truth: NDArray[np.void] | None, filled: Buffers, n: int
) -> Events:
    """Table of the events that were written.

    Parameters
    ----------
    recipe : SignalRecipe or HaloRecipe
        Says whether there is truth, and what the particle is.
    burst : int
        Number of the burst.
    particles : Particles
        What the detector kernel saw, MeV/c.
    truth : TRUTH[event] or None
        The exotic particles, where there are any, MeV and mm.
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
    events = to_events(filled, n)
    if not recipe.truth:
        return events
    index = filled.indices[:n]
    daughters, offsets = _daughters(particles, index)
    parents = _parents(recipe, truth, index) if isinstance(recipe, SignalRecipe) and truth is not None else _nothing(n)
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


def _parents(recipe: SignalRecipe, truth: NDArray[np.void], index: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Columns truth_* and the weight of the events with some indices."""
    ones = np.ones(len(index))
    kept = {name: truth[name][index] for name in truth.dtype.names or ()}
    weight = ones
    if recipe.proper_lifetime is not None:
        decay_law = np.exp(-kept["proper_distance"] / recipe.proper_lifetime) / recipe.proper_lifetime
        weight = kept["weight"] * decay_law
    return {
        "weight": weight,
        "truth_pdg": ones * recipe.pdg,
        "truth_mass": ones * recipe.mass,
        "truth_channel": ones * CHANNELS[recipe.channel],
        "truth_final_state": ones * FINAL_STATES[recipe.final_state][0],
        **{f"truth_{name}": values for name, values in kept.items()},
    }


def _nothing(n: int) -> dict[str, NDArray[Any]]:
    """Columns truth_* where there is no exotic particle; every weight is 1."""
    names = ("pdg", "mass", "channel", "final_state", "energy", "x", "y", "z", "proper_distance", "weight")
    return {"weight": np.ones(n), **{f"truth_{name}": np.zeros(n) for name in names}}


def _typed(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: values.astype(column(name).dtype) for name, values in columns.items()}
