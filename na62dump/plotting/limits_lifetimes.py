"""Model-independent limits: a product of branching ratios against lifetime, for several masses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from na62dump.errors import ConfigurationError
from na62dump.inference.exclusion.lifetimes import product_limits
from na62dump.inference.exclusion.limits import EXPECTED, OBSERVED, band_name
from na62dump.plotting.legend import GAP, columns_for, legend, legend_height
from na62dump.plotting.limits_words import band_colour, band_label, head_height, head_limits, pairs
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_words import axis_of, file_name, final_state_label
from na62dump.plotting.style import COLOURS, FAINT, LINE_WIDTH, styled
from na62dump.reach import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.inference.exclusion.lifetimes import ProductLimits
    from na62dump.inference.exclusion.limits import Limits

WIDTH, DOWN = 6.8, 4.8
"""Size of the axes, in."""

MASSES = 6
"""Most masses, unless some are asked for."""

ROOM, SPAN = 2.0, 1e6
"""Bottom of the vertical axis below the lowest limit, and its top over its bottom."""

LINES: dict[str, Any] = {OBSERVED: "-", EXPECTED: "--"}
"""Lines of the curves."""


def draw_lifetimes(limits: Limits, *, masses: Sequence[float] | None = None) -> dict[str, Figure]:
    """Draw limits on a product of branching ratios against lifetime.

    Parameters
    ----------
    limits : Limits
        Of a model with a free product.
    masses : sequence of float, MeV, optional
        Which: of each the nearest of the grid; some of the grid if left out.

    Returns
    -------
    dict of str to Figure
        ``"lifetimes"`` with model and search, for each search. To be written by `save`.

    Raises
    ------
    InputFileError
        If no product is free in the model.
    ConfigurationError
        If a mass is outside of the grid.
    """
    found = product_limits(limits)
    with styled():
        return {file_name("lifetimes", limits.model, each.search): _figure(each, limits, masses) for each in found}


def _figure(found: ProductLimits, limits: Limits, masses: Sequence[float] | None) -> Figure:
    drawn = _places(found, masses)
    bands = pairs(limits.widths) if len(drawn) == 1 else []
    labels = [*(f"{float(found.masses[row]):.4g} MeV" for row in drawn), *_curves(found), *map(band_label, bands)]
    columns = columns_for(labels)
    top = head_height(limits) + legend_height(labels, columns=columns) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + BELOW)
    head_limits(figure, limits, what=f"{final_state_label(found.search)}, excluded above")
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    axes.set(xlabel=axis_of(limits.coupling), ylabel=found.label, xscale="log", yscale="log")
    axes.set_xlim(*found.lifetimes[[0, -1]])
    axes.set_ylim(_bottom(found, drawn), SPAN * _bottom(found, drawn))
    shades = [_band(axes, found, drawn[0], width=width, among=bands) for width in bands]
    handles = [_draw(axes, found, row, colour=COLOURS[number % len(COLOURS)]) for number, row in enumerate(drawn)]
    legend(axes, height=DOWN, handles=[*handles, *_notes(found), *shades], columns=columns)
    return figure


def _places(found: ProductLimits, masses: Sequence[float] | None) -> list[int]:
    """Indices of masses: those asked for, or some of those at which any signal is expected."""
    if masses is None:
        some = np.flatnonzero(np.isfinite(found.result).any(axis=1))
        return [int(some[index]) for index in spread(len(some), MASSES)]
    low, high = float(found.masses.min()), float(found.masses.max())
    for mass in masses:
        if not low <= mass <= high:
            msg = f"a mass of {mass:g} MeV is outside of the limits; they are between {low:g} and {high:g} MeV"
            raise ConfigurationError(msg)
    return list(dict.fromkeys(int(np.argmin(np.abs(found.masses - mass))) for mass in masses))


def _bottom(found: ProductLimits, drawn: Sequence[int]) -> float:
    """Bottom of the vertical axis, a pure number; its top is 1 where there is no limit at all."""
    lowest = min((float(curve[row].min()) for curve in found.curves.values() for row in drawn), default=np.inf)
    return lowest / ROOM if np.isfinite(lowest) else 1 / SPAN


def _shown(limit: NDArray[np.float64], axes: Axes) -> NDArray[np.float64]:
    """Limits float64[c], pure numbers, that are not far above the axes: no logarithm of an infinite one is drawn."""
    return np.minimum(limit, SPAN * axes.get_ylim()[1])


def _curves(found: ProductLimits) -> list[str]:
    return [name for name in LINES if name in found.curves]


def _draw(axes: Axes, found: ProductLimits, row: int, *, colour: str) -> Artist:
    for name in _curves(found):
        limit = _shown(found.curves[name][row], axes)
        axes.plot(found.lifetimes, limit, color=colour, linestyle=LINES[name], linewidth=LINE_WIDTH)
    return Line2D([], [], color=colour, linewidth=LINE_WIDTH, label=f"{float(found.masses[row]):.4g} MeV")


def _band(axes: Axes, found: ProductLimits, row: int, *, width: float, among: Sequence[float]) -> Artist:
    """Band of the only mass: several would cover each other."""
    low, high = (_shown(found.curves[band_name(sign * width)][row], axes) for sign in (-1, 1))
    colour = band_colour(width, among=among)
    return axes.fill_between(found.lifetimes, low, high, facecolor=colour, label=band_label(width), linewidth=0)


def _notes(found: ProductLimits) -> list[Artist]:
    return [Line2D([], [], color=FAINT, linestyle=LINES[name], label=name) for name in _curves(found)]
