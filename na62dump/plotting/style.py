"""One look for all figures: mplhep's, smaller, with colours that the colour-blind can tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mplhep
from matplotlib import style

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

TEXT = 12.0
"""Size of labels, points."""

SMALL = 10.5
"""Size of ticks, legends and second lines, points."""

FAINT = "0.3"
"""Grey of what matters less."""

LARGE = 15.0
"""Size of the name of the experiment, points."""

STYLE: dict[str, Any] = {
    **mplhep.style.ROOT,
    "font.size": TEXT,
    "axes.labelsize": TEXT,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "axes.linewidth": 1,
    "xtick.major.size": 6,
    "ytick.major.size": 6,
    "xtick.minor.size": 3,
    "ytick.minor.size": 3,
    "xtick.major.width": 1,
    "ytick.major.width": 1,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": True,
    "hatch.linewidth": 0.6,
}
"""Settings of matplotlib that every figure is drawn and written with."""

COLOURS = ("#5790fc", "#e42536", "#f89c20", "#964a8b", "#7a21dd", "#9c9ca1")
"""Colours of simulation: the six of M. A. Petroff, arXiv:2107.02270, chosen to differ for the colour-blind too."""

LINES = ("-", "--", "-.", ":")
"""Lines of simulation: a second difference, for paper without colour."""

POINTS = (("o", "black"), ("s", "#555555"), ("^", "#888888"), ("D", "black"))
"""Markers of data, with their colours."""


LINE_WIDTH, MARKER_SIZE = 1.6, 4.5
"""Of lines and markers, points."""


def styled() -> AbstractContextManager[None]:
    """Within it matplotlib has the settings `STYLE`, and no others but its defaults."""
    return style.context(STYLE, after_reset=True)


def of_simulation(number: int) -> dict[str, Any]:
    """Look of a sample of simulation, by its place among them."""
    colour, line = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
    return {"color": colour, "linestyle": line, "linewidth": LINE_WIDTH}


def of_data(number: int) -> dict[str, Any]:
    """Look of a sample of data, by its place among them."""
    marker, colour = POINTS[number % len(POINTS)]
    return {"color": colour, "marker": marker, "markersize": MARKER_SIZE, "linestyle": "none"}
