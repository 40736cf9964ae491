"""Which histograms there are: axes and histograms as config/histograms.toml names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, ValidationInfo, field_serializer, field_validator, model_validator

from na62dump import units
from na62dump.configuration import Many, Settings
from na62dump.errors import ConfigurationError, UnknownQuantityError, nearest
from na62dump.reconstruction import quantity

if TYPE_CHECKING:
    from collections.abc import Collection

DATASET = "dataset"
"""Name of the category axis of samples; hist keeps the name ``sample`` for an argument of its own."""

REGION = "region"
"""Name of the category axis of regions."""

RESERVED = (DATASET, REGION, "sample", "weight", "threads")
"""Names that no variable axis can have: the category axes, and arguments of hist's own fill."""

VISIBLE = "visible"
SELECTED = "selected"
ALL_BUT = "all but "
LEGS = "legs."

_MOST_AXES = 2
_PURE = frozenset({"1", "e", "25 ns"})


class Axis(Settings):
    """A variable axis.

    Attributes
    ----------
    variable : str
        Name of a quantity, such as ``mass`` or ``plus.e_over_p``; ``legs.e_over_p`` fills both legs of a row.
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
    def of_legs(self) -> bool:
        """Whether both legs of a row are filled."""
        return self.variable.startswith(LEGS)


class Histogram(Settings):
    """One histogram.

    Attributes
    ----------
    axes : tuple of str
        Names of one or two axes.
    stage : str
        ``"visible"`` (all that came through the door), ``"selected"``, or ``"all but NAME"`` with the name of a
        requirement: rows that pass all others (N-1).
    """

    axes: Many[str]
    stage: str

    @field_validator("axes")
    @classmethod
    def _one_or_two(cls, axes: tuple[str, ...]) -> tuple[str, ...]:
        if not 1 <= len(axes) <= _MOST_AXES or len(set(axes)) < len(axes):
            msg = f"{list(axes)} must be one axis or two different ones"
            raise ConfigurationError(msg)
        return axes

    @field_validator("stage")
    @classmethod
    def _stage_is_known(cls, stage: str) -> str:
        if stage in {VISIBLE, SELECTED} or stage.removeprefix(ALL_BUT).strip() not in {"", stage.strip()}:
            return stage
        msg = f"'{stage}' is no stage; write '{VISIBLE}', '{SELECTED}' or '{ALL_BUT}' and the name of a requirement"
        raise ConfigurationError(msg)

    @property
    def without(self) -> str | None:
        """Name of the requirement that is left out, or None."""
        return self.stage.removeprefix(ALL_BUT) if self.stage.startswith(ALL_BUT) else None


class Declarations(Settings):
    """All axes and histograms of an analysis.

    Attributes
    ----------
    axes : dict
        Name for code to axis.
    histograms : dict
        Name to histogram.
    """

    axes: dict[str, Axis]
    histograms: dict[str, Histogram]

    @field_validator("axes")
    @classmethod
    def _names_are_free(cls, axes: dict[str, Axis]) -> dict[str, Axis]:
        taken = sorted(set(axes) & set(RESERVED))
        if taken:
            msg = f"the name '{taken[0]}' is taken: no axis can be called {', '.join(RESERVED)}"
            raise ConfigurationError(msg)
        return axes

    @field_validator("histograms")
    @classmethod
    def _axes_exist(cls, histograms: dict[str, Histogram], info: ValidationInfo) -> dict[str, Histogram]:
        axes = info.data.get("axes")
        if axes is None:
            # the axes are wrong already, and that is what the person should read
            return histograms
        for name, histogram in histograms.items():
            for axis in histogram.axes:
                if axis not in axes:
                    msg = f"histogram '{name}' has the unknown axis '{axis}'; {nearest(axis, axes)}"
                    raise ConfigurationError(msg)
        return histograms

    def axes_of(self, name: str) -> dict[str, Axis]:
        """Axes of one histogram, by name, in order.

        Parameters
        ----------
        name : str
            Name of the histogram.

        Returns
        -------
        dict
            Name to `Axis`.
        """
        return {axis: self.axes[axis] for axis in self.histograms[name].axes}

    def check_stages(self, requirements: Collection[str]) -> None:
        """Refuse a stage that leaves out a requirement which the selection does not have.

        Parameters
        ----------
        requirements : collection of str
            Names of the requirements.

        Raises
        ------
        ConfigurationError
            Histogram, stage, and the nearest names.
        """
        for name, histogram in self.histograms.items():
            if histogram.without is not None and histogram.without not in requirements:
                known = nearest(histogram.without, requirements)
                msg = f"histogram '{name}': stage '{histogram.stage}' names no requirement of the selection; {known}"
                raise ConfigurationError(msg)


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
    leg = variable.startswith(LEGS)
    try:
        unit = quantity(f"plus.{variable.removeprefix(LEGS)}" if leg else variable).unit
    except UnknownQuantityError as error:
        msg = f"{error}; '{LEGS}NAME' stands for that of both tracks"
        raise ConfigurationError(msg) from None
    return "" if unit in _PURE else unit


def _edge(text: object, unit: str) -> float:
    """Edge in a unit, from text; exact as written if the text has that unit itself."""
    dimension = _dimension(unit)
    base = units.parse(text, dimension)
    number, written = str(text).split(maxsplit=1)
    return float(number) if written.strip() == unit else base / units.DIMENSIONS[dimension][unit]
