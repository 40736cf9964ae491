"""Accepted share of the particles of one production channel and final state, against lifetime and against mass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from na62dump.plotting.heading import HEIGHT
from na62dump.plotting.legend import GAP, LINE, legend
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet
from na62dump.plotting.signal_maps import mass_scale
from na62dump.plotting.signal_words import MASS, final_state_label, head_acceptance, length
from na62dump.plotting.style import of_simulation
from na62dump.reach import spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.signal.acceptance import Acceptance

WIDTH, DOWN = 4.6, 4.0
"""Size of each of both axes, in."""

POINTS = 100
"""Points along a curve."""

WIDEST = np.geomspace(1e-3, 1e9, 241)
"""Proper decay lengths, float64[241] in mm, among which the one with the largest share is looked for."""

SHORTER, LONGER = 1 / 30, 1e3
"""First and last decay length drawn, over the shortest and the longest of those with the largest share."""

MASSES = 5
"""Most masses that have a curve."""

DECADES = np.array([-1, 0, 1, 2, 3])
"""Decay lengths that have a curve: int64[5], powers of ten over the one with the largest share."""

SPAN, HEADROOM = 1e4, 3.0
"""Top of the vertical axis over its bottom, and over the highest curve."""

OPACITY = 0.35
"""Of bands."""


@dataclass(frozen=True)
class Series:
    """Samples of one production channel and final state, counted in one region."""

    acceptance: Acceptance
    channel: str
    final_state: str
    region: str

    def share(self, mass: float, ctau: NDArray[np.float64]) -> NDArray[np.float64]:
        """Accepted share and its error for a mass in MeV: float64[2, c], pure numbers, for ctau float64[c] in mm."""
        row = self.acceptance.regions.index(self.region)
        shares, errors = self.acceptance.fractions(self.channel, self.final_state, mass=mass, ctau=ctau)
        return np.array([shares[row], errors[row]])

    @cached_property
    def masses(self) -> NDArray[np.float64]:
        """Simulated masses: float64[m], MeV."""
        return np.array([sample.mass for sample in self.acceptance.series[self.channel, self.final_state]])

    @cached_property
    def wide(self) -> NDArray[np.float64]:
        """Share for each simulated mass and all of `WIDEST`: float64[m, 241], pure numbers."""
        return np.array([self.share(mass, WIDEST)[0] for mass in self.masses.tolist()])

    @property
    def best(self) -> NDArray[np.float64]:
        """Decay length with the largest share for each simulated mass: float64[m], mm."""
        return np.asarray(WIDEST[self.wide.argmax(axis=1)])


def shares_figure(series: Series) -> Figure:
    """Draw the accepted share of one production channel and final state.

    Parameters
    ----------
    series : Series
        Which, and where.

    Returns
    -------
    Figure
        Left against the proper decay length for some masses; right against mass for some decay lengths, with points where
        decays were simulated. Bands are statistical errors.
    """
    top = HEIGHT + LINE * max(MASSES, len(DECADES)) + GAP
    figure = sheet(2 * (LEFT + WIDTH) + MARGIN, top + DOWN + BELOW)
    what = f"{series.channel} to {final_state_label(series.final_state)}, accepted in {series.region}"
    head_acceptance(figure, series.acceptance, what=f"{what}; bands: statistical error")
    highest = float(series.wide.max()) or 1.0
    for number, draw in enumerate((_against_lifetime, _against_mass)):
        axes = place(figure, left=LEFT + number * (LEFT + WIDTH), top=top, width=WIDTH, height=DOWN)
        axes.set(ylabel="Accepted share of all particles", yscale="log")
        axes.set_ylim(HEADROOM * highest / SPAN, HEADROOM * highest)
        draw(axes, series)
        legend(axes, height=DOWN)
    return figure


def _against_lifetime(axes: Axes, series: Series) -> None:
    ctau = np.geomspace(SHORTER * series.best.min(), LONGER * series.best.max(), POINTS)
    for number, mass in enumerate(series.masses[spread(len(series.masses), MASSES)].tolist()):
        _curve(axes, ctau, series.share(mass, ctau), number=number, label=f"{mass:.4g} MeV")
    axes.set(xlabel=r"Proper decay length $c\tau$ [mm]", xscale="log", xlim=ctau[[0, -1]])


def _against_mass(axes: Axes, series: Series) -> None:
    ctau = 10.0 ** (round(float(np.log10(np.median(series.best)))) + DECADES)
    masses = np.union1d(series.masses, np.linspace(series.masses[0], series.masses[-1], POINTS))
    found = np.array([series.share(mass, ctau) for mass in masses.tolist()])
    simulated = np.isin(masses, series.masses)
    for number, one in enumerate(ctau.tolist()):
        shares = found[:, :, number].T
        _curve(axes, masses, shares, number=number, label=rf"$c\tau$ = {length(one)}")
        axes.plot(masses[simulated], shares[0, simulated], "o", ms=3, color=of_simulation(number)["color"])
    axes.set_xlabel(MASS)
    mass_scale(axes, series.masses)


def _curve(axes: Axes, along: NDArray[np.float64], shares: NDArray[np.float64], *, number: int, label: str) -> None:
    """Line with its band: float64[n] in the unit of the axis, float64[2, n] share and error; only what is above 0."""
    look, some = of_simulation(number), shares[0] > 0
    value, error = np.where(some, shares, np.nan)
    axes.plot(along, value, label=label, **look)
    low = np.maximum(value - error, np.finfo(np.float64).tiny)
    axes.fill_between(along, low, value + error, where=some, facecolor=look["color"], alpha=OPACITY, linewidth=0)
