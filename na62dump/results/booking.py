"""From the selection of one unit to its result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.cutflow import Cutflow
from na62dump.histograms import NOMINAL, Book, fill
from na62dump.results.counts import Counts, tally_regions
from na62dump.results.result import Result
from na62dump.results.state import refuse_candidates
from na62dump.results.varied import Varied
from na62dump.skims import Skim
from na62dump.sums import on_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.cutflow import Selection
    from na62dump.events import Events
    from na62dump.histograms import Declarations
    from na62dump.reconstruction import Rows
    from na62dump.results.state import State

MEETS = "meets."
"""Before the name of a requirement, in the table of rows that fail some: whether a row meets it."""


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
        crowded=0,
        generated_weight=float(on_grid(generated).sum()),
        generated_weight2=float(on_grid(generated * generated).sum()),
        regions=zero.regions,
    )


def book(
    selection: Selection,
    counts: Counts,
    *,
    state: State,
    sample: str,
    declarations: Declarations,
    variation: str = NOMINAL,
    loosened: Sequence[str] = (),
) -> Result:
    """Count, fill and keep what a selection left.

    The results of all variations of a unit add up to that of the unit. What was read is counted, and surviving rows are
    kept, with the nominal one only: else an entry would count once for each variation.

    Parameters
    ----------
    selection : Selection
        Masks over visible rows.
    counts : Counts
        What was read; left out of the result of any variation but the nominal one.
    state : State
        Conditions of the run.
    sample : str
        Sample that the rows are of.
    declarations : Declarations
        Histograms.
    variation : str
        Systematic variation that the rows are of; one that ``state`` names, or the nominal one.
    loosened : sequence of str
        Requirements: with the nominal ones, rows that fail some of these and no other are kept too.

    Returns
    -------
    Result
        Of this unit and this variation alone.

    Raises
    ------
    UnknownNameError
        If there is no such variation.
    BlindingError
        If an open control sample shows rows of data that are candidates in this variation.
    """
    rows = selection.visible.rows
    region = state.plane.of(rows)
    chosen = np.flatnonzero(selection.passed())
    selected = rows.take(chosen)
    if state.samples[sample].kind == "data":
        refuse_candidates(state, selected.columns())
    variations = (NOMINAL, *state.variations)
    histograms = Book.declare(declarations, samples=list(state.samples), regions=state.regions, variations=variations)
    fill(histograms, selection, sample=sample, region=region, variation=variation)
    tally = tally_regions(region[chosen], selected.weight, n_regions=len(state.regions))
    flow, zero = Cutflow.of(selection), Counts.zero(len(state.regions))
    if variation == NOMINAL:
        located = replace(zero, regions=tally)
        loose = _loose(selection, loosened, sample=sample)
        return Result(
            state, {sample: counts + located}, {sample: flow}, histograms, _skim(selected, sample), loose=loose
        )
    nothing = _skim(selected.take(chosen[:0]), sample)
    return Result(state, {sample: zero}, {}, histograms, nothing, varied={sample: {variation: Varied(flow, tally)}})


def _loose(selection: Selection, loosened: Sequence[str], *, sample: str) -> Skim | None:
    """Rows that fail some of the loosened requirements and no other, with what they meet of these."""
    if not loosened:
        return None
    masks = {name: selection.masks[name] for name in loosened}
    failed = sum(~mask for mask in masks.values())
    chosen = np.flatnonzero((selection.failures == failed) & (failed > 0))
    kept = _skim(selection.visible.rows.take(chosen), sample)
    return Skim({**kept.columns, **{f"{MEETS}{name}": mask[chosen] for name, mask in masks.items()}})


def _skim(rows: Rows, sample: str) -> Skim:
    first = np.searchsorted(rows.index, rows.index)  # where the rows of each event begin
    order = np.arange(len(rows), dtype=np.int64) - first
    return Skim({"sample": np.full(len(rows), sample), **rows.columns(), "row": order})
