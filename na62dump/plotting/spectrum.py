"""Figures of one variable: data as points, simulation as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mplhep
import numpy as np
from mplhep.error_estimation import poisson_interval

from na62dump.plotting.heading import HEIGHT, head, stage
from na62dump.plotting.seen import of_kind, seen, selected
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.style import COLOURS, LINES, POINTS, SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.histograms import Axis
    from na62dump.plotting.seen import Seen
    from na62dump.results import Result

WIDTH, DOWN = 6.8, 4.2
"""Size of the axes, in."""

LEGEND_ROW = 0.23
"""Height of one line of the legend, in."""

ABOVE_LEGEND = 0.3
"""Free height between heading and axes, besides the legend, in."""

HEADROOM = 1.1
"""Top of the vertical axis over the highest point."""


@dataclass(frozen=True)
class Scale:
    """What a line of simulation is multiplied by, and how the legend says so.

    Attributes
    ----------
    factor : float
        Without unit.
    words : str
        For the legend.
    """

    factor: float
    words: str


def spectrum(result: Result, name: str, *, expected: Mapping[str, float] | None) -> Figure:
    """Draw one histogram of one variable, all samples in one.

    Parameters
    ----------
    result : Result
        What a run gave.
    name : str
        The histogram.
    expected : mapping of str to float or None
        Number of selected rows that each sample of simulation is to stand for; None for shapes.

    Returns
    -------
    Figure
        The legend is above the axes, so that it hides nothing.
    """
    rows = len(result.state.samples)
    figure = sheet(LEFT + WIDTH + MARGIN, HEIGHT + rows * LEGEND_ROW + ABOVE_LEGEND + DOWN + BELOW)
    head(figure, result, what=stage(result.book.declarations.histograms[name]))
    top = HEIGHT + rows * LEGEND_ROW + ABOVE_LEGEND
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    (axis,) = result.book.declarations.axes_of(name).values()
    edges = np.linspace(axis.low, axis.high, axis.bins + 1)
    views = {sample: seen(result, name, sample=sample) for sample in result.state.samples}
    data = of_kind(result, data=True)
    counted = sum(views[sample].in_range for sample in data)
    highest = [0.0]
    for number, sample in enumerate(of_kind(result, data=False)):
        scale = _scale(result, sample, view=views[sample], counted=counted, expected=expected)
        label = f"{result.state.samples[sample].label}: {scale.words}"
        highest.append(_line(axes, views[sample], edges=edges, number=number, factor=scale.factor, label=label))
    for number, sample in enumerate(data):
        label = f"{result.state.samples[sample].label}: {_counted(views[sample], axis)}"
        highest.append(_points(axes, views[sample], edges=edges, number=number, label=label))
    _finish(axes, axis, edges=edges, highest=max(highest), fraction=not (counted or expected))
    return figure


def _scale(result: Result, sample: str, *, view: Seen, counted: float, expected: Mapping[str, float] | None) -> Scale:
    if expected is not None:
        total = selected(result, sample)
        words = f"{expected[sample]:.3g} selected pairs expected"
        return Scale(expected[sample] / total if total else 0.0, words)
    if not view.in_range:
        return Scale(0.0, "no entries")
    if counted:
        return Scale(counted / view.in_range, "shape, scaled to data")
    return Scale(1 / view.in_range, "shape, area 1")


def _counted(view: Seen, axis: Axis) -> str:
    beyond = f", {view.out_of_range:.0f} more out of range" if view.out_of_range else ""
    return f"{view.in_range:.0f} {_entries(axis)}{beyond}"


def _entries(axis: Axis) -> str:
    """What an entry of a histogram is."""
    return "entries (two a pair)" if axis.of_legs else "pairs"


def _line(axes: Axes, view: Seen, *, edges: NDArray[np.float64], number: int, factor: float, label: str) -> float:
    heights = view.values[view.inside] * factor
    look = {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)], "linewidth": 1.6}
    mplhep.histplot(heights, edges, histtype="step", yerr=False, ax=axes, flow="none", label=label, **look)
    return float(heights.max())


def _points(axes: Axes, view: Seen, *, edges: NDArray[np.float64], number: int, label: str) -> float:
    heights = view.values[view.inside]
    marker, colour = POINTS[number % len(POINTS)]
    look = {"marker": marker, "color": colour, "markersize": 4, "label": label}
    filled = heights > 0
    if not filled.any():
        # the legend names the sample all the same
        axes.errorbar([], [], yerr=[], linestyle="none", **look)
        return 0.0
    low, high = poisson_interval(heights[filled], view.variances[view.inside][filled])
    errors = np.zeros((2, len(heights)))
    errors[:, filled] = heights[filled] - low, high - heights[filled]
    # an empty bin has no point: hundreds of them along the axis would say nothing
    mplhep.histplot(
        np.where(filled, heights, np.nan), edges, histtype="errorbar", yerr=errors, ax=axes, flow="none", **look
    )
    return float(high.max())


def _finish(axes: Axes, axis: Axis, *, edges: NDArray[np.float64], highest: float, fraction: bool) -> None:
    entries = _entries(axis)
    axes.set_xlabel(axis.title)
    axes.set_ylabel(f"{f'Fraction of {entries}' if fraction else entries.capitalize()} / {per_bin(axis)}")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, highest * HEADROOM or 1)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0, 1.03), borderpad=0, borderaxespad=0, fontsize=SMALL
    )


def per_bin(axis: Axis) -> str:
    """Width of a bin with its unit, such as ``"10 MeV"``."""
    return f"{(axis.high - axis.low) / axis.bins:.4g} {axis.unit}".strip()
