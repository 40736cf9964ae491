"""Columns that bear other names or units in a foreign ntuple: their name to ours, from experiment/columns.toml."""

import math
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from na62dump.configuration import Settings
from na62dump.errors import ConfigurationError, nearest
from na62dump.events.columns import BURSTS, COLUMNS, TREE
from na62dump.events.sources import Source
from na62dump.units import DIMENSIONS, parse

_NUMBER_AND_UNIT = re.compile(r"([0-9.eE+-]+)\s+(\S.*)")


class Rename(Settings):
    """One foreign column.

    Attributes
    ----------
    column : str
        Its name in the table of columns.
    unit : str, optional
        Unit of the foreign values, such as ``"GeV/c"``.
    factor : float, optional
        What the foreign values are multiplied by, instead of a unit.
    """

    column: str
    unit: str | None = None
    factor: float | None = None

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        if self.column not in COLUMNS:
            msg = f"unknown column '{self.column}'; {nearest(self.column, COLUMNS)}"
            raise ConfigurationError(msg)
        if self.unit is not None and self.factor is not None:
            msg = f"unit = '{self.unit}' and factor = {self.factor} are both given; write one of them"
            raise ConfigurationError(msg)
        if self.scale == 0 or not math.isfinite(self.scale):
            msg = f"factor = {self.factor} must be finite and not zero"
            raise ConfigurationError(msg)
        return self

    @property
    def scale(self) -> float:
        """What the foreign values are multiplied by to be in the unit of the table of columns."""
        if self.factor is not None:
            return self.factor
        return 1.0 if self.unit is None else _ratio(self.unit, COLUMNS[self.column].unit)


class Renames(Settings):
    """How a foreign ntuple is read.

    ``load(find("experiment/columns"), Renames)`` reads the file of the configuration.

    Attributes
    ----------
    tree : str
        Name of its tree with one entry per trigger.
    bursts : str
        Name of its tree with one entry per burst.
    columns : mapping of str to Rename
        By foreign name; the field ``p`` of records ``Trk`` in an RNTuple is ``"Trk.p"``.
    """

    tree: str = TREE
    bursts: str = BURSTS
    columns: Mapping[str, Rename] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        seen: dict[str, str] = {}
        for theirs, rename in self.columns.items():
            other = seen.setdefault(rename.column, theirs)
            if other != theirs:
                msg = f"'{other}' and '{theirs}' are both called '{rename.column}'; one column has one foreign name"
                raise ConfigurationError(msg)
        return self

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Foreign name, and factor, by the name in the table of columns."""
        return {rename.column: Source(theirs, rename.scale) for theirs, rename in self.columns.items()}


def _ratio(theirs: str, ours: str) -> float:
    """How many of our units one of theirs is."""
    number, name = _split(ours)
    units = next((table for table in DIMENSIONS.values() if name in table), None)
    dimension = next((key for key, table in DIMENSIONS.items() if table is units), None)
    if units is None or dimension is None:
        msg = f"unit = '{theirs}': the column is a pure number; take the unit away, or write a factor"
        raise ConfigurationError(msg)
    their_number, their_name = _split(theirs)
    # One division of small powers of ten: GeV/c to MeV/c is 1000 exactly.
    return parse(f"{their_number} {their_name}", dimension) / (number * units[name])


def _split(text: str) -> tuple[float, str]:
    match = _NUMBER_AND_UNIT.fullmatch(text.strip())
    return (float(match[1]), match[2]) if match else (1.0, text.strip())
