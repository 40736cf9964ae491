"""All figures of backgrounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.background.backgrounds import mechanism as of_mechanism
from na62dump.plotting.background_checks import checks_figure
from na62dump.plotting.background_mechanisms import mechanisms_figure
from na62dump.plotting.background_shapes import mass_figure, plane_figure
from na62dump.plotting.background_times import times_figure
from na62dump.plotting.background_validation import validation_figure
from na62dump.plotting.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from na62dump.background.backgrounds import Backgrounds

COMBINATORIAL = "combinatorial"
"""The mechanism whose plane and masses are drawn, if no other is asked for."""


def draw_backgrounds(found: Backgrounds, *, mechanism: str = COMBINATORIAL) -> dict[str, Figure]:
    """Draw what a search expects of background, and what data show.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.
    mechanism : str
        Whose plane and masses are drawn.

    Returns
    -------
    dict of str to Figure
        ``"plane"``, ``"time_difference"``, ``"validation"``, ``"mechanisms"``, ``"checks"``, ``"mass"``, without those
        for which there is nothing to draw. To be written by `save`.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If regions are observed that cannot be compared.
    """
    one = of_mechanism(found.estimates, mechanism)
    with styled():
        figures = {
            "plane": plane_figure(found, one) if one else None,
            "time_difference": times_figure(found),
            "validation": validation_figure(found),
            "mechanisms": mechanisms_figure(found),
            "checks": checks_figure(found),
            "mass": mass_figure(found, one) if one else None,
        }
    return {name: figure for name, figure in figures.items() if figure is not None}
