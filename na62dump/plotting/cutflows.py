"""The figure of the cutflow: pairs and events left after each requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.cutflow import COUNT, EVENTS, ROWS
from na62dump.plotting.heading import HEIGHT, head
from na62dump.plotting.seen import is_data
from na62dump.plotting.sheet import BELOW, MARGIN, place, sheet
from na62dump.plotting.style import COLOURS, LINES, POINTS, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from na62dump.results import Result

WIDTH, STEP = 3.4, 0.3
"""Width of the axes of pairs and of events, and height of one requirement, in."""

GAP = 0.3
"""Between both, in."""

LETTER = 0.085
"""Mean width of a letter, in."""

LEGEND_ROW, ABOVE_LEGEND = 0.23, 0.35
"""Height of one line of the legend, and free height besides the legend, in."""

LOWEST = 0.5
"""Left end of the axes, below one entry."""

BEYOND = 3.0
"""Right end of the axes over the highest number."""

START = "visible pairs"


def staircase(result: Result) -> Figure:
    """Draw the cutflows of all samples.

    Parameters
    ----------
    result : Result
        What a run gave.

    Returns
    -------
    Figure
        Left the numbers of pairs, right those of events that have one; requirements from top to bottom.
    """
    samples = [name for name in result.state.samples if name in result.cutflow]
    names = (START, *dict.fromkeys(name for sample in samples for name in result.cutflow[sample].names))
    left = MARGIN + LETTER * max(map(len, names)) + MARGIN
    top = HEIGHT + len(samples) * LEGEND_ROW + ABOVE_LEGEND
    figure = sheet(left + 2 * WIDTH + GAP + MARGIN, top + len(names) * STEP + BELOW)
    head(figure, result, what="what is left after each requirement")
    for column, (what, label) in enumerate(((ROWS, "Pairs left"), (EVENTS, "Events left"))):
        axes = place(figure, left=left + column * (WIDTH + GAP), top=top, width=WIDTH, height=len(names) * STEP)
        highest = 1.0
        for sample in samples:
            numbers = result.cutflow[sample].cumulative[what, :, COUNT]
            _stairs(axes, result, sample, numbers=numbers)
            highest = max(highest, float(numbers.max()))
        axes.set(xscale="log", xlim=(LOWEST, BEYOND * highest), ylim=(len(names) - LOWEST, -LOWEST))
        axes.set_xlabel(label)
        axes.set_yticks(range(len(names)), labels=names if column == 0 else [""] * len(names))
        axes.tick_params(axis="y", which="both", length=0)
        axes.grid(axis="x", alpha=0.4)
        if column == 0:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.03), borderpad=0, borderaxespad=0, fontsize=SMALL)
    return figure


def _stairs(axes: Axes, result: Result, sample: str, *, numbers: NDArray[np.float64]) -> None:
    """Draw one sample, whose simulation is a line, and whose data are points: numbers is float64[step], counts."""
    label = result.state.samples[sample].label
    order = [name for name in result.state.samples if is_data(result.state, name) == is_data(result.state, sample)]
    number = order.index(sample)
    edges = np.arange(len(numbers) + 1) - LOWEST
    if is_data(result.state, sample):
        marker, colour = POINTS[number % len(POINTS)]
        axes.plot(
            numbers, np.arange(len(numbers)), marker=marker, color=colour, linestyle="none", markersize=5, label=label
        )
        return
    look = {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)], "linewidth": 1.6}
    axes.stairs(numbers, edges, orientation="horizontal", baseline=None, label=label, **look)
