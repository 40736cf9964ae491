"""Axes of regions: one slot each, with rows of text above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator

from na62dump.plotting.legend import LINE
from na62dump.plotting.sheet import write
from na62dump.plotting.style import FAINT, SMALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SLOT, LEAST = 1.25, 6.8
"""Width of one slot, and least width of all, in."""

SPAN, HEADROOM, FOOTROOM = 1e7, 3.0, 5.0
"""Top of the axis over its bottom at most; room above the highest and below the lowest."""


def slots_width(number: int) -> float:
    """Width of axes with some slots, in."""
    return max(LEAST, number * SLOT)


def set_slots(axes: Axes, names: Sequence[str], *, separated: int = 0) -> None:
    """Give each name a slot of width 1 around 0, 1, ...; a line before the slot ``separated``."""
    axes.xaxis.set_major_locator(FixedLocator(list(range(len(names)))))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels(list(names))
    axes.set(xlim=(-1 / 2, len(names) - 1 / 2), xlabel="Region")
    axes.tick_params(axis="x", which="both", length=0)
    for edge in range(1, len(names)):
        look = {"linewidth": 1.0} if edge == separated else {"linewidth": 0.5, "linestyle": ":"}
        axes.axvline(edge - 1 / 2, color=FAINT, zorder=0, **look)


def write_rows(figure: Figure, rows: Mapping[str, Sequence[str]], *, left: float, top: float, width: float) -> None:
    """Write one text a slot, in rows with a name each.

    Parameters
    ----------
    figure : Figure
        Has room for it, a line each row.
    rows : mapping of str to sequence of str
        Texts of the slots by name of the row.
    left, top, width : float
        Where the axes begin, where the first row is, and how wide the axes are, in.
    """
    for line, (name, texts) in enumerate(rows.items()):
        write(figure, name, left=left - 0.1, top=top + line * LINE, fontsize=SMALL, color=FAINT, ha="right")
        for slot, text in enumerate(texts):
            at = left + (slot + 1 / 2) * width / len(texts)
            write(figure, text, left=at, top=top + line * LINE, fontsize=SMALL, ha="center")


def set_log(axes: Axes, values: Iterable[float]) -> float:
    """Logarithmic vertical axis around values, of which those above 0 count; its bottom."""
    some = np.array([value for value in values if value > 0])
    high, low = (float(some.max()), float(some.min())) if some.size else (1.0, 1.0)
    bottom = max(low / FOOTROOM, high / SPAN)
    axes.set_ylim(bottom, HEADROOM * high)
    axes.set_yscale("log")
    return bottom
