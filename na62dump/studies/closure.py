"""What the simulated detector and the analysis together give: resolutions, and where signal and accidental pairs lie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.background.simulated import put_through, recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump import simulation
    from na62dump.analysis import Analysis
    from na62dump.cutflow import Selection
    from na62dump.events import Events

QUANTITIES = ("cda_tax", "z_tax", "mass", "dt", "cda", "vertex_z")
SIGMA = (16, 84)
"""Percentiles one standard deviation from the median of a normal distribution."""


@dataclass(frozen=True)
class Signal:
    """Selected signal.

    Attributes
    ----------
    values : mapping of str to float64[pair]
        Its `QUANTITIES`, in mm, MeV and ns.
    inside : bool[pair]
        Whether each pair is in the first region, the signal region; without unit.
    """

    values: Mapping[str, NDArray[np.float64]]
    inside: NDArray[np.bool_]

    def half_width(self, name: str) -> float:
        """Half of the central 68% of a quantity, in its unit."""
        low, high = np.percentile(self.values[name], SIGMA)
        return float(high - low) / 2


def simulated(
    analysis: Analysis, sample: str, *, changes: Mapping[str, Any], spectrum: simulation.Spectrum | None = None
) -> Iterator[tuple[Events, Selection]]:
    """Simulated events and what an analysis selects of them, chunk by chunk, without a file between.

    Parameters
    ----------
    analysis : Analysis
        The search.
    sample : str
        Name of a sample in config/samples/.
    changes : mapping
        Keys of its recipe to give another value; None takes a key away.
    spectrum : Spectrum, optional
        Instead of the one in the recipe of a signal.

    Returns
    -------
    iterator of Events, Selection
        Some events, in mm, ns, MeV, and masks over all their rows.
    """
    it = recipe(analysis, sample, changes=changes)
    return put_through(analysis, it, spectrum=spectrum)


def signal(analysis: Analysis, *, mass: str, events: int) -> Signal:
    """Selected pairs of the shipped signal sample, with another mass.

    Parameters
    ----------
    analysis : Analysis
        The search.
    mass : str
        Mass with its unit, such as ``"400 MeV"``.
    events : int
        Decays to simulate.

    Returns
    -------
    Signal
        What the selection leaves.
    """
    parts = []
    for _, selection in simulated(analysis, "demo_signal", changes={"mass": mass, "events": events}):
        rows = selection.visible.rows.take(np.flatnonzero(selection.passed()))
        parts.append([*(rows.quantity(name) for name in QUANTITIES), analysis.plane.of(rows) == 0])
    *values, inside = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Signal(dict(zip(QUANTITIES, values, strict=True)), inside)


def accidental(analysis: Analysis, *, pairs: int, last: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Accidental pairs of halo muons by region.

    Parameters
    ----------
    analysis : Analysis
        The search.
    pairs : int
        Accidental pairs to simulate.
    last : str
        Requirement up to which, in order, the second count is taken.

    Returns
    -------
    every, selected : int64[region]
        Numbers, without unit, of all pairs, and of those that meet the requirements up to the last one.
    """
    size = len(analysis.plane.names)
    every, selected = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    # a little wider than the window of the search: what is far out of time would be thrown away
    halo = {"singles": 0, "pairs": pairs, "keep": "all", "rate": None, "pair_window": "14 ns"}
    for _, selection in simulated(analysis, "halo", changes=halo):
        region = analysis.plane.of(selection.visible.rows)
        names = list(selection.names)
        kept = np.logical_and.reduce([selection.masks[name] for name in names[: names.index(last) + 1]])
        every += np.bincount(region, minlength=size)
        selected += np.bincount(region[kept], minlength=size)
    return every, selected


def suppression(analysis: Analysis, *, sample: str, events: int, vetoes: Sequence[str]) -> dict[tuple[str, ...], int]:
    """How many rows of a sample meet all requirements but some, and those with each choice of the latter.

    Parameters
    ----------
    analysis : Analysis
        The search.
    sample : str
        Name of a sample in config/samples/.
    events : int
        Events to simulate.
    vetoes : sequence of str
        Requirements to ask or not to ask.

    Returns
    -------
    dict of tuple of str to int
        Rows, for each subset of the vetoes.
    """
    subsets = [subset for size in range(len(vetoes) + 1) for subset in combinations(vetoes, size)]
    rows = dict.fromkeys(subsets, 0)
    for _, selection in simulated(analysis, sample, changes={"events": events}):
        others = [mask for name, mask in selection.masks.items() if name not in vetoes]
        for subset in subsets:
            kept = np.logical_and.reduce([*others, *(selection.masks[name] for name in subset)])
            rows[subset] += int(np.count_nonzero(kept))
    return rows
