"""What each mechanism of background is expected to give in each region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.lines import Line2D

from na62dump.plotting.background_slots import set_log, set_slots, slots_width
from na62dump.plotting.background_words import CL
from na62dump.plotting.heading import head_state, heading_height
from na62dump.plotting.legend import GAP, legend, legend_height, wrapped
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_points import POINT
from na62dump.plotting.style import COLOURS, FAINT, LINE_WIDTH, MARKER_SIZE, POINTS
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.background.estimate import Estimate

DOWN = 4.0
"""Height of the axes, in."""

WITHIN = 0.7
"""Distance between the first and the last mechanism in a slot that is 1 wide, if they were one more."""

THICK = 2.5
"""Width of statistical bars over that of the others."""

ARROW = 0.45
"""Length of the arrow from a limit, in."""

LOOK = (("statistical uncertainty", THICK * LINE_WIDTH), ("total uncertainty", LINE_WIDTH))
"""Bars, and their widths in points."""


class Numbers(NamedTuple):
    """One mechanism in some regions; NaN where there is nothing to draw.

    Attributes
    ----------
    expected, statistical, total, limit : float64[region], counts
        Expected number, its two uncertainties, and upper limit.
    """

    expected: NDArray[np.float64]
    statistical: NDArray[np.float64]
    total: NDArray[np.float64]
    limit: NDArray[np.float64]


def mechanisms_figure(found: Backgrounds) -> Figure | None:
    """Draw what each mechanism is expected to give.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Figure or None
        Points with total and (thick) statistical uncertainties, side by side in the slot of each region; arrows down
        from upper limits. None if nothing is estimated.
    """
    known = {name for estimate in found.estimates for name in estimate.regions} - {UNDEFINED}
    regions = [name for name in found.state.regions if name in known]
    if not regions:
        return None
    numbers = [_numbers(estimate, regions) for estimate in found.estimates]
    handles = _handles(found.estimates, numbers)
    top = heading_height(found.state) + legend_height(str(handle.get_label()) for handle in handles) + GAP
    width = slots_width(len(regions))
    figure = sheet(LEFT + width + MARGIN, top + DOWN + BELOW)
    head_state(figure, found.state, what="expected background by mechanism and region")
    axes = place(figure, left=LEFT, top=top, width=width, height=DOWN)
    set_slots(axes, regions)
    bottom = set_log(axes, _heights(numbers))
    for number, of_one in enumerate(numbers):
        _draw(axes, of_one, number=number, of=len(numbers), bottom=bottom)
    axes.set_ylabel("Expected candidates")
    legend(axes, height=DOWN, handles=handles)
    return figure


def _numbers(estimate: Estimate, regions: Sequence[str]) -> Numbers:
    """Where there is a limit, the number beside it is not drawn."""
    at = [estimate.regions.index(name) if name in estimate.regions else None for name in regions]
    arrays = (estimate.expected, estimate.statistical, estimate.uncertainty, estimate.limit)
    found = Numbers(*(np.array([np.nan if n is None else array[n] for n in at], dtype=np.float64) for array in arrays))
    return found._replace(expected=np.where((found.expected > 0) & np.isnan(found.limit), found.expected, np.nan))


def _heights(numbers: Sequence[Numbers]) -> list[float]:
    """All that has to be in view."""
    every = np.concatenate([part for one in numbers for part in (one.expected, one.expected + one.total, one.limit)])
    return [float(value) for value in every[~np.isnan(every)]]


def _draw(axes: Axes, numbers: Numbers, *, number: int, of: int, bottom: float) -> None:
    at = np.arange(len(numbers.expected)) + WITHIN * ((number + 1 / 2) / of - 1 / 2)
    colour, marker = COLOURS[number % len(COLOURS)], POINTS[number % len(POINTS)][0]
    some = ~np.isnan(numbers.expected)
    for errors, (_, width) in zip((numbers.statistical, numbers.total), LOOK, strict=True):
        value, error = numbers.expected[some], errors[some]
        down = value - np.maximum(value - error, bottom)
        axes.errorbar(at[some], value, yerr=[down, error], fmt="none", ecolor=colour, elinewidth=width)
    look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": MARKER_SIZE, "linestyle": "none"}
    axes.plot(at[some], numbers.expected[some], **look)
    for place_, limit in zip(at, numbers.limit, strict=True):
        if limit > 0:
            arrow = {"arrowstyle": "<|-", "color": colour, "linewidth": LINE_WIDTH, "shrinkA": 0, "shrinkB": 0}
            low: dict[str, Any] = {"xytext": (0, -ARROW / POINT), "textcoords": "offset points"}
            axes.annotate("", xy=(place_, limit), arrowprops=arrow, **low)
            axes.plot(place_, limit, marker="_", color=colour, markersize=3 * MARKER_SIZE, markeredgewidth=LINE_WIDTH)


def _handles(estimates: Sequence[Estimate], numbers: Sequence[Numbers]) -> list[Artist]:
    points: list[Artist] = [
        Line2D(
            [],
            [],
            color=COLOURS[number % len(COLOURS)],
            marker=POINTS[number % len(POINTS)][0],
            markersize=MARKER_SIZE,
            linestyle="none",
            label=wrapped(f"{estimate.mechanism}: {estimate.method}"),
        )
        for number, estimate in enumerate(estimates)
    ]
    bars = [Line2D([], [], color=FAINT, linewidth=width, label=label) for label, width in LOOK]
    limits = [Line2D([], [], color=FAINT, marker="v", linestyle="none", label=f"upper limit, {CL}")]
    return [*points, *bars, *(limits if any((one.limit > 0).any() for one in numbers) else [])]
