"""How well the mass of simulated decays is measured, and how often the trigger took them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.efficiencies import efficiency
from na62dump.plotting.heading import HEIGHT
from na62dump.plotting.legend import GAP, columns_for, legend, legend_height
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_maps import mass_scale
from na62dump.plotting.signal_points import beside, leave_border
from na62dump.plotting.signal_words import MASS, final_state_label, head_acceptance
from na62dump.plotting.style import COLOURS, FAINT, LINE_WIDTH, MARKER_SIZE, POINTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.signal.acceptance import Acceptance, Simulated

WIDTH, DOWN = 6.8, 3.0
"""Size of the axes of one panel, in."""

BETWEEN = 0.2
"""Room between two panels, in."""

HEADROOM = 1.15
"""Top of an axis of masses over the highest bar."""

UPRIGHT = 1.03
"""Top of an axis of efficiencies."""

APART, WITHIN = 0.09, 0.4
"""Distance between points of one mass, and most between the first and the last, in: their bars would hide each other."""


def resolution_figure(acceptance: Acceptance, final_state: str) -> Figure | None:
    """Draw how the measured mass differs from the true one.

    Parameters
    ----------
    acceptance : Acceptance
        Selected decays.
    final_state : str
        Which.

    Returns
    -------
    Figure or None
        Points at the median of the difference, with bars that hold the central 68% of it; below, half the length of
        the bars. None if the search measures no mass.
    """
    series = _of(acceptance, final_state)
    found = {
        name: np.array([(sample.mass, *sample.resolution) for sample in samples if sample.resolution]).T
        for name, samples in series.items()
        if any(sample.resolution for sample in samples)
    }
    if not found:
        return None
    figure, (first, second) = _panels(found, 2)
    what = f"measured minus true mass of {final_state_label(final_state)}; points: median; bars: central 68%"
    head_acceptance(figure, acceptance, what=what)
    for number, (name, (mass, median, width)) in enumerate(found.items()):
        none = np.zeros_like(width)
        _points(first, mass, np.array([median, width, width]), number=number, of=len(found), label=name)
        _points(second, mass, np.array([width, none, none]), number=number, of=len(found), label=name)
    first.axhline(0, color=FAINT, linewidth=LINE_WIDTH / 2)
    highest = HEADROOM * max(float((abs(median) + width).max()) for _, median, width in found.values())
    first.set(ylabel="Measured - true mass [MeV]", ylim=(-highest, highest))
    second.set(ylabel="Half of the central 68% [MeV]", ylim=(0, highest))
    _finish((first, second), series)
    return figure


def trigger_figure(acceptance: Acceptance, final_state: str) -> Figure | None:
    """Draw how often selected decays have the trigger.

    Parameters
    ----------
    acceptance : Acceptance
        Selected decays.
    final_state : str
        Which.

    Returns
    -------
    Figure or None
        One panel for each line that the efficiency is measured with; bars are intervals of Clopper and Pearson. None if
        it is not measured.
    """
    series = _of(acceptance, final_state)
    lines = list(dict.fromkeys(line for samples in series.values() for sample in samples for line in sample.trigger))
    if not lines:
        return None
    figure, panels = _panels(series, len(lines))
    what = f"trigger efficiency of selected {final_state_label(final_state)}; bars: 68% (Clopper and Pearson)"
    head_acceptance(figure, acceptance, what=what)
    for line, axes in zip(lines, panels, strict=True):
        lowest = UPRIGHT
        for number, (name, samples) in enumerate(series.items()):
            counts = [(sample.mass, *sample.trigger.get(line, (0, 0))) for sample in samples]
            measured = [(mass, had, efficiency(both, had)) for mass, had, both in counts]
            rows = [(mass, *value) for mass, _, value in measured if value]
            mass, *values = np.array(rows).reshape(-1, 4).T
            _points(axes, mass, np.array(values), number=number, of=len(series), label=name)
            lowest = min([lowest, *(values[0] - values[1]).tolist()])
        axes.set(ylabel=f"Trigger efficiency by {line}", ylim=(lowest - (UPRIGHT - 1), UPRIGHT))
        axes.axhline(1, color=FAINT, linewidth=LINE_WIDTH / 2)
    _finish(panels, series)
    return figure


def _of(acceptance: Acceptance, final_state: str) -> dict[str, tuple[Simulated, ...]]:
    """Samples of one final state by production channel."""
    return {channel: samples for (channel, into), samples in acceptance.series.items() if into == final_state}


def _panels(labels: Collection[str], number: int) -> tuple[Figure, list[Axes]]:
    """A number of axes one below the other, with room for a legend above the first."""
    top, down = HEIGHT + legend_height(labels, columns=columns_for(labels)) + GAP, DOWN + BETWEEN
    figure = sheet(LEFT + WIDTH + MARGIN, top + number * down - BETWEEN + BELOW)
    return figure, [place(figure, left=LEFT, top=top + n * down, width=WIDTH, height=DOWN) for n in range(number)]


def _points(
    axes: Axes, masses: NDArray[np.float64], values: NDArray[np.float64], *, number: int, of: int, label: str
) -> None:
    """Points with bars, float64[n] masses in MeV, float64[3, n] values and lengths down and up; one of several series."""
    axes.errorbar(
        masses,
        values[0],
        yerr=values[1:],
        label=label,
        linestyle="none",
        color=COLOURS[number % len(COLOURS)],
        marker=POINTS[number % len(POINTS)][0],
        markersize=MARKER_SIZE,
        transform=beside(axes, number=number, of=of, step=_step(of)),
    )


def _step(of: int) -> float:
    """Distance between points of one mass, in."""
    return min(APART, WITHIN / of)


def _finish(axes: Sequence[Axes], series: Mapping[str, Sequence[Simulated]]) -> None:
    """Axis of masses below the last, the same for all; legend above the first."""
    masses = np.array([sample.mass for samples in series.values() for sample in samples])
    for one in axes:
        mass_scale(one, np.sort(masses))
        leave_border(one, masses, aside=_step(len(series)) * (len(series) - 1) / 2)
        one.tick_params(axis="x", which="both", labelbottom=one is axes[-1])
    axes[-1].set_xlabel(MASS)
    legend(axes[0], height=DOWN, columns=columns_for(axes[0].containers))
