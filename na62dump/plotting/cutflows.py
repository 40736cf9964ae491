"""The figure of the cutflow: pairs and events left after each requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.cutflow import COUNT, EVENTS, ROWS
from na62dump.plotting.heading import HEIGHT, head, named
from na62dump.plotting.legend import GAP, legend, legend_height, wrapped
from na62dump.plotting.seen import of_kind
from na62dump.plotting.sheet import BELOW, MARGIN, place, sheet
from na62dump.plotting.style import of_data, of_simulation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from na62dump.results import Result

WIDTH, STEP = 3.4, 0.3
"""Width of the axes of pairs and of events, and height of one requirement, in."""

BETWEEN = 0.3
"""Between both, in."""

LETTER = 0.085
"""Mean width of a letter, in."""

BEYOND = 3.0
"""Right end of the axes over the highest number."""

HALF = 1 / 2
"""From the middle of a step to its edge."""

ZERO_WIDTH = 0.4
"""Width of the linear piece from 0 to 1, in decades: zero has a place, though the scale is logarithmic above."""

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
        Left the numbers of pairs, right those of events that have one; requirements from top to bottom. Numbers are
        entries, without weights.
    """
    flows = {name: result.cutflow[name] for name in result.state.samples if name in result.cutflow}
    names = (START, *dict.fromkeys(name for flow in flows.values() for name in flow.names))
    left = LETTER * max(map(len, names)) + 2 * MARGIN
    top = HEIGHT + legend_height(_label(result, sample) for sample in flows) + GAP
    down = len(names) * STEP
    figure = sheet(left + 2 * WIDTH + BETWEEN + MARGIN, top + down + BELOW)
    head(figure, result, what="what is left after each requirement, entries without weights")
    highest = max([1.0, *(float(flow.cumulative[:, 0, COUNT].max()) for flow in flows.values())])
    for what, title in ((ROWS, "Pairs left"), (EVENTS, "Events left")):
        axes = place(figure, left=left + what * (WIDTH + BETWEEN), top=top, width=WIDTH, height=down)
        _steps(axes, result, what=what)
        axes.set_xscale("symlog", linthresh=1, linscale=ZERO_WIDTH)
        axes.set(xlim=(-HALF, BEYOND * highest), ylim=(len(names) - HALF, -HALF), xlabel=title)
        axes.set_yticks(range(len(names)), labels=names if what == ROWS else [""] * len(names))
        axes.tick_params(axis="y", which="both", length=0)
        axes.minorticks_off()
        axes.grid(axis="x", alpha=HALF)
        if what == ROWS:
            legend(axes, height=down)
    return figure


def _label(result: Result, sample: str) -> str:
    return wrapped(named(result.state.samples[sample]))


def _steps(axes: Axes, result: Result, *, what: int) -> None:
    """Draw all samples: simulation is a line, data are points."""
    for data in (False, True):
        for number, sample in enumerate(of_kind(result, data=data)):
            if sample not in result.cutflow:
                continue
            left = result.cutflow[sample].cumulative[what, :, COUNT]
            label = _label(result, sample)
            if data:
                axes.plot(left, np.arange(len(left)), label=label, clip_on=False, **of_data(number))
            else:
                edges = np.arange(len(left) + 1) - HALF
                look = of_simulation(number)
                axes.stairs(left, edges, orientation="horizontal", baseline=None, label=label, **look)
