"""Expected events against mass at one coupling, by production channel or by final state, with their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch

from na62dump.plotting.heading import HEIGHT
from na62dump.plotting.legend import GAP, columns_for, legend, legend_height
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_maps import mass_scale
from na62dump.plotting.signal_words import MASS, final_state_label, head_yields, value_of
from na62dump.plotting.style import FAINT, LINE_WIDTH, of_simulation
from na62dump.reach import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.plotting.signal_words import About
    from na62dump.signal.yields import Expected

WIDTH, DOWN = 6.8, 4.4
"""Size of the axes, in."""

SPAN = 1e5
"""Top of the vertical axis over its bottom."""

HEADROOM = 3.0
"""Top of the vertical axis over the highest curve."""

OPACITY = 0.35
"""Of statistical bands."""

HATCH = "/////"
"""Of theory bands."""

WORDS = {"channel": "production channel", "final_state": "final state"}
"""What is told apart, in words."""


@dataclass(frozen=True)
class Curve:
    """Expected numbers against mass.

    Attributes
    ----------
    label : str
        For the legend.
    events, statistical, theory : float64[m]
        Numbers and their errors, pure numbers.
    look : mapping
        Properties of matplotlib.
    """

    label: str
    events: NDArray[np.float64]
    statistical: NDArray[np.float64]
    theory: NDArray[np.float64]
    look: Mapping[str, Any]


def yields_curves(expected: Expected, by: str, *, index: int, why: str, about: About, regions: Sequence[str]) -> Figure:
    """Draw the expected numbers at one coupling.

    Parameters
    ----------
    expected : Expected
        Numbers of the regions that are shown.
    by : str
        Field of the parts that is told apart: ``"channel"`` or ``"final_state"``.
    index : int
        Index of the coupling.
    why : str
        Why this one, for the heading.
    about : About
        For the heading.
    regions : sequence of str
        Where they are counted, for the labels.

    Returns
    -------
    Figure
        One line each, and one of the total; statistical errors are shaded, those by theory hatched.
    """
    curves, where = _curves(expected, by, index=index), ", ".join(regions)
    notes = [
        Patch(facecolor=FAINT, alpha=OPACITY, label="statistical error: number of simulated decays"),
        Patch(facecolor="none", edgecolor=FAINT, hatch=HATCH, linewidth=0, label="theory error: production"),
    ]
    coupling = value_of(expected.coupling, float(expected.couplings[index]))
    labels = [*(curve.label for curve in curves), *(str(note.get_label()) for note in notes), f"{ENOUGH:.3g} events"]
    columns = columns_for(labels)
    top = HEIGHT + legend_height(labels, columns=columns) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + BELOW)
    said = about._replace(model=f"{about.model},  {coupling}" if about.model else coupling)
    head_yields(figure, expected, about=said, what=f"by {WORDS[by]}, {why}")
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    highest = max([0.0, *(float(curve.events.max()) for curve in curves)]) or ENOUGH
    floor = HEADROOM * highest / SPAN
    handles: list[Any] = [_draw(axes, curve, masses=expected.masses, floor=floor) for curve in curves]
    line = axes.axhline(ENOUGH, color=FAINT, linewidth=LINE_WIDTH / 2, label=f"{ENOUGH:.3g} events")
    axes.set(xlabel=MASS, ylabel=f"Expected events in {where}", yscale="log", ylim=(floor, HEADROOM * highest))
    if expected.masses.size > 1:
        axes.set_xlim(*expected.masses[[0, -1]])
    mass_scale(axes, expected.masses)
    legend(axes, height=DOWN, handles=[*handles, *notes, line], columns=columns)
    return figure


def _curves(expected: Expected, by: str, *, index: int) -> list[Curve]:
    """All that have any events; the total if there are several."""
    at = replace(
        expected, events=expected.events[:, :, index, None], statistical=expected.statistical[:, :, index, None]
    )

    def curve(label: str, look: Mapping[str, Any], **asked: str) -> Curve:
        errors = at.statistical_error(**asked)[:, 0], at.theory_error(**asked)[:, 0]
        return Curve(label, at.total(**asked)[:, 0], *errors, look)

    names = expected.names(by)
    labels = [final_state_label(name) if by == "final_state" else name for name in names]
    every = [
        curve(label, of_simulation(number), **{by: name})
        for number, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    found = [one for one in every if one.events.any()]
    total = [curve("total", {"color": "black", "linewidth": LINE_WIDTH})] if len(found) > 1 else []
    return [*found, *total]


def _draw(axes: Axes, curve: Curve, *, masses: NDArray[np.float64], floor: float) -> Any:  # noqa: ANN401 - matplotlib's line
    """Line with its bands, float64[m] masses in MeV; what is not above 0 is not drawn."""
    some, colour = curve.events > 0, curve.look["color"]
    shown = np.where(some, curve.events, np.nan)
    shaded = {"facecolor": colour, "alpha": OPACITY}
    hatched = {"facecolor": "none", "edgecolor": colour, "hatch": HATCH}
    for error, look in ((curve.statistical, shaded), (curve.theory, hatched)):
        # to 0 or below no logarithmic axis goes
        low = np.maximum(shown - error, floor / SPAN)
        axes.fill_between(masses, low, shown + error, where=some, linewidth=0, **look)
    marker = "o" if masses.size == 1 else "none"
    return axes.plot(masses, shown, label=curve.label, marker=marker, **curve.look)[0]
