"""One variable axis: what it is filled with, its edges, and the unit in which it is shown."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_serializer, field_validator, model_validator

from na62dump import units
from na62dump.configuration import Settings
from na62dump.errors import ConfigurationError, UnknownQuantityError, nearest
from na62dump.reconstruction import GROUPS, quantity

_PURE = frozenset({"1", "e", "25 ns"})


class Axis(Settings):
    """A variable axis.

    Attributes
    ----------
    variable : str
        Name of a quantity, such as ``mass`` or ``plus.e_over_p``; ``legs.e_over_p`` fills both legs of a row
        (see `GROUPS`).
    bins : int
        Number of bins; underflow and overflow come on top.
    low, high : float
        Edges, in ``unit``. In a file, text with any unit of the same dimension, or a number if ``unit`` is empty.
    unit : str
        Unit that the axis is stored and shown in, of the quantity's dimension; empty for a pure number.
    label : str
        Name for people, without unit; may hold LaTeX.
    """

    variable: str
    unit: str
    bins: Annotated[int, Field(ge=1)]
    low: float
    high: float
    label: str

    @field_validator("variable")
    @classmethod
    def _variable_is_known(cls, variable: str) -> str:
        _own_unit(variable)
        return variable

    @field_validator("unit")
    @classmethod
    def _unit_fits(cls, unit: str, info: ValidationInfo) -> str:
        dimension, variable = _dimension(unit), info.data.get("variable")
        own = _own_unit(variable) if variable else unit
        if dimension != _dimension(own):
            allowed = f"one of {', '.join(units.DIMENSIONS[_dimension(own)])}" if own else "empty: it is a pure number"
            msg = f"'{unit}' is no unit of '{variable}'; it must be {allowed}"
            raise ConfigurationError(msg)
        return unit

    @field_validator("low", "high", mode="before")
    @classmethod
    def _in_display_unit(cls, edge: object, info: ValidationInfo) -> object:
        unit = info.data.get("unit", "")
        return _edge(edge, unit) if unit else edge

    @model_validator(mode="after")
    def _edges_are_ordered(self) -> Self:
        if not self.low < self.high:
            msg = f"low = {self.low} must be below high = {self.high} ({self.unit or 'pure numbers'})"
            raise ConfigurationError(msg)
        return self

    @field_serializer("low", "high")
    def _with_unit(self, edge: float) -> float | str:
        return f"{edge!r} {self.unit}" if self.unit else edge

    @property
    def factor(self) -> float:
        """What a value in base units (mm, ns, MeV, MeV/c, rad) is divided by to be in ``unit``."""
        return units.DIMENSIONS[_dimension(self.unit)][self.unit] if self.unit else 1.0

    @property
    def title(self) -> str:
        """Label with unit, for a figure."""
        return f"{self.label} [{self.unit}]" if self.unit else self.label

    @property
    def group(self) -> str:
        """Parts of a row that are filled together, a key of `GROUPS`; empty for a quantity of the whole row."""
        return split(self.variable)[0]


def split(variable: str) -> tuple[str, str]:
    """Group and quantity of a variable.

    Parameters
    ----------
    variable : str
        Such as ``"legs.p"`` or ``"plus.p"``.

    Returns
    -------
    tuple of str
        ``("legs", "p")``; ``("", "plus.p")`` for what is no group of `GROUPS`.
    """
    group, _, rest = variable.rpartition(".")
    return (group, rest) if group in GROUPS else ("", variable)


def _dimension(unit: str) -> str:
    """Name of the dimension of a unit; empty for a pure number."""
    if not unit:
        return ""
    for dimension, known in units.DIMENSIONS.items():
        if unit in known:
            return dimension
    every = [unit for known in units.DIMENSIONS.values() for unit in known]
    msg = f"unknown unit '{unit}'; {nearest(unit, every)}; empty for a pure number"
    raise ConfigurationError(msg)


def _own_unit(variable: str) -> str:
    """Unit that a variable has in the candidates; empty for a pure number, which a charge and a count of 25 ns are too."""
    group, rest = split(variable)
    try:
        unit = quantity(f"{GROUPS[group][0]}.{rest}" if group else rest).unit
    except UnknownQuantityError as error:
        together = "; ".join(f"'{name}.NAME' stands for that of {', '.join(GROUPS[name])}" for name in GROUPS)
        msg = f"{error}; {together}"
        raise ConfigurationError(msg) from None
    return "" if unit in _PURE else unit


def _edge(text: object, unit: str) -> float:
    """Edge in a unit, from text; exact as written if the text has that unit itself."""
    dimension = _dimension(unit)
    base = units.parse(text, dimension)
    number, written = str(text).split(maxsplit=1)
    return float(number) if written.strip() == unit else base / units.DIMENSIONS[dimension][unit]
