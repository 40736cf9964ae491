"""Masses and couplings at which a model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump import units
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.signal.acceptance import Acceptance
    from na62dump.signal.model import Model

EXTREME = 1e30
"""Couplings and their inverse stay below: their powers are numbers still."""

NARROW = 1e-6
"""Relative width below which a range is one mass."""

SOME = 8
"""Masses that a person is shown if none are asked for."""


def spaced(number: int, ends: tuple[float, float], *, where: str) -> NDArray[np.float64]:
    """Values evenly spaced in the logarithm; one alone is the first.

    Parameters
    ----------
    number : int
        How many.
    ends : (float, float)
        First and last.
    where : str
        What asked for them, for the message.

    Returns
    -------
    float64[n]
        In the unit of the ends.

    Raises
    ------
    ConfigurationError
        If the ends are not above 0, or in the wrong order.
    """
    low, high = ends
    if not 0 < low <= high < np.inf:
        msg = f"{where} {low:g} {high:g}: the first must be above 0, and the second not below it"
        raise ConfigurationError(msg)
    if low == high or number == 1:
        return np.array([low])
    grid = np.geomspace(low, high, number)
    grid[0], grid[-1] = low, high  # not off by a rounding, which would be outside of the samples
    return grid


def check_coupling(coupling: float, *, where: str) -> None:
    """Refuse a coupling (in any unit) that is not above 0, or beyond all reason; ``where`` is what asked for it.

    Raises
    ------
    ConfigurationError
        If it is.
    """
    if not 1 / EXTREME <= coupling <= EXTREME:
        msg = f"{where} {coupling:g}: give a number above 0, from {1 / EXTREME:g} to {EXTREME:g}"
        raise ConfigurationError(msg)


def mass(text: str) -> float:
    """Mass (MeV) that a text with a unit stands for.

    Raises
    ------
    ConfigurationError
        If it is none.
    """
    try:
        return units.parse(text, "energy")
    except ConfigurationError as error:
        msg = f"mass {error}"
        raise ConfigurationError(msg) from error


def masses_of(model: Model, asked: Sequence[str] = ()) -> list[float]:
    """Masses (MeV) by their texts, or some of the model if there are none.

    Raises
    ------
    ConfigurationError
        If one is none, or the model does not know it.
    """
    found = [mass(text) for text in asked]
    for each in found:
        if not model.mass_min <= each <= model.mass_max:
            msg = (
                f"mass '{each:.10g} MeV': {model.name} is known from {model.mass_min:.10g} to {model.mass_max:.10g} MeV"
            )
            raise ConfigurationError(msg)
    if found:
        return found
    if model.mass_max < model.mass_min * (1 + NARROW):
        return [(model.mass_min + model.mass_max) / 2]
    return [float(each) for each in np.geomspace(model.mass_min, model.mass_max, SOME + 2)[1:-1]]


def masses_between(
    acceptances: Sequence[Acceptance], number: int, *, model: Model, asked: tuple[str, str] | None
) -> NDArray[np.float64]:
    """Masses between the ends asked for, or those of the samples.

    Parameters
    ----------
    acceptances : sequence of Acceptance
        Their samples give the ends.
    number : int
        How many.
    model : Model
        Has to know them.
    asked : (str, str), optional
        First and last, with units.

    Returns
    -------
    float64[m], MeV
        Evenly spaced in the logarithm, but for those nearest to the first and last sample of an acceptance, which are put there: a
        search that begins or ends inside of the grid does so at a point of it.

    Raises
    ------
    ConfigurationError
        If what is asked for is no range, or the model does not know it.
    """
    known = [[sample.mass for sample in acceptance.samples] for acceptance in acceptances]
    ends = tuple(masses_of(model, asked)) if asked else (min(map(min, known)), max(map(max, known)))
    grid = spaced(number, (ends[0], ends[1]), where="--mass-range")
    for end in (of(masses) for masses in known for of in (min, max)):
        nearest = int(np.abs(grid - end).argmin())
        if 0 < nearest < len(grid) - 1:
            grid[nearest] = end
    return grid
