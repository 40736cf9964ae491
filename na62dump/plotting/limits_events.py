"""Upper limit on the number of signal events against mass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.inference.exclusion.limits import EXPECTED, OBSERVED, band_name
from na62dump.plotting.legend import GAP, legend, legend_height
from na62dump.plotting.limits_contours import LOOKS
from na62dump.plotting.limits_words import band_colour, band_label, curve_label, head_height, head_limits, level, pairs
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_maps import mass_scale
from na62dump.plotting.signal_words import MASS
from na62dump.plotting.style import MARKER_SIZE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from na62dump.inference.exclusion.limits import Limits, Scan

WIDTH, DOWN = 6.8, 4.0
"""Size of the axes, in."""

HEADROOM = 1.15
"""Top of the vertical axis over what is highest."""


def events_figure(limits: Limits, scan: Scan) -> Figure:
    """Draw the upper limit at the coupling of each mass that is tested best.

    Parameters
    ----------
    limits : Limits
        Has the grid.
    scan : Scan
        One of its scans.

    Returns
    -------
    Figure
        Against mass, with bands.
    """
    at = (scan.events / scan.expected).argmax(axis=1)
    rows = np.arange(len(limits.masses))
    curves = {name: values[rows, at] for name, values in limits.curves(scan).items()}
    widths = pairs(limits.widths)
    labels = [*map(band_label, widths), "expected", *([curve_label(scan, limits)] if OBSERVED in curves else [])]
    top = head_height(limits) + legend_height(labels) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + BELOW)
    head_limits(figure, limits, what=f"{scan.counting.name}: at the coupling that is tested best")
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    for width in widths:
        low, high = (curves[band_name(edge)] for edge in (-width, width))
        axes.fill_between(
            limits.masses, low, high, color=band_colour(width, among=widths), linewidth=0, label=band_label(width)
        )
    marker: dict[str, Any] = {"marker": "o", "markersize": MARKER_SIZE} if len(rows) == 1 else {}
    for name in (EXPECTED, OBSERVED):
        if name in curves:
            label = name if name == EXPECTED else curve_label(scan, limits)
            axes.plot(limits.masses, curves[name], label=label, **LOOKS[name], **marker)
    axes.set(xlabel=MASS, ylabel=f"Upper limit on signal events, {level(limits)}")
    if len(rows) > 1:
        axes.set_xlim(limits.masses[0], limits.masses[-1])
    axes.set_ylim(0, HEADROOM * max(float(values.max()) for values in curves.values()))
    mass_scale(axes, limits.masses)
    legend(axes, height=DOWN)
    return figure
