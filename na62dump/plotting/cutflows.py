"""The figure of the cutflow: candidates and events left after each requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.cutflow import COUNT, EVENTS, ROWS, SUM
from na62dump.plotting.heading import head, heading_height, named
from na62dump.plotting.legend import GAP, legend, legend_height, wrapped
from na62dump.plotting.seen import of_kind, varied_flows
from na62dump.plotting.sheet import BELOW, MARGIN, place, sheet, width_of
from na62dump.plotting.style import of_data, of_simulation
from na62dump.plotting.variations import draw_bands, envelope, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from na62dump.results import Result

WIDTH, STEP = 3.4, 0.3
"""Width of the axes of candidates and of events, and height of one requirement, in."""

BETWEEN = 0.3
"""Between both, in."""

VARIED = 1.6
"""Width of the axes of variations, in."""

BEYOND = 3.0
"""Right end of the axes over the highest number."""

HALF = 1 / 2
"""From the middle of a step to its edge."""

ZERO_WIDTH = 0.4
"""Width of the linear piece from 0 to 1, in decades: zero has a place, though the scale is logarithmic above."""

START = "visible candidates"

WHAT = "what is left after each requirement, entries without weights"
"""What the figure is of."""


def staircase(result: Result) -> Figure:
    """Draw the cutflows of all samples.

    Parameters
    ----------
    result : Result
        What a run gave.

    Returns
    -------
    Figure
        Left the numbers of candidates, right those of events that have one; requirements from top to bottom. Numbers are
        entries, without weights; if simulation was varied, what that changes, in weights, is right of them.
    """
    flows = {name: result.cutflow[name] for name in result.state.samples if name in result.cutflow}
    names = (START, *dict.fromkeys(name for flow in flows.values() for name in flow.names))
    varied = [name for name in of_kind(result, data=False) if name in flows and varied_flows(result, name)]
    first = width_of(names) + 2 * MARGIN
    beside = first + 2 * (WIDTH + BETWEEN)
    top = heading_height(result.state) + legend_height(_label(result, sample) for sample in flows) + GAP
    down = len(names) * STEP
    figure = sheet(beside + (VARIED + MARGIN if varied else MARGIN - BETWEEN), top + down + BELOW)
    words = [WHAT, *(["right: " + listed(v for name in varied for v in varied_flows(result, name))] if varied else [])]
    head(figure, result, what="; ".join(words))
    highest = max([1.0, *(float(flow.cumulative[:, 0, COUNT].max()) for flow in flows.values())])
    for what, title in ((ROWS, "Candidates left"), (EVENTS, "Events left")):
        axes = place(figure, left=first + what * (WIDTH + BETWEEN), top=top, width=WIDTH, height=down)
        _steps(axes, result, what=what)
        axes.set_xscale("symlog", linthresh=1, linscale=ZERO_WIDTH)
        axes.set(xlim=(-HALF, BEYOND * highest), ylim=(len(names) - HALF, -HALF), xlabel=title)
        _ticks(axes, names if what == ROWS else [""] * len(names))
        if what == ROWS:
            legend(axes, height=down)
    if varied:
        axes = place(figure, left=beside, top=top, width=VARIED, height=down)
        _vary(axes, result, varied=varied)
        axes.set_ylim(len(names) - HALF, -HALF)
        _ticks(axes, [""] * len(names))
    return figure


def _label(result: Result, sample: str) -> str:
    return wrapped(named(result.state.samples[sample]))


def _ticks(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), labels=names)
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_off()
    axes.grid(axis="x", alpha=HALF)


def _vary(axes: Axes, result: Result, *, varied: Collection[str]) -> None:
    """Draw what variations change in the weights of the candidates left."""
    bands = []
    for number, sample in enumerate(of_kind(result, data=False)):
        if sample in varied:
            nominal, *others = (
                flow.cumulative[ROWS, :, SUM]
                for flow in (result.cutflow[sample], *varied_flows(result, sample).values())
            )
            bands.append(envelope(nominal, others, look=of_simulation(number)))
    edges = np.arange(max(len(band.low) for band in bands) + 1, dtype=np.float64) - HALF
    draw_bands(axes, bands, edges=edges, orientation="horizontal")


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
