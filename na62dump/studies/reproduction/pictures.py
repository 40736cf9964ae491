"""Figures of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump import plotting
from na62dump.inference.exclusion.lifetimes import has_product
from na62dump.inference.exclusion.sensitivities import By, sensitivities
from na62dump.plotting.heading import on_target
from na62dump.plotting.limits_shares import shares_of_sensitivity
from na62dump.plotting.signal_words import About

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.inference.exclusion.limits import Limits
    from na62dump.plotting.files import Figures
    from na62dump.signal.yields import Expected

SIGNAL = "SR"

APART: Mapping[By, str] = {"channel": "production", "final_state": "decays"}
"""What is told apart, with the name of the figure."""


def pictures(expected: Expected, limits: Limits, *, whole: bool) -> Figures:
    """Draw limits, and what each way of production and each final state would exclude alone.

    Parameters
    ----------
    expected : Expected
        Signal.
    limits : Limits
        On the same model.
    whole : bool
        Whether to draw more than the limits of all searches together.

    Returns
    -------
    mapping of str to Figure
        By name, which begins with that of the model.
    """
    if has_product(limits.coupling):
        return _named(limits, plotting.draw_lifetimes(limits))
    drawn = plotting.draw_limits(limits)
    if not whole:
        return _named(limits, {"contour": drawn["contour"]})
    kept = {name: figure for name, figure in drawn.items() if name.startswith("contour") or name == "events"}
    return _named(limits, {**kept, **_apart(expected, limits.confidence)})


def _apart(expected: Expected, confidence: float) -> Figures:
    about = About(on_target(expected.protons), expected.label)
    figures = {}
    for by, name in APART.items():
        if len(expected.names(by)) > 1:
            found = sensitivities(expected, by, regions=(SIGNAL,), confidence=confidence)
            what = f"{name} told apart: excluded at {confidence:.0%} CL if nothing is observed"
            figures[name] = shares_of_sensitivity(found, expected, about=about, what=what)
    return figures


def _named(limits: Limits, figures: Figures) -> Figures:
    return {f"{limits.model}_{name}": figure for name, figure in figures.items()}
