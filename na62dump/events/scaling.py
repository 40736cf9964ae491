"""Events with measured columns scaled and shifted: what a systematic variation does before reconstruction."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.events.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.events.table import Events

SCALABLE = tuple(c.name for c in COLUMNS.values() if c.dtype.startswith("float") and c.presence != "simulation")
"""Columns that were measured: no keys, no whole numbers, no truth, no weight."""


@dataclass(frozen=True, init=False)
class Scaling:
    """Factors and shifts of columns; equal ones are one key of a dict.

    Attributes
    ----------
    factors : tuple of (str, float)
        Columns, sorted, with what each is multiplied by, without unit; those of factor 1 are left out.
    shifts : tuple of (str, float)
        Columns, sorted, with what is then added to each, in the unit of the column (mm, ns, MeV, MeV/c, rad); those of
        shift 0 are left out.

    Raises
    ------
    UnknownNameError
        If a column is unknown, or was not measured.
    ConfigurationError
        If a number is not finite.
    """

    factors: tuple[tuple[str, float], ...]
    shifts: tuple[tuple[str, float], ...]

    def __init__(self, factors: Mapping[str, float] | None = None, shifts: Mapping[str, float] | None = None) -> None:
        object.__setattr__(self, "factors", _checked(factors or {}, what="factor", idle=1))
        object.__setattr__(self, "shifts", _checked(shifts or {}, what="shift", idle=0))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are changed, sorted."""
        return tuple(sorted({*dict(self.factors), *dict(self.shifts)}))


def scaled(events: Events, scaling: Scaling) -> Events:
    """Events with some columns multiplied, then shifted; columns that were not read are passed over.

    Parameters
    ----------
    events : Events
        What the detector recorded; all columns but the changed ones are shared with the result.
    scaling : Scaling
        Factors, and shifts in the units of the columns.

    Returns
    -------
    Events
        With values computed in float64 and stored in the type of their column; ``events`` itself if nothing changes.
    """
    factors, shifts = dict(scaling.factors), dict(scaling.shifts)
    changed = {
        name: _linear(events[name], factor=factors.get(name, 1), shift=shifts.get(name, 0))
        for name in scaling.columns
        if name in events
    }
    return replace(events, columns={**events.columns, **changed}) if changed else events


def _linear(values: NDArray[np.floating], *, factor: float, shift: float) -> NDArray[np.floating]:
    return (values.astype(np.float64) * factor + shift).astype(values.dtype)


def _checked(numbers: Mapping[str, float], *, what: str, idle: float) -> tuple[tuple[str, float], ...]:
    for name, number in numbers.items():
        if name not in SCALABLE:
            reason = "was not measured as a float" if name in COLUMNS else "is unknown"
            msg = f"a {what} is given for column '{name}', which {reason}; {nearest(name, SCALABLE)}"
            raise UnknownNameError(msg)
        if not math.isfinite(number):
            msg = f"the {what} of column '{name}' is {number}: it must be a finite number"
            raise ConfigurationError(msg)
        if what == "factor" and number <= 0:
            msg = f"the factor of column '{name}' is {number}: it must be above 0"
            raise ConfigurationError(msg)
    return tuple(sorted((name, float(number)) for name, number in numbers.items() if number != idle))
