"""Figures of two variables: one panel a sample; where data are hidden there is a mask."""

from __future__ import annotations

from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.ticker import MaxNLocator, NullLocator

from na62dump.plotting.heading import entries, head, heading_height, kind, per_bin, protons, stage
from na62dump.plotting.legend import LETTERS
from na62dump.plotting.outlines import Frame, overlay
from na62dump.plotting.seen import hidden_in, is_data, seen
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet, write
from na62dump.plotting.style import FAINT, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from na62dump.histograms import Axis
    from na62dump.plotting.seen import Seen
    from na62dump.regions import Plane
    from na62dump.results import Result

WIDTH, DOWN = 5.6, 3.2
"""Size of the axes of one panel, in."""

TITLE = 0.55
"""Height of the two lines above a panel, in."""

BAR, BAR_GAP, BAR_LABELS = 0.16, 0.1, 0.85
"""Width of the colour bar, of the gap before it, and of the labels after it, in."""

COLUMNS = 2
"""Most panels side by side."""

LOG_FROM = 30.0
"""Highest over lowest content from which colours are logarithmic."""

LOG_SPAN = 1e4
"""Largest span of a logarithmic colour bar: weights may differ by much more than can be told apart."""

FEW = 300
"""Filled cells up to which each is drawn a little larger, so that none is overlooked."""

FEW_EDGE = 1.6
"""Width of the edge that makes it larger, points."""

COLOURS = ListedColormap(colormaps["viridis"](np.linspace(0, 0.75, 256)))
"""Colours of contents: viridis without its yellow, which cannot be seen on white."""


class Axes2(NamedTuple):
    """Horizontal and vertical axis, and whether they are the first and second of the histogram."""

    across: Axis
    up: Axis
    in_order: bool


def panels(result: Result, name: str, *, plane: Plane) -> Figure:
    """Draw one histogram of two variables, one panel a sample.

    Parameters
    ----------
    result : Result
        What a run gave.
    name : str
        The histogram; the regions are drawn if its axes are the columns of the plane.
    plane : Plane
        The regions; their second column is drawn along the horizontal axis, as in the papers.

    Returns
    -------
    Figure
        The panels, each with its colour bar.
    """
    samples = list(result.state.samples)
    columns = min(COLUMNS, len(samples))
    across = LEFT + WIDTH + BAR_GAP + BAR + BAR_LABELS
    down = TITLE + DOWN + BELOW
    height = heading_height(result.state)
    figure = sheet(columns * across + MARGIN, height + -(-len(samples) // columns) * down)
    head(figure, result, what=stage(result.book.declarations.histograms[name]))
    for number, sample in enumerate(samples):
        view = seen(result, name, sample=sample)
        left, top = LEFT + number % columns * across, height + number // columns * down
        _title(figure, result, sample, view=view, left=left, top=top)
        axes = place(figure, left=left, top=top + TITLE, width=WIDTH, height=DOWN)
        bar = place(figure, left=left + WIDTH + BAR_GAP, top=top + TITLE, width=BAR, height=DOWN)
        _panel(figure, axes, bar, result=result, name=name, sample=sample, view=view, plane=plane)
    return figure


def is_plane(axes: tuple[Axis, ...], plane: Plane) -> bool:
    """Whether axes are the two columns of a plane, in any order."""
    return sorted(axis.variable for axis in axes) == sorted(plane.columns)


def _title(figure: Figure, result: Result, sample: str, *, view: Seen, left: float, top: float) -> None:
    state = result.state.samples[sample]
    beyond = f"{view.out_of_range:.6g} out of range" if view.out_of_range else ""
    write(figure, shorten(state.label, LETTERS, placeholder="..."), left=left, top=top, fontsize=SMALL)
    line = ", ".join(filter(None, (kind(state), protons(result, [sample]), beyond)))
    write(figure, line, left=left, top=top + TITLE / 2, fontsize=SMALL, color=FAINT)


def orient(axes: tuple[Axis, ...], plane: Plane) -> Axes2:
    """Which of two axes lies across: of a plane its second column, as in the papers."""
    first, second = axes
    if is_plane(axes, plane) and first.variable == plane.columns[0]:
        return Axes2(second, first, in_order=False)
    return Axes2(first, second, in_order=True)


def _panel(
    figure: Figure, axes: Axes, bar: Axes, *, result: Result, name: str, sample: str, view: Seen, plane: Plane
) -> None:
    declared = tuple(result.book.declarations.axes_of(name).values())
    ways = orient(declared, plane)
    contents = view.values[view.inside]
    cells = np.ma.masked_equal(contents.T if ways.in_order else contents, 0)
    edges = [np.linspace(axis.low, axis.high, axis.bins + 1) for axis in (ways.across, ways.up)]
    edge = FEW_EDGE if cells.count() <= FEW else 0
    look: dict[str, Any] = {"cmap": COLOURS, "edgecolors": "face", "linewidth": edge, "rasterized": True}
    paint = partial(axes.pcolormesh, *edges, cells, norm=norm(cells), **look)
    mesh = paint()
    axes.set(xlabel=ways.across.title, ylabel=ways.up.title)
    axes.set(xlim=(ways.across.low, ways.across.high), ylim=(ways.up.low, ways.up.high))
    if is_plane(declared, plane):
        frame = Frame(ways.across.factor, ways.up.factor)
        overlay(axes, plane, hidden=hidden_in(result.state, sample), frame=frame, paint=paint)
    if not cells.count():
        bar.set_axis_off()
        return
    figure.colorbar(mesh, cax=bar)
    if is_data(result.state, sample) and not isinstance(mesh.norm, LogNorm):
        bar.yaxis.set_major_locator(MaxNLocator(integer=True))
        bar.yaxis.set_minor_locator(NullLocator())
    what = entries(*declared).capitalize() if is_data(result.state, sample) else "Sum of weights"
    bar.set_ylabel(f"{what} / ({per_bin(ways.across)} \N{MULTIPLICATION SIGN} {per_bin(ways.up)})")


def norm(cells: np.ma.MaskedArray[tuple[int, ...], np.dtype[np.float64]]) -> Normalize:
    """Colours over the contents, float64[up, across], without unit; logarithmic if they differ much."""
    if not cells.count():
        return Normalize(0, 1)
    low, high = float(cells.min()), float(cells.max())
    if high > LOG_FROM * low > 0:
        return LogNorm(max(low, high / LOG_SPAN), high)
    # of cells with one entry only, none should look like the fullest
    return Normalize(0, max(high, 2 * low))
