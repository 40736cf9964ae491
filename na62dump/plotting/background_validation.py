"""Expected against observed numbers of each region, and of regions together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from na62dump.inference.backgrounds import sides, validation_of
from na62dump.inference.validation import added
from na62dump.plotting.background_slots import set_log, set_slots, slots_width, write_rows
from na62dump.plotting.background_words import data_label, poisson_bars, probability, with_error
from na62dump.plotting.heading import head_state, heading_height
from na62dump.plotting.legend import GAP, LINE, legend, legend_height
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet, write
from na62dump.plotting.style import FAINT, LINE_WIDTH, MARKER_SIZE, SMALL, of_data, of_simulation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.background.estimate import Estimate
    from na62dump.inference.validation import Row

DOWN = 4.0
"""Height of the axes, in."""

NAMES = 0.35
"""Room for the names of rows of text, beside that for the labels of the axis, in."""

COLUMNS = 2
"""Of the legend."""

WIDE, PART = 0.8, 1 / 3
"""Width of bands in a slot that is 1 wide, and which part of it lines of mechanisms have."""

WHAT = "expected and observed; $p_N$: as many or more, $p_L$: as probable or less; bars: 68%"
"""What is drawn, for the heading."""

TOTAL, INNER = "0.85", "0.65"
"""Greys of the total and of the statistical uncertainty."""


def validation_figure(found: Backgrounds) -> Figure | None:
    """Draw expected against observed numbers.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Figure or None
        A slot for each region and for each set of regions: the sum of all mechanisms with its bands, each of them as a
        line, and data with bars of 68% (Garwood) where they may be seen; numbers and p-values above. None if no
        region is compared.
    """
    compared = validation_of(found)
    rows = (*compared.rows, *compared.joint)
    if not rows:
        return None
    of_slot = [*((row.region,) for row in compared.rows), *(found.joint[row.region] for row in compared.joint)]
    numbers = {e.mechanism: [_of(e, names) for names in of_slot] for e in found.estimates}
    handles, texts, notes = _handles(found), _texts(rows), _notes(found)
    lines = LINE * (len(texts) + len(notes))
    first = heading_height(found.state) + legend_height([str(h.get_label()) for h in handles], columns=COLUMNS) + GAP
    left, width = LEFT + NAMES, slots_width(len(rows))
    figure = sheet(left + width + MARGIN, first + lines + GAP + DOWN + BELOW)
    head_state(figure, found.state, what=WHAT)
    for number, note in enumerate(notes):
        write(figure, note, left=left, top=first + number * LINE, fontsize=SMALL, color=FAINT)
    write_rows(figure, texts, left=left, top=first + LINE * len(notes), width=width)
    axes = place(figure, left=left, top=first + lines + GAP, width=width, height=DOWN)
    set_slots(axes, [row.region for row in rows], separated=len(compared.rows))
    bottom = set_log(axes, _heights(rows, numbers))
    for slot, row in enumerate(rows):
        _draw_row(axes, row, slot, bottom=bottom)
        for place_, values in enumerate(numbers.values()):
            ends = [slot - WIDE / 2, slot - (1 / 2 - PART) * WIDE]
            axes.plot(ends, [values[slot]] * 2, zorder=2, **of_simulation(place_))
    axes.set_ylabel("Candidates")
    legend(axes, height=DOWN, handles=handles, columns=COLUMNS, above=GAP + lines + GAP)
    return figure


def _of(estimate: Estimate, names: Sequence[str]) -> float:
    """Expected number of a mechanism in some regions; limits do not count."""
    return float(added([estimate], tuple(names)).expected.sum())


def _texts(rows: Sequence[Row]) -> dict[str, list[str]]:
    """What is written above the slots."""
    return {
        "observed": ["hidden" if row.observed is None else str(row.observed) for row in rows],
        "expected": [with_error(row.expected, row.uncertainty) for row in rows],
        "$p_N$": [probability(row.p_n) for row in rows],
        "$p_L$": [probability(row.p_l) for row in rows],
    }


def _notes(found: Backgrounds) -> list[str]:
    """Where the comparison is no test."""
    return [f"{region}: its data tell the size of {', '.join(of)}" for region, of in sides(found).items()]


def _heights(rows: Sequence[Row], numbers: Mapping[str, Sequence[float]]) -> list[float]:
    """All that has to be in view."""
    seen = [count for row in rows if (count := row.observed) is not None]
    observed = poisson_bars(np.array(seen, dtype=np.int64))[1] + seen
    expected = [value for row in rows for value in (row.expected, row.expected + row.uncertainty)]
    return [*observed.tolist(), *expected, *(value for values in numbers.values() for value in values)]


def _draw_row(axes: Axes, row: Row, slot: int, *, bottom: float) -> None:
    """Bands, and the point; an axis that is logarithmic has no place for 0, where there is only the bar."""
    for width, grey in ((row.uncertainty, TOTAL), (row.statistical, INNER)):
        low = max(row.expected - width, bottom)
        band = Rectangle((slot - WIDE / 2, low), WIDE, max(row.expected + width - low, 0), color=grey, lw=0, zorder=1)
        axes.add_patch(band)
    axes.plot(
        [slot - WIDE / 2, slot + WIDE / 2], [row.expected] * 2, color="black", linewidth=LINE_WIDTH / 2, zorder=1.5
    )
    if row.observed is None:
        return
    down, up = poisson_bars(np.array([row.observed]))
    if row.observed:
        axes.errorbar(slot, row.observed, yerr=[down, up], zorder=3, capsize=MARKER_SIZE / 2, **of_data(0))
    else:
        axes.errorbar(slot, bottom, yerr=[[0], up], zorder=3, capsize=MARKER_SIZE / 2, fmt="none", ecolor="black")


def _handles(found: Backgrounds) -> list[Artist]:
    several = [
        Line2D([], [], label=estimate.mechanism, **of_simulation(number))
        for number, estimate in enumerate(found.estimates)
    ]
    return [
        Line2D([], [], label=f"{data_label(found.state)}; of 0 only the bar is drawn", **of_data(0)),
        Line2D([], [], color="black", linewidth=LINE_WIDTH / 2, label="expected, all mechanisms but upper limits"),
        Patch(color=INNER, linewidth=0, label="statistical uncertainty"),
        Patch(color=TOTAL, linewidth=0, label="total uncertainty"),
        *several,
    ]
