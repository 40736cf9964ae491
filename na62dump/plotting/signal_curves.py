"""Expected events against mass or coupling, by production channel or by final state, with their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch

from na62dump.plotting.heading import HEIGHT
from na62dump.plotting.legend import GAP, columns_for, legend, legend_height
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_maps import mass_scale
from na62dump.plotting.signal_points import beside, leave_border
from na62dump.plotting.signal_words import MASS, axis_of, final_state_label, head_yields, value_of
from na62dump.plotting.style import FAINT, LINE_WIDTH, MARKER_SIZE, of_simulation
from na62dump.reach import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform
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

WIDE = 2.0
"""Width of statistical bars over that of the marker, which would hide them."""

APART, WITHIN = 0.3, WIDTH / 2
"""Distance between points of the only mass, and most between the first and the last, in."""

LOW = 10.0
"""Lowest point of the only mass over the bottom of the vertical axis, at most."""

BARS: tuple[dict[str, Any], ...] = (
    {"elinewidth": WIDE * MARKER_SIZE, "capsize": 0.0, "alpha": OPACITY},
    {"elinewidth": LINE_WIDTH / 2, "capsize": MARKER_SIZE / 2},
)
"""Look of statistical and of theory errors of points that have no neighbours, hence no band."""

ERRORS = "statistical error: number of simulated decays", "theory error: production"

WORDS = {"channel": "production channel", "final_state": "final state"}
"""What is told apart, in words."""


@dataclass(frozen=True)
class Curve:
    """Expected numbers along the horizontal axis.

    Attributes
    ----------
    label : str
        For the legend.
    events, statistical, theory : float64[n]
        Numbers and their errors, pure numbers.
    look : mapping
        Properties of matplotlib.
    """

    label: str
    events: NDArray[np.float64]
    statistical: NDArray[np.float64]
    theory: NDArray[np.float64]
    look: Mapping[str, Any]

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Whether there are events, and none beside: bool[n]."""
        some = np.pad(self.events > 0, 1)
        return np.asarray(some[1:-1] & ~some[:-2] & ~some[2:])


def yields_curves(
    expected: Expected, by: str, *, index: int | None, why: str, about: About, regions: Sequence[str]
) -> Figure:
    """Draw the expected numbers at one coupling, or at the only mass.

    Parameters
    ----------
    expected : Expected
        Numbers of the regions that are shown.
    by : str
        Field of the parts that is told apart: ``"channel"`` or ``"final_state"``.
    index : int or None
        Index of the coupling; None if there is one mass, and the numbers are drawn against the coupling.
    why : str
        Why there, for the heading.
    about : About
        For the heading.
    regions : sequence of str
        Where they are counted, for the labels.

    Returns
    -------
    Figure
        One line each, and one of the total; statistical errors are shaded, those by theory hatched. Points without
        neighbours have bars instead.
    """
    curves, where = _curves(expected, by, index=index), ", ".join(regions)
    highest = max([0.0, *(float(curve.events.max()) for curve in curves)]) or ENOUGH
    floor, ceiling = _floor(curves, highest), HEADROOM * highest
    lines = [f"{ENOUGH:.3g} events"] if floor < ENOUGH < ceiling else []
    labels = [*(curve.label for curve in curves), *(label for label, _ in _errors(curves)), *lines]
    columns = columns_for(labels)
    top = HEIGHT + legend_height(labels, columns=columns) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + BELOW)
    said = about._replace(model=",  ".join([*([about.model] if about.model else []), *_fixed(expected, index)]))
    head_yields(figure, expected, about=said, what=f"by {WORDS[by]}, {why}")
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    axes.set(ylabel=f"Expected events in {where}", yscale="log", ylim=(floor, ceiling))
    along = _across(axes, expected, curves, index=index)
    handles = [_draw(axes, curve, along=along, floor=floor, moved=moved) for moved, curve in _placed(axes, curves)]
    handles += [_note(axes, label, number, curves=curves) for label, number in _errors(curves)]
    handles += [axes.axhline(ENOUGH, color=FAINT, linewidth=LINE_WIDTH / 2, label=label) for label in lines]
    legend(axes, height=DOWN, handles=handles, columns=columns)
    return figure


def _floor(curves: Sequence[Curve], highest: float) -> float:
    """Bottom of the vertical axis: points of the only mass need no more room than they span."""
    lowest = min((float(curve.events[0]) for curve in curves if curve.events.size == 1), default=0.0)
    return max(HEADROOM * highest / SPAN, lowest / LOW)


def _fixed(expected: Expected, index: int | None) -> list[str]:
    """What is the same for all that is drawn, in words."""
    mass = [f"{float(expected.masses[0]):.4g} MeV"] if expected.masses.size == 1 else []
    return mass if index is None else [*mass, value_of(expected.coupling, float(expected.couplings[index]))]


def _curves(expected: Expected, by: str, *, index: int | None) -> list[Curve]:
    """All that have any events; the total if there are several."""
    at = slice(None) if index is None else slice(index, index + 1)
    cut = replace(expected, events=expected.events[:, :, at], statistical=expected.statistical[:, :, at])

    def curve(label: str, look: Mapping[str, Any], **asked: str) -> Curve:
        found = cut.total(**asked), cut.statistical_error(**asked), cut.theory_error(**asked)
        events, statistical, theory = (values.ravel() for values in found)
        return Curve(label, events, statistical, theory, look)

    names = expected.names(by)
    labels = [final_state_label(name) if by == "final_state" else name for name in names]
    every = [
        curve(label, of_simulation(number), **{by: name})
        for number, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    found = [one for one in every if one.events.any()]
    several = len(found) > 1 and not (expected.alternatives and by == "final_state")
    total = [curve("total", {"color": "black", "linewidth": LINE_WIDTH})] if several else []
    return [*found, *total]


def _errors(curves: Sequence[Curve]) -> list[tuple[str, int]]:
    """Label and number of each kind of error that any curve has."""
    given = any(curve.statistical.any() for curve in curves), any(curve.theory.any() for curve in curves)
    return [(label, number) for number, label in enumerate(ERRORS) if given[number]]


def _across(axes: Axes, expected: Expected, curves: Sequence[Curve], *, index: int | None) -> NDArray[np.float64]:
    """Set the horizontal axis up, and return its grid: float64[n], MeV or the unit of the coupling."""
    along = expected.couplings if index is None else expected.masses
    if index is None:
        axes.set(xlabel=axis_of(expected.coupling), xscale="log")
    else:
        axes.set_xlabel(MASS)
        mass_scale(axes, along)
    if any(curve.alone.any() for curve in curves) or along.size == 1:
        leave_border(axes, along)
    else:
        axes.set_xlim(*along[[0, -1]])
    return along


def _placed(axes: Axes, curves: Sequence[Curve]) -> list[tuple[Transform, Curve]]:
    """Curves with their transformation: points of the only mass are beside each other."""
    return [
        (beside(axes, number=number, step=min(APART, WITHIN / len(curves)), of=len(curves)), curve)
        if curve.events.size == 1
        else (axes.transData, curve)
        for number, curve in enumerate(curves)
    ]


def _note(axes: Axes, label: str, number: int, *, curves: Sequence[Curve]) -> Any:  # noqa: ANN401 - matplotlib's handle
    """Entry of the legend for a kind of error, as it is drawn."""
    if all((curve.alone == (curve.events > 0)).all() for curve in curves):
        return axes.errorbar([], [], yerr=[], fmt="none", ecolor=FAINT, label=label, **BARS[number])
    return Patch(label=label, linewidth=0, **_bands(FAINT)[number])


def _bands(colour: str) -> tuple[dict[str, Any], ...]:
    """Look of statistical and of theory errors of neighbours."""
    return {"facecolor": colour, "alpha": OPACITY}, {"facecolor": "none", "edgecolor": colour, "hatch": HATCH}


def _draw(axes: Axes, curve: Curve, *, along: NDArray[np.float64], floor: float, moved: Transform) -> Any:  # noqa: ANN401 - matplotlib's line
    """Line with its bands, float64[n] along the axis in its unit; what is not above 0 is not drawn."""
    some, alone, colour = curve.events > 0, curve.alone, curve.look["color"]
    shown = np.where(some, curve.events, np.nan)
    for error, look, bar in zip((curve.statistical, curve.theory), _bands(colour), BARS, strict=True):
        # to 0 or below no logarithmic axis goes
        low = np.maximum(shown - error, floor / SPAN)
        axes.fill_between(along, low, shown + error, where=some & ~alone, linewidth=0, **look)
        if error[alone].any():
            lengths = np.maximum(shown - low, 0.0)[alone], error[alone]
            axes.errorbar(along[alone], shown[alone], yerr=lengths, fmt="none", ecolor=colour, transform=moved, **bar)
    points = {"marker": "o", "markersize": MARKER_SIZE, "markevery": np.flatnonzero(alone).tolist()}
    look = {**curve.look, **(points if alone.any() else {}), **({} if (some & ~alone).any() else {"linestyle": "none"})}
    return axes.plot(along, shown, label=curve.label, transform=moved, **look)[0]
