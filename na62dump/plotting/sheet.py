"""Placing things on a figure in inches from its upper left corner, so that nothing depends on what else is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

MARGIN = 0.25
"""Free border at the right, and around headings, in."""

BELOW = 0.7
"""Room for ticks and label of a horizontal axis, in."""

LEFT = 0.95
"""Room for ticks and label of a vertical axis, in."""

LETTER = 0.085
"""Mean width of a letter, in."""


def width_of(texts: Iterable[str]) -> float:
    """About how wide the longest of some texts is, in."""
    return LETTER * max(map(len, texts), default=0)


def sheet(width: float, height: float) -> Figure:
    """Empty figure, known to nobody but the caller: figures of `matplotlib.pyplot` would stay in memory.

    Parameters
    ----------
    width, height : float
        Size, in.

    Returns
    -------
    Figure
        Without axes.
    """
    return Figure(figsize=(width, height))


def size(figure: Figure) -> tuple[float, float]:
    """Width and height, in."""
    return float(figure.get_figwidth()), float(figure.get_figheight())


def place(figure: Figure, *, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place.

    Parameters
    ----------
    figure : Figure
        What they are put on.
    left, top : float
        Distance of their upper left corner from that of the figure, in.
    width, height : float
        Size, in.

    Returns
    -------
    Axes
        Empty.
    """
    across, down = size(figure)
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def placed_width(axes: Axes) -> float:
    """Width of axes, in."""
    return float(axes.bbox.width / axes.figure.dpi)


def write(figure: Figure, text: str, *, left: float, top: float, **how: Any) -> None:  # noqa: ANN401 - matplotlib's own
    """Text whose top is at a place.

    Parameters
    ----------
    figure : Figure
        What it is written on.
    text : str
        One line.
    left, top : float
        Distance from the upper left corner of the figure, in.
    **how
        Properties of matplotlib's text.
    """
    across, down = size(figure)
    figure.text(left / across, 1 - top / down, text, va="top", **how)
