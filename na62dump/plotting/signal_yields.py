"""All figures of expected numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from na62dump.plotting.heading import on_target
from na62dump.plotting.signal_curves import yields_curves
from na62dump.plotting.signal_maps import is_map, yields_map
from na62dump.plotting.signal_words import About, file_name
from na62dump.plotting.style import styled
from na62dump.reach import ENOUGH, SIGNAL_REGIONS, place_of, widest, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from na62dump.signal.yields import Expected


def draw_yields(
    expected: Expected, *, regions: Sequence[str] = SIGNAL_REGIONS, coupling: float | None = None
) -> dict[str, Figure]:
    """Draw expected numbers.

    Parameters
    ----------
    expected : Expected
        What ``na62dump yields`` wrote.
    regions : sequence of str
        Where events are counted.
    coupling : float, optional
        The one of the curves, in its unit: the nearest of the grid is taken. Without it, the one at which most masses
        have more than 2.3 expected events, of all searches together, or else the one with the most events; curves of
        one mass are then drawn against the coupling.

    Returns
    -------
    dict of str to Figure
        ``"yields"`` and the name of each search, and of all together unless they are alternatives, if the grid has more than one mass and coupling;
        ``"yields_by_channel"`` and ``"yields_by_final_state"`` at one coupling, or at the only mass. To be written by
        `save`.

    Raises
    ------
    UnknownNameError
        If no numbers lie in a region.
    ConfigurationError
        If the coupling is outside of the grid.
    """
    counted = within(expected, regions)
    index = widest(counted.total()) if coupling is None else place_of(expected, coupling)
    along = coupling is None and counted.masses.size == 1 and counted.couplings.size > 1
    why = _why(counted, asked=coupling is not None, along=along)
    about = About(on_target(expected.protons), expected.label)
    names = counted.names("analysis")
    figures = {}
    with styled():
        if is_map(counted):
            for name in names:
                figures[file_name("yields", name)] = yields_map(_of(counted, name), about=about, regions=regions)
            if len(names) > 1 and not counted.alternatives:
                figures["yields_all"] = yields_map(counted, about=about, regions=regions)
        for by in ("final_state",) if counted.alternatives else ("channel", "final_state"):
            figures[f"yields_by_{by}"] = yields_curves(
                counted, by, index=None if along else index, why=why, about=about, regions=regions
            )
    return figures


def _why(counted: Expected, *, asked: bool, along: bool) -> str:
    """Where the curves are, for the heading."""
    if asked:
        return "at the coupling asked for"
    if along:
        return "at the only mass"
    if counted.couplings.size == 1:
        return "at the only coupling"
    if (counted.total() > ENOUGH).any():
        return f"at the coupling where most masses have more than {ENOUGH:.3g} events"
    return "at the coupling with the most events"


def _of(expected: Expected, analysis: str) -> Expected:
    """The numbers of one search, with what it does not cover."""
    alone = expected.take(expected.select(analysis=analysis))
    return replace(alone, uncovered=tuple(text for text in expected.uncovered if f"({analysis})" in text))
