"""Legends above the axes: they hide nothing, and their height is known before anything is drawn."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from na62dump.plotting.style import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Sized

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LINE = 0.22
"""Height of one line, in."""

GAP = 0.15
"""Free height below a legend, in."""

HIGH = 8
"""Most lines of a legend that may have more columns."""

LETTERS = 85
"""Longest line."""


def wrapped(label: str) -> str:
    """Label in lines that fit."""
    return "\n".join(textwrap.wrap(label, LETTERS))


def legend_height(labels: Iterable[str], *, columns: int = 1) -> float:
    """Height of a legend, in; labels in several columns have one line each."""
    lines = sum(1 + label.count("\n") for label in labels)
    return LINE * -(-lines // columns)


def legend(
    axes: Axes, *, height: float, handles: Sequence[Artist] | None = None, columns: int = 1, above: float = GAP
) -> None:
    """Put the legend ``above`` axes that are ``height`` inches high; of all that has a label, or of ``handles`` only."""
    anchor = (0, 1 + above / height)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=anchor,
        handles=handles,
        ncols=columns,
        borderpad=0,
        borderaxespad=0,
        fontsize=SMALL,
    )


def columns_for(entries: Sized) -> int:
    """Columns of a legend with some entries: two if it would be high otherwise."""
    return 2 if len(entries) > HIGH else 1
