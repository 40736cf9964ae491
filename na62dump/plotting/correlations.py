"""How requirements go together: a heat map of the correlations between their masks."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap, Normalize

from na62dump.plotting.heading import head, heading_height, named
from na62dump.plotting.legend import LETTERS
from na62dump.plotting.sheet import MARGIN, place, sheet, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.results import Result

CELL = 0.36
"""Width and height of a cell, in."""

BAR, BAR_GAP, BAR_LABELS = 0.16, 0.15, 0.85
"""Width of the colour bar, of the gap before it, and of the labels after it, in."""

NARROWEST = 8.0
"""Least width of a figure: the heading needs it, in."""

TINY = 7.5
"""Size of the numbers in the cells, points."""

STRONG = 0.6
"""Correlation from which a cell is so dark that its number is white."""

UNDEFINED = "0.85"
"""Grey of cells without a correlation, where a requirement removes nothing or all."""

PERCENT = 100

WHAT = "correlations between requirements in percent"


def correlation_figure(names: Sequence[str], matrix: NDArray[np.float64], *, top: float = MARGIN) -> Figure:
    """Draw correlations between requirements.

    Parameters
    ----------
    names : sequence of str
        Requirements, in order.
    matrix : float64[requirement, requirement], pure numbers
        Phi coefficients from -1 to 1; NaN where they are undefined. It is symmetric: its lower half is drawn.
    top : float
        Free height above it, in.

    Returns
    -------
    Figure
        Numbers are in percent.
    """
    n = len(names)
    side, room = n * CELL, width_of(names) + MARGIN
    width = max(NARROWEST, MARGIN + room + side + BAR_GAP + BAR + BAR_LABELS)
    figure = sheet(width, top + side + room + MARGIN)
    axes = place(figure, left=MARGIN + room, top=top, width=side, height=side)
    bar = place(figure, left=MARGIN + room + side + BAR_GAP, top=top, width=BAR, height=side)
    drawn = np.tril(np.ones((n, n), dtype=np.bool_))
    defined = ~np.isnan(matrix)
    axes.imshow(np.ma.masked_where(~drawn | defined, drawn), cmap=ListedColormap([UNDEFINED]))
    cells = np.ma.masked_where(~drawn | ~defined, matrix)
    image = axes.imshow(cells, cmap=colormaps["RdBu_r"], norm=Normalize(-1, 1))
    for row, column in zip(*np.nonzero(drawn & defined), strict=True):
        value = float(matrix[row, column])
        ink = "white" if abs(value) > STRONG else "black"
        axes.text(column, row, f"{PERCENT * value:.0f}", ha="center", va="center", fontsize=TINY, color=ink)
    axes.set_xticks(range(n), labels=names, rotation="vertical")
    axes.set_yticks(range(n), labels=names)
    axes.tick_params(which="both", length=0)
    axes.minorticks_off()
    axes.spines[:].set_visible(False)
    figure.colorbar(image, cax=bar).set_label("Correlation \N{GREEK SMALL LETTER PHI}")
    return figure


def correlations(result: Result, sample: str, *, matrix: NDArray[np.float64]) -> Figure:
    """Draw correlations between the requirements of one sample.

    Parameters
    ----------
    result : Result
        What a run gave.
    sample : str
        Which.
    matrix : float64[requirement, requirement], pure numbers
        Phi coefficients, as `correlation_figure` draws them.

    Returns
    -------
    Figure
        Of all rows that came through the door; with the heading.
    """
    top = heading_height(result.state) + MARGIN
    figure = correlation_figure(result.cutflow[sample].names, matrix, top=top)
    label = shorten(named(result.state.samples[sample]), LETTERS - len(WHAT), placeholder="...")
    head(figure, result, what=f"{WHAT}, {label}")
    return figure
