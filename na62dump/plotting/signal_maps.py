"""Expected events over mass and coupling: colours, and contours of some numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D

from na62dump.plotting.heading import HEIGHT
from na62dump.plotting.legend import GAP, LETTERS, legend, legend_height
from na62dump.plotting.planes import BAR, BAR_GAP, BAR_LABELS, COLOURS
from na62dump.plotting.sheet import BELOW, LEFT, place, sheet, write
from na62dump.plotting.signal_words import MASS, axis_of, head_yields
from na62dump.plotting.style import FAINT, LINE_WIDTH, SMALL
from na62dump.reach import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.plotting.signal_words import About
    from na62dump.signal.yields import Expected

WIDTH, DOWN = 6.2, 4.4
"""Size of the axes, in."""

FEWEST = 0.1
"""Events from which there is a colour."""

LEVELS = {ENOUGH: "-", 10.0: "--", 100.0: ":"}
"""Numbers of events that have a contour, and its line."""

DECADE = 10.0
"""Last over first mass from which their axis is logarithmic, and least span of the colours over `FEWEST`."""

DEEP = 1e-3
"""Of `FEWEST`: smaller numbers are taken as this by contours, which are drawn in the logarithm."""


def is_map(expected: Expected) -> bool:
    """Whether there is more than one mass and more than one coupling."""
    return min(expected.masses.size, expected.couplings.size) > 1


def yields_map(expected: Expected, *, about: About, regions: Sequence[str]) -> Figure:
    """Draw the expected numbers of some searches together.

    Parameters
    ----------
    expected : Expected
        Numbers that are all added up; `is_map`.
    about : About
        For the heading.
    regions : sequence of str
        Where they are counted, for the labels.

    Returns
    -------
    Figure
        White where there are fewer than `FEWEST` events.
    """
    total, where = expected.total(), ", ".join(regions)
    labels = [f"{level:.3g} events" for level in LEVELS]
    missing = _missing(expected)
    top = HEIGHT + legend_height([*labels, *missing]) + GAP
    figure = sheet(LEFT + WIDTH + BAR_GAP + BAR + BAR_LABELS, top + DOWN + BELOW)
    head_yields(figure, expected, about=about, what=f"expected events in {where}; white: fewer than {FEWEST:g}")
    for line in missing:
        write(figure, line, left=LEFT, top=HEIGHT, fontsize=SMALL, color=FAINT)
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    bar = place(figure, left=LEFT + WIDTH + BAR_GAP, top=top, width=BAR, height=DOWN)
    norm = LogNorm(FEWEST, max(float(total.max()), DECADE * FEWEST))
    cells = np.ma.masked_less(total.T, FEWEST)
    mesh = axes.pcolormesh(
        expected.masses, expected.couplings, cells, norm=norm, cmap=COLOURS, shading="nearest", rasterized=True
    )
    _contours(axes, expected, total=total)
    axes.set(xlabel=MASS, ylabel=axis_of(expected.coupling), yscale="log")
    axes.set(xlim=expected.masses[[0, -1]], ylim=expected.couplings[[0, -1]])
    mass_scale(axes, expected.masses)
    figure.colorbar(mesh, cax=bar).set_label(f"Expected events in {where}")
    lines = [Line2D([], [], color="black", lw=LINE_WIDTH, ls=style) for style in LEVELS.values()]
    for line2d, label in zip(lines, labels, strict=True):
        line2d.set_label(label)
    legend(axes, height=DOWN, handles=lines)
    return figure


def mass_scale(axes: Axes, masses: NDArray[np.float64]) -> None:
    """Make the horizontal axis logarithmic if the masses, float64[m] in MeV, span more than a decade."""
    if masses[-1] > DECADE * masses[0]:
        axes.set_xscale("log")


def _contours(axes: Axes, expected: Expected, *, total: NDArray[np.float64]) -> None:
    """Lines of equal numbers, float64[m, c], pure numbers; none of numbers that are not crossed."""
    found = {level: style for level, style in LEVELS.items() if total.min() < level < total.max()}
    if found:
        axes.contour(
            expected.masses,
            expected.couplings,
            np.log10(np.maximum(total.T, DEEP * FEWEST)),
            levels=np.log10(list(found)),
            linestyles=list(found.values()),
            colors="black",
            linewidths=LINE_WIDTH,
        )


def _missing(expected: Expected) -> list[str]:
    """A line that says what is not counted, or of how much; none if all is."""
    line = f"not simulated: {'; '.join(expected.uncovered)}"
    number = len(expected.uncovered)
    short = f"not simulated at some masses: {number} combinations of channel, final state and search"
    return [line if len(line) <= LETTERS else short] if number else []
