"""Figures of one variable: data as points, simulation as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mplhep
import numpy as np
from matplotlib.ticker import MaxNLocator, NullLocator
from mplhep.error_estimation import poisson_interval

from na62dump.histograms import NOMINAL
from na62dump.plotting.heading import entries, head, heading_height, named, per_bin, stage
from na62dump.plotting.legend import GAP, legend, legend_height, wrapped
from na62dump.plotting.seen import of_kind, selected, views
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet, write
from na62dump.plotting.style import FAINT, SMALL, of_data, of_simulation
from na62dump.plotting.variations import draw_bands, envelope, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.histograms import Axis
    from na62dump.plotting.seen import Seen
    from na62dump.results import Result

WIDTH, DOWN = 6.8, 4.2
"""Size of the axes, in."""

VARIED, BETWEEN = 1.2, 0.4
"""Height of the panel of variations below them, and the room between, in."""

HEADROOM = 1.1
"""Top of the vertical axis over the highest point."""


@dataclass(frozen=True)
class Curve:
    """One sample as it is drawn.

    Attributes
    ----------
    label : str
        For the legend.
    heights : float64[bin]
        Counts or scaled sums of weights, without unit; NaN where nothing is drawn.
    errors : float64[2, bin] or None
        Lengths of the error bars down and up, without unit; None for a line.
    look : mapping
        Properties of matplotlib.
    """

    label: str
    heights: NDArray[np.float64]
    errors: NDArray[np.float64] | None
    look: Mapping[str, Any]

    @property
    def highest(self) -> float:
        """Highest point, without unit; 0 if nothing is drawn."""
        above = self.heights if self.errors is None else self.heights + self.errors[1]
        drawn = above[~np.isnan(above)]
        return float(drawn.max()) if drawn.size else 0.0


def spectrum(result: Result, name: str, *, expected: Mapping[str, float] | None) -> Figure:
    """Draw one histogram of one variable, all samples in one.

    Parameters
    ----------
    result : Result
        What a run gave.
    name : str
        The histogram.
    expected : mapping of str to float or None
        Number of selected candidates that each sample of simulation is to stand for; None for shapes.

    Returns
    -------
    Figure
        The legend is above the axes, so that it hides nothing. If simulation was varied, what that changes is below,
        bin by bin, whatever the scale above.
    """
    (axis,) = result.book.declarations.axes_of(name).values()
    found = {sample: views(result, name, sample=sample) for sample in result.state.samples}
    nominal = {sample: every[NOMINAL] for sample, every in found.items()}
    varied = {sample: _varied(found[sample]) for sample in of_kind(result, data=False) if _varied(found[sample])}
    counted = sum(nominal[sample].in_range for sample in of_kind(result, data=True))
    curves = [
        *_simulated(result, nominal, counted=counted, expected=expected),
        *_measured(result, nominal, axis=axis),
    ]
    top = heading_height(result.state) + legend_height(curve.label for curve in curves) + GAP
    figure = sheet(LEFT + WIDTH + MARGIN, top + DOWN + (BETWEEN + VARIED if varied else 0) + BELOW)
    head(figure, result, what=stage(result.book.declarations.histograms[name]))
    axes = place(figure, left=LEFT, top=top, width=WIDTH, height=DOWN)
    edges = np.linspace(axis.low, axis.high, axis.bins + 1)
    for curve in curves:
        _draw(axes, curve, edges=edges)
    what = entries(axis)
    if not axis.unit and np.isclose(axis.high - axis.low, axis.bins):
        # bins of whole numbers
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylabel(f"{what.capitalize() if counted or expected else f'Fraction of {what}'} / {per_bin(axis)}")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, HEADROOM * max(curve.highest for curve in curves) or 1)
    # a power of ten goes to the left of the axis: above it is the legend
    axes.yaxis.get_offset_text().set_horizontalalignment("right")
    legend(axes, height=DOWN)
    if varied:
        _vary(figure, axes, result=result, nominal=nominal, varied=varied, edges=edges, top=top + DOWN)
        axes.tick_params(axis="x", which="both", labelbottom=False)
    figure.axes[-1].set_xlabel(axis.title)
    return figure


def _varied(found: Mapping[str, Seen]) -> dict[str, Seen]:
    """Variations that a sample was run in: in others it has no entries."""
    return {name: view for name, view in found.items() if name != NOMINAL and view.values.any()}


def _vary(
    figure: Figure,
    above: Axes,
    *,
    result: Result,
    nominal: Mapping[str, Seen],
    varied: Mapping[str, Mapping[str, Seen]],
    edges: NDArray[np.float64],
    top: float,
) -> None:
    """Draw what variations change, float64[bin + 1] edges in the unit of the axis, below the axes that end at ``top``."""
    names = (name for every in varied.values() for name in every)
    write(figure, listed(names), left=LEFT, top=top + BETWEEN / 2, fontsize=SMALL, color=FAINT)
    axes = place(figure, left=LEFT, top=top + BETWEEN, width=WIDTH, height=VARIED)
    bands = []
    for number, sample in enumerate(of_kind(result, data=False)):
        if sample in varied:
            sums, *others = (view.values[view.inside] for view in (nominal[sample], *varied[sample].values()))
            bands.append(envelope(sums, others, look=of_simulation(number)))
    draw_bands(axes, bands, edges=edges)
    axes.sharex(above)


def _simulated(
    result: Result, views: Mapping[str, Seen], *, counted: float, expected: Mapping[str, float] | None
) -> Iterator[Curve]:
    for number, sample in enumerate(of_kind(result, data=False)):
        view = views[sample]
        if expected is not None:
            total = selected(result, sample)
            scale, words = (
                expected[sample] / total if total else 0.0,
                f"{expected[sample]:.3g} selected candidates expected",
            )
        elif not view.in_range:
            scale, words = 0.0, "no entries"
        elif counted:
            scale, words = counted / view.in_range, "shape, scaled to data"
        else:
            scale, words = 1 / view.in_range, "shape, area 1"
        label = wrapped(f"{named(result.state.samples[sample])}, {words}")
        yield Curve(label, view.values[view.inside] * scale, None, of_simulation(number))


def _measured(result: Result, views: Mapping[str, Seen], *, axis: Axis) -> Iterator[Curve]:
    for number, sample in enumerate(of_kind(result, data=True)):
        view = views[sample]
        beyond = f", {view.out_of_range:.0f} more out of range" if view.out_of_range else ""
        each = " (two a candidate)" if axis.group == "legs" else ""
        label = f"{named(result.state.samples[sample])}, {view.in_range:.0f} {entries(axis)}{each}{beyond}"
        heights = view.values[view.inside]
        filled = heights > 0
        errors = np.zeros((2, len(heights)))
        if filled.any():
            low, high = poisson_interval(heights[filled], view.variances[view.inside][filled])
            errors[:, filled] = heights[filled] - low, high - heights[filled]
        # an empty bin has no point: a row of them along the axis would say nothing
        yield Curve(wrapped(label), np.where(filled, heights, np.nan), errors, of_data(number))


def _draw(axes: Axes, curve: Curve, *, edges: NDArray[np.float64]) -> None:
    histtype, errors = ("step", False) if curve.errors is None else ("errorbar", curve.errors)
    mplhep.histplot(
        curve.heights, edges, histtype=histtype, yerr=errors, ax=axes, flow="none", label=curve.label, **curve.look
    )
