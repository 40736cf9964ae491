"""Sensitivity by production mechanism or by final state: contours in mass and coupling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from na62dump.inference.exclusion.sensitivities import ALL
from na62dump.plotting.heading import HEIGHT
from na62dump.plotting.legend import GAP, columns_for, legend, legend_height
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_maps import mass_scale
from na62dump.plotting.signal_words import MASS, About, axis_of, final_state_label, head_yields
from na62dump.plotting.style import LINE_WIDTH, of_simulation, styled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from na62dump.inference.exclusion.sensitivities import Sensitivity
    from na62dump.signal.yields import Expected

WIDTH, DOWN = 6.8, 4.8
"""Size of the axes, in."""

TOGETHER: dict[str, Any] = {"color": "black", "linestyle": "-", "linewidth": LINE_WIDTH}
"""Look of all together."""


def shares_of_sensitivity(found: Mapping[str, Sensitivity], expected: Expected, *, about: About, what: str) -> Figure:
    """Draw what parts of the signal would exclude, each alone and all together.

    Parameters
    ----------
    found : mapping of str to Sensitivity
        By name: of a production mechanism or channel, or of a final state.
    expected : Expected
        Has the grid.
    about : About
        For the heading.
    what : str
        What is told apart, and at which level, for the heading.

    Returns
    -------
    Figure
        One contour each; one that excludes nothing has an entry in the legend that says so.
    """
    with styled():
        return _figure(found, expected, about=about, what=what)


def _figure(found: Mapping[str, Sensitivity], expected: Expected, *, about: About, what: str) -> Figure:
    looks = {name: TOGETHER if name == ALL else of_simulation(number) for number, name in enumerate(found)}
    handles = [Line2D([], [], label=_label(name, found[name]), **look) for name, look in looks.items()]
    columns = columns_for(handles)
    top = HEIGHT + legend_height([str(handle.get_label()) for handle in handles], columns=columns) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + BELOW)
    head_yields(figure, expected, about=about, what=what)
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    axes.set(xlabel=MASS, ylabel=axis_of(expected.coupling), yscale="log")
    axes.set(xlim=expected.masses[[0, -1]], ylim=expected.couplings[[0, -1]])
    mass_scale(axes, expected.masses)
    for name, look in looks.items():
        height = found[name].height
        if height.min() < 0 < height.max():
            style = {"colors": look["color"], "linestyles": look["linestyle"], "linewidths": look["linewidth"]}
            axes.contour(expected.masses, expected.couplings, height.T, levels=[0.0], **style)
    legend(axes, height=DOWN, handles=handles, columns=columns)
    return figure


def _label(name: str, found: Sensitivity) -> str:
    said = "all together" if name == ALL else final_state_label(name)
    return said if found.extents is not None else f"{said}: nothing"
