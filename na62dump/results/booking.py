"""From the selection of one unit to its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.cutflow import Cutflow
from na62dump.histograms import Book, fill
from na62dump.reconstruction import LEG, LEGS, PAIR
from na62dump.results.counts import Counts, tally_regions
from na62dump.results.result import Result
from na62dump.skims import Skim
from na62dump.sums import on_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.cutflow import Selection
    from na62dump.events import Events
    from na62dump.histograms import Declarations
    from na62dump.reconstruction import Rows
    from na62dump.results.result import State


def count_entries(events: Events, good: NDArray[np.bool_], *, state: State, sample: str) -> Counts:
    """Count what was read, before any pair exists.

    Parameters
    ----------
    events : Events
        All events of the unit.
    good : bool[event]
        Whether each is in a good burst.
    state : State
        Conditions of the run.
    sample : str
        Sample that the events are of.

    Returns
    -------
    Counts
        Entries and generated weights (without unit); regions still zero.
    """
    zero = Counts.zero(len(state.regions))
    generated = np.zeros(0)
    if state.samples[sample].kind == "simulation":
        generated = events["weight"].astype(np.float64)
    return Counts(
        entries=len(events),
        bad_burst=int(np.count_nonzero(~good)),
        generated_weight=float(on_grid(generated).sum()),
        generated_weight2=float(on_grid(generated * generated).sum()),
        regions=zero.regions,
    )


def book(selection: Selection, counts: Counts, *, state: State, sample: str, declarations: Declarations) -> Result:
    """Count, fill and keep what a selection left.

    Parameters
    ----------
    selection : Selection
        Masks over visible rows.
    counts : Counts
        What was read.
    state : State
        Conditions of the run.
    sample : str
        Sample that the rows are of.
    declarations : Declarations
        Histograms.

    Returns
    -------
    Result
        Of this unit alone.
    """
    rows = selection.visible.rows
    region = state.plane.of(rows)
    chosen = np.flatnonzero(selection.passed())
    selected = rows.take(chosen)
    histograms = Book.declare(declarations, samples=list(state.samples), regions=state.regions)
    fill(histograms, selection, sample=sample, region=region)
    tally = tally_regions(region[chosen], selected.weight, n_regions=len(state.regions))
    located = Counts(0, 0, 0.0, 0.0, tally)
    return Result(
        state,
        {sample: counts + located},
        {sample: Cutflow.of(selection)},
        histograms,
        _skim(selected, sample),
    )


def _skim(rows: Rows, sample: str) -> Skim:
    names = [*PAIR, *(f"{leg}.{quantity}" for leg in LEGS for quantity in LEG)]
    first = np.searchsorted(rows.index, rows.index)  # where the rows of each event begin
    columns = {name: rows.quantity(name) for name in names if rows.has(name)}
    order = np.arange(len(rows), dtype=np.int64) - first
    return Skim({"sample": np.full(len(rows), sample), **columns, "row": order})
