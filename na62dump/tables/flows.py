"""Tables of requirements: what they leave, what they remove, and how they go together."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

from na62dump.cutflow import COUNT, EVENTS, ROWS, SUM, SUM2
from na62dump.histograms import NOMINAL
from na62dump.tables.samples import opened
from na62dump.tables.table import Table, number, ratio

if TYPE_CHECKING:
    from na62dump.cutflow import Cutflow
    from na62dump.results import Result

STRONGEST = 15
"""Pairs of requirements that the terminal shows."""


def cutflow(result: Result, sample: str, *, variation: str = NOMINAL) -> Table:
    """Cutflow of one sample: what is left after each requirement, for rows and events, with efficiencies.

    Parameters
    ----------
    result : Result
        What a run gave.
    sample : str
        Name of a sample.
    variation : str
        Name of a systematic variation.

    Returns
    -------
    Table
        Numbers of rows and events; for simulation also sum of weights and its error.
    """
    flow, declared = result.of(sample, variation=variation).cutflow, result.state.samples[sample]
    weighted = declared.kind == "simulation"
    head = ("requirement", "rows", "events", "of the step before", "of all")
    rows = []
    for step, name in enumerate(("visible candidates", *flow.names)):
        left = [number(flow.cumulative[what, step, COUNT]) for what in (ROWS, EVENTS)]
        before = flow.cumulative[ROWS, max(step - 1, 0), COUNT]
        every = flow.cumulative[ROWS, 0, COUNT]
        weights = (flow.cumulative[ROWS, step, SUM], flow.cumulative[ROWS, step, SUM2] ** 0.5) if weighted else ()
        rows.append((name, *left, ratio(left[0], before), ratio(left[0], every), *map(float, weights)))
    entries = result.counts[sample].entries
    varied = "" if variation == NOMINAL else f", varied: {variation}"
    title = f"{declared.label} [{sample}{varied}]: {entries} entries read; {opened(result)}"
    return Table(title, (*head, *(("sum of weights", "its error") if weighted else ())), tuple(rows))


def removed(flow: Cutflow, *, title: str) -> Table:
    """What each requirement removes: N-1 counts, first failures, and what it alone removes.

    Parameters
    ----------
    flow : Cutflow
        Of one sample.
    title : str
        What it is of.

    Returns
    -------
    Table
        Numbers of rows.
    """
    first, only = flow.first_failure(), flow.only_failure()
    rows = tuple(
        (
            name,
            number(flow.alone[ROWS, i, COUNT]),
            number(flow.all_but[ROWS, i, COUNT]),
            number(first[ROWS, i, COUNT]),
            number(only[ROWS, i, COUNT]),
        )
        for i, name in enumerate(flow.names)
    )
    return Table(title, ("requirement", "meets it", "meets all others", "first to remove", "alone removes"), rows)


def correlations(flow: Cutflow, *, title: str, most: int | None = None) -> Table:
    """How requirements go together: pairs by falling size of their correlation, undefined ones last.

    Parameters
    ----------
    flow : Cutflow
        Of one sample.
    title : str
        What it is of.
    most : int, optional
        Number of pairs, the strongest, of those that are defined; all pairs if left out.

    Returns
    -------
    Table
        Number of rows that meet both, what it would be were they independent, and the phi coefficient.
    """
    phi, rows = flow.correlation(), float(flow.cumulative[ROWS, 0, COUNT])
    pairs: list[tuple[str, str, int | float, float | None, float | None]] = []
    for i, j in combinations(range(len(flow.names)), 2):
        known = not math.isnan(phi[i, j])
        expected = ratio(float(flow.both[i, i] * flow.both[j, j]), rows)
        meet = number(flow.both[i, j])
        pairs.append((flow.names[i], flow.names[j], meet, expected, float(phi[i, j]) if known else None))
    ordered = sorted(pairs, key=lambda pair: -1.0 if pair[-1] is None else abs(pair[-1]), reverse=True)
    shown = ordered if most is None else [pair for pair in ordered if pair[-1] is not None][:most]
    said = title if len(shown) == len(pairs) else f"{title}; the strongest {len(shown)} of {len(pairs)} pairs"
    head = ("requirement", "and", "rows that meet both", "if independent", "correlation (phi)")
    return Table(said, head, tuple(shown))
