"""Cross-checks: observed over expected numbers in visible regions."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator, NullLocator

from na62dump.plotting.background_words import data_label, poisson_bars, with_error
from na62dump.plotting.heading import head_state, heading_height
from na62dump.plotting.legend import GAP, legend, legend_height
from na62dump.plotting.sheet import BELOW, LETTER, MARGIN, place, sheet, write
from na62dump.plotting.style import LINE_WIDTH, SMALL, of_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.background.checks import Check

NAMES, WIDTH, NUMBERS = 1.1, 5.2, 2.2
"""Room for the names of regions, width of the axes, and room for numbers beside them, in."""

ROW, BETWEEN = 0.27, 0.18
"""Height of a row, and free height after a check, in."""

LEAST, MOST = 2.0, 6.0
"""Largest ratio that is shown at least and at most."""

HEADROOM = 1.1
"""Largest ratio that is shown over the largest point."""

GREY = "0.8"
"""Of the uncertainty of what is expected."""


def checks_figure(found: Backgrounds) -> Figure | None:
    """Draw observed over expected numbers.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Figure or None
        A panel for each check with a row for each region: points with bars of the observed number (68%, Garwood) over
        the expected one, around 1 a band of the uncertainty of the latter, numbers beside. None without checks.
    """
    named: dict[tuple[str, str], list[Check]] = {}
    for check in found.checks:
        named.setdefault((check.name, check.what), []).append(check)
    if not named:
        return None
    handles = _handles(found)
    top = heading_height(found.state) + legend_height(str(handle.get_label()) for handle in handles) + GAP
    titles = [_title(*words) for words in named]
    height = legend_height(titles) + sum(GAP + len(of_one) * ROW + BETWEEN for of_one in named.values())
    figure = sheet(NAMES + WIDTH + NUMBERS + MARGIN, top + height + BELOW)
    head_state(figure, found.state, what="cross-checks in visible regions; right: observed and expected numbers")
    largest = _largest(found.checks)
    for title, of_one in zip(titles, named.values(), strict=True):
        write(figure, title, left=MARGIN, top=top, fontsize=SMALL)
        top += legend_height([title]) + GAP / 2
        axes = place(figure, left=NAMES, top=top, width=WIDTH, height=len(of_one) * ROW)
        _panel(axes, of_one, largest=largest)
        top += len(of_one) * ROW + BETWEEN + GAP / 2
        axes.tick_params(axis="x", which="both", labelbottom=False)
    figure.axes[-1].tick_params(axis="x", which="major", labelbottom=True)
    figure.axes[-1].set_xlabel("Observed / expected")
    first = figure.axes[0]
    above = legend_height(titles[:1]) + GAP / 2 + GAP
    legend(first, height=len(next(iter(named.values()))) * ROW, handles=handles, above=above)
    return figure


def _title(name: str, what: str) -> str:
    return "\n".join(wrap(f"{name}: {what}", int((NAMES + WIDTH + NUMBERS) / LETTER)))


def _largest(checks: Sequence[Check]) -> float:
    """End of the horizontal axis."""
    some = [check for check in checks if check.expected > 0]
    counts = np.array([check.observed for check in some], dtype=np.int64)
    ends = (counts + poisson_bars(counts)[1]) / [check.expected for check in some]
    return min(max(LEAST, HEADROOM * float(ends.max(initial=0.0))), MOST)


def _panel(axes: Axes, checks: Sequence[Check], *, largest: float) -> None:
    axes.set(xlim=(0, largest), ylim=(len(checks) - 1 / 2, -1 / 2))
    axes.yaxis.set_major_locator(FixedLocator(list(range(len(checks)))))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_yticklabels([check.region for check in checks])
    axes.tick_params(axis="y", which="both", length=0)
    axes.axvline(1, color="black", linewidth=LINE_WIDTH / 2, zorder=1)
    for row, check in enumerate(checks):
        if check.expected > 0:
            _row(axes, check, row, largest=largest)
        text = f"{check.observed} / {with_error(check.expected, check.uncertainty)}"
        axes.annotate(text, (1, row), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
                      va="center", fontsize=SMALL)  # fmt: skip


def _row(axes: Axes, check: Check, row: int, *, largest: float) -> None:
    width = check.uncertainty / check.expected
    axes.add_patch(Rectangle((1 - width, row - 1 / 3), 2 * width, 2 / 3, color=GREY, linewidth=0, zorder=0))
    bars = poisson_bars(np.array([check.observed])) / check.expected
    ratio = check.observed / check.expected
    if ratio - bars[0, 0] > largest:
        axes.plot(largest, row, marker=9, color="black", clip_on=False, zorder=3)  # a caret that points out
        return
    seen = [bars[0], np.minimum(bars[1], max(largest - ratio, 0))]
    axes.errorbar(ratio, row, xerr=seen, zorder=3, clip_on=ratio > largest, **of_data(0))


def _handles(found: Backgrounds) -> list[Artist]:
    return [
        Line2D([], [], label=f"{data_label(found.state)}, bars: 68% of the observed number", **of_data(0)),
        Patch(color=GREY, linewidth=0, label="uncertainty of the expected number"),
    ]
