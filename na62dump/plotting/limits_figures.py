"""All figures of limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.inference.exclusion.lifetimes import has_product
from na62dump.plotting.limits_contours import contour_figure
from na62dump.plotting.limits_events import events_figure
from na62dump.plotting.limits_lifetimes import draw_lifetimes
from na62dump.plotting.signal_words import file_name
from na62dump.plotting.style import styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from na62dump.inference.exclusion.limits import Limits
    from na62dump.inference.exclusion.previous import Previous

LIFETIME = "lifetime"
"""Name of a coupling that says nothing of how many are made: regions of it are no result."""


def draw_limits(limits: Limits, *, others: Sequence[Previous] = ()) -> dict[str, Figure]:
    """Draw limits.

    Parameters
    ----------
    limits : Limits
        What ``na62dump limit`` wrote.
    others : sequence of Previous
        Limits of others on the same model.

    Returns
    -------
    dict of str to Figure
        ``"contour"`` and the name of each search, and ``"contour"`` of all together if there are several, where the grid has
        more than one mass and coupling and the coupling is no lifetime; ``"events"`` likewise. Where a product of branching
        ratios is free, limits on it against lifetime instead of contours. To be written by `save`.
    """
    figures = draw_lifetimes(limits) if has_product(limits.coupling) else {}
    regions = min(limits.masses.size, limits.couplings.size) > 1 and limits.coupling["name"] != LIFETIME
    searches = [scan for scan in limits.scans if scan is not limits.main]
    with styled():
        for scan in limits.scans:
            name = "" if scan is limits.main else scan.counting.name
            if regions:
                beside = searches if scan is limits.main else ()
                figures[file_name("contour", name)] = contour_figure(limits, scan, others=others, beside=beside)
            figures[file_name("events", name)] = events_figure(limits, scan)
    return figures
