"""Excluded masses and couplings: contours with their bands, and limits of others."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from na62dump.inference.exclusion.exclusions import exclusion
from na62dump.inference.exclusion.limits import EXPECTED, OBSERVED, band_name
from na62dump.plotting.legend import GAP, columns_for, legend, legend_height
from na62dump.plotting.limits_words import band_colour, band_label, curve_label, head_height, head_limits, pairs
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_maps import mass_scale
from na62dump.plotting.signal_words import MASS, axis_of
from na62dump.plotting.style import LARGE, LINE_WIDTH, of_simulation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.inference.exclusion.contours import Polygon
    from na62dump.inference.exclusion.limits import Limits, Scan
    from na62dump.inference.exclusion.previous import Previous

WIDTH, DOWN = 6.8, 4.8
"""Size of the axes, in."""

BEHIND, FRONT = 0.5, 3.0
"""Order of drawing: limits of others, and lines over everything."""

GREYS = ("0.85", "0.75", "0.65")
"""Of regions that others exclude, in turn."""

LOOKS: dict[str, dict[str, Any]] = {
    OBSERVED: {"color": "black", "linestyle": "-", "linewidth": LINE_WIDTH},
    EXPECTED: {"color": "black", "linestyle": "--", "linewidth": LINE_WIDTH},
}


def contour_figure(
    limits: Limits, scan: Scan, *, others: Sequence[Previous] = (), beside: Sequence[Scan] = ()
) -> Figure:
    """Draw what a scan excludes.

    Parameters
    ----------
    limits : Limits
        Has the grid.
    scan : Scan
        Drawn with its bands: observed as a line, expected dashed.
    others : sequence of Previous
        Limits of others, grey.
    beside : sequence of Scan
        Of which only the curves that stand for their results are drawn, in colours.

    Returns
    -------
    Figure
        A region that the grid cuts off has no line along the edge. Where nothing is excluded, it says so.
    """
    widths = pairs(limits.widths)
    handles = [*_bands(widths), *_lines(limits, scan), *_beside(beside), *_others(others)]
    columns = columns_for(handles)
    top = head_height(limits) + legend_height([str(handle.get_label()) for handle in handles], columns=columns) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + BELOW)
    head_limits(figure, limits, what=f"{scan.counting.name}: excluded in {', '.join(scan.counting.regions)}")
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    axes.set(xlabel=MASS, ylabel=axis_of(limits.coupling), yscale="log")
    axes.set(xlim=limits.masses[[0, -1]], ylim=limits.couplings[[0, -1]])
    mass_scale(axes, limits.masses)
    _draw_others(axes, others)
    for width in widths:
        edges = [exclusion(limits, scan, curve=band_name(edge)).polygons for edge in (-width, width)]
        _fill_between(axes, *edges, color=band_colour(width, among=widths))
    _draw_lines(axes, limits, scan, beside=beside)
    if not exclusion(limits, scan, curve=scan.shown).polygons:
        axes.text(0.5, 0.5, f"{scan.shown}: nothing is excluded", transform=axes.transAxes, ha="center", fontsize=LARGE)
    legend(axes, height=DOWN, handles=handles, columns=columns)
    return figure


def _draw_lines(axes: Axes, limits: Limits, scan: Scan, *, beside: Sequence[Scan]) -> None:
    curves = [(scan, curve, LOOKS[curve]) for curve in (EXPECTED, OBSERVED) if curve in limits.curves(scan)]
    curves += [(each, each.shown, of_simulation(number)) for number, each in enumerate(beside)]
    for each, curve, look in curves:
        for polygon in exclusion(limits, each, curve=curve).polygons:
            for ring in (polygon.outer, *polygon.holes):
                axes.plot(*_within(ring, limits).T, zorder=FRONT, **look)


def _within(ring: NDArray[np.float64], limits: Limits) -> NDArray[np.float64]:
    """Corners float64[n, 2], (MeV, unit of the coupling), with a gap instead of each line that follows the edge of the grid."""
    pieces = [ring[:1]]
    for first, second in pairwise(ring):
        along = any(
            first[axis] == second[axis] == end
            for axis, grid in enumerate((limits.masses, limits.couplings))
            for end in (grid[0], grid[-1])
        )
        pieces += [*([np.full((1, 2), np.nan)] if along else []), second[None]]
    return np.concatenate(pieces)


def _fill_between(axes: Axes, wide: Sequence[Polygon], narrow: Sequence[Polygon], *, color: str) -> None:
    """Fill what one set of regions has and another, which lies in it, has not: its borders run the other way round."""
    rings = [ring for polygon in wide for ring in (polygon.outer, *polygon.holes)]
    rings += [ring[::-1] for polygon in narrow for ring in (polygon.outer, *polygon.holes)]
    if rings:
        axes.add_patch(PathPatch(_path(rings), facecolor=color, edgecolor="none", linewidth=0))


def _path(rings: Sequence[NDArray[np.float64]]) -> Path:
    """One path of closed lines float64[corner, 2], (MeV, unit of the coupling)."""
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _draw_others(axes: Axes, others: Sequence[Previous]) -> None:
    for number, other in enumerate(others):
        grey = GREYS[number % len(GREYS)]
        if other.kind == "excluded":
            axes.fill(*other.corners.T, facecolor=grey, edgecolor="0.4", linewidth=LINE_WIDTH / 2, zorder=BEHIND)
        else:
            axes.plot(*other.corners.T, color=grey, linewidth=LINE_WIDTH, zorder=BEHIND)


def _bands(widths: Sequence[float]) -> Iterator[Artist]:
    for width in reversed(widths):
        yield Patch(facecolor=band_colour(width, among=widths), label=band_label(width))


def _lines(limits: Limits, scan: Scan) -> Iterator[Artist]:
    if scan.observed is not None:
        yield Line2D([], [], label=curve_label(scan, limits), **LOOKS[OBSERVED])
    yield Line2D([], [], label="expected", **LOOKS[EXPECTED])


def _beside(beside: Sequence[Scan]) -> Iterator[Artist]:
    for number, each in enumerate(beside):
        yield Line2D([], [], label=f"{each.counting.name}, {each.shown}", **of_simulation(number))


def _others(others: Sequence[Previous]) -> Iterator[Artist]:
    for number, other in enumerate(others):
        grey = GREYS[number % len(GREYS)]
        yield (
            Patch(facecolor=grey, edgecolor="0.4", label=other.label)
            if other.kind == "excluded"
            else Line2D([], [], color=grey, linewidth=LINE_WIDTH, label=other.label)
        )
