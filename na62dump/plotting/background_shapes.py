"""Histograms of the expectation of one mechanism: the plane with data on it, and the mass."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import mplhep
import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from na62dump.histograms import NOMINAL, SELECTED
from na62dump.histograms.declaration import DATASET, VARIATION
from na62dump.plotting.background_words import data_label, with_error
from na62dump.plotting.heading import head_state, heading_height, per_bin
from na62dump.plotting.legend import GAP, legend, legend_height
from na62dump.plotting.outlines import HATCHES, LAYER, Frame, overlay
from na62dump.plotting.planes import BAR, BAR_GAP, BAR_LABELS, is_plane, norm, orient
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.style import of_data, of_simulation
from na62dump.regions import OUTSIDE, hidden_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.background.estimate import Estimate
    from na62dump.histograms import Axis
    from na62dump.results import State

WIDTH, DOWN = 6.8, 4.2
"""Size of the axes, in."""

COLOURS = ListedColormap(colormaps["Blues"](np.linspace(0.15, 0.8, 256)))
"""Colours of expectations: light enough for points and hatches on them."""

MASS = "mass"
"""Variable of the histogram of masses."""

HEADROOM, FLOOR = 3.0, 1e-6
"""Top of a logarithmic axis over the highest bin, and its bottom at least over that."""


class Shape(NamedTuple):
    """One histogram of an estimate.

    Attributes
    ----------
    axes : tuple of Axis
        One or two.
    values : float64[region, bin] or float64[region, bin, bin], counts
        Expected, without flow bins.
    """

    axes: tuple[Axis, ...]
    values: NDArray[np.float64]


def plane_figure(found: Backgrounds, estimate: Estimate) -> Figure | None:
    """Draw where a mechanism is expected, and where data are.

    Parameters
    ----------
    found : Backgrounds
        Data and regions.
    estimate : Estimate
        The mechanism.

    Returns
    -------
    Figure or None
        Expected candidates in each bin, everywhere; data as points where they may be seen; regions with their names,
        hatched where data are hidden. None if the estimate has no histogram of the plane.
    """
    state, plane = found.state, found.state.plane
    shape = _shape(estimate, lambda axes: is_plane(axes, plane))
    if shape is None:
        return None
    ways = orient(shape.axes, plane)
    across, up = ways.across, ways.up
    contents = shape.values.sum(axis=0)
    cells = np.ma.masked_equal(contents.T if ways.in_order else contents, 0)
    points = _open_points(found) / np.array([[up.factor], [across.factor]])
    inside = (points[1] >= across.low) & (points[1] < across.high) & (points[0] >= up.low) & (points[0] < up.high)
    handles = _plane_handles(state, inside)
    top = heading_height(state) + legend_height(str(handle.get_label()) for handle in handles) + GAP
    figure = sheet(LEFT + WIDTH + BAR_GAP + BAR + BAR_LABELS + MARGIN, top + DOWN + BELOW)
    head_state(figure, state, what=f"{estimate.mechanism} background, expected everywhere")
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    axes.set(xlabel=across.title, ylabel=up.title, xlim=(across.low, across.high), ylim=(up.low, up.high))
    edges = [np.linspace(axis.low, axis.high, axis.bins + 1) for axis in (across, up)]
    paint = partial(
        axes.pcolormesh, *edges, cells, norm=norm(cells), cmap=COLOURS, edgecolors="face", linewidth=0, rasterized=True
    )
    if cells.count():
        bar = place(figure, left=LEFT + WIDTH + BAR_GAP, top=top, width=BAR, height=DOWN)
        figure.colorbar(paint(), cax=bar)
        bar.set_ylabel(f"Expected candidates / ({per_bin(across)} \N{MULTIPLICATION SIGN} {per_bin(up)})")
    overlay(axes, plane, hidden=state.closed, frame=Frame(across.factor, up.factor), paint=paint, covered=False)
    axes.plot(points[1][inside], points[0][inside], zorder=LAYER + 2, **_look())
    legend(axes, height=DOWN, handles=handles)
    return figure


def mass_figure(found: Backgrounds, estimate: Estimate) -> Figure | None:
    """Draw the masses that a mechanism has.

    Parameters
    ----------
    found : Backgrounds
        Regions.
    estimate : Estimate
        The mechanism.

    Returns
    -------
    Figure or None
        One line for the hidden regions, one for the side bands, one for what is outside. None if the estimate has no
        histogram of the mass.
    """
    plane = found.state.plane
    shape = _shape(estimate, lambda axes: [axis.variable for axis in axes] == [MASS])
    if shape is None:
        return None
    (axis,) = shape.axes
    names = [region.name for region in plane.region]
    groups = [[n for n in names if n in plane.hidden], [n for n in names if n not in plane.hidden], [OUTSIDE]]
    groups = [known for group in groups if (known := [n for n in group if n in estimate.regions])]
    curves = {_group_label(estimate, group): _sum(shape, found.state, group) for group in groups}
    top = heading_height(found.state) + legend_height(curves) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + BELOW)
    head_state(figure, found.state, what=f"{estimate.mechanism} background, expected")
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    edges = np.linspace(axis.low, axis.high, axis.bins + 1)
    for number, (label, heights) in enumerate(curves.items()):
        mplhep.histplot(
            heights, edges, histtype="step", yerr=False, ax=axes, flow="none", label=label, **of_simulation(number)
        )
    _set_log(axes, np.concatenate(list(curves.values())))
    axes.set(xlabel=axis.title, ylabel=f"Expected candidates / {per_bin(axis)}", xlim=(edges[0], edges[-1]))
    legend(axes, height=DOWN)
    return figure


def _shape(estimate: Estimate, fits: Callable[[tuple[Axis, ...]], bool]) -> Shape | None:
    """Nominal histogram of selected rows whose axes fit."""
    if estimate.book is None:
        return None
    declared = estimate.book.declarations
    for name, histogram in declared.histograms.items():
        axes = tuple(declared.axes_of(name).values())
        if histogram.stage == SELECTED and fits(axes):
            sums = estimate.book[name][{DATASET: estimate.mechanism, VARIATION: NOMINAL}].view(flow=True)["value"]
            inside = (slice(None), *(slice(1, -1) for _ in axes))
            return Shape(axes, np.asarray(sums[inside] * estimate.scale))
    return None


def _sum(shape: Shape, state: State, group: list[str]) -> NDArray[np.float64]:
    """Over some regions: float64[bin, ...], rows."""
    return np.asarray(shape.values[[state.regions.index(name) for name in group]].sum(axis=0))


def _group_label(estimate: Estimate, group: list[str]) -> str:
    expected, error = estimate.of(group)
    return f"{', '.join(group)}: {with_error(expected, error)} candidates"


def _open_points(found: Backgrounds) -> NDArray[np.float64]:
    """Points of data that may be seen: float64[2, row], base units; were a hidden one to come this far, it stays here."""
    plane = found.state.plane
    x, y = found.points
    return found.points[:, ~hidden_points(plane, x, y=y, opened=plane.hidden - found.state.closed)]


def _look() -> dict[str, Any]:
    return of_data(0) | {"markeredgecolor": "white", "markeredgewidth": 0.5}


def _plane_handles(state: State, inside: NDArray[np.bool_]) -> list[Artist]:
    beyond = f", {(~inside).sum()} more out of range" if not inside.all() else ""
    points = Line2D([], [], label=f"{data_label(state)} where open: {inside.sum()} candidates{beyond}", **_look())
    hidden = ", ".join(name for name in state.regions if name in state.closed)
    mask = Patch(
        facecolor="none", edgecolor="black", hatch=HATCHES[0], label=f"{hidden}: data hidden, expectation shown"
    )
    return [points, *([mask] if hidden else [])]


def _set_log(axes: Axes, heights: NDArray[np.float64]) -> None:
    """Logarithmic axis around what is above 0 of the heights, float64[bin], rows."""
    some = heights[heights > 0]
    highest = float(some.max()) if some.size else 1.0
    lowest = float(some.min()) if some.size else highest
    axes.set_ylim(max(lowest / 2, FLOOR * highest), HEADROOM * highest)
    axes.set_yscale("log")
