"""The regions of one search: exclusive, because the first that holds a row has it; exhaustive, because the rest is outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field, ValidationInfo, model_validator

from na62dump import units
from na62dump.configuration import Settings
from na62dump.errors import UnknownNameError, nearest
from na62dump.reconstruction import PAIR
from na62dump.regions.shapes import Region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.reconstruction import Rows

OUTSIDE = "outside"
"""Rows that no region holds."""

AXES = ("x", "y")
"""Keys of the edges of a box, along the first and the second column."""

UNDEFINED = "undefined"
"""Rows with a coordinate that is not a number."""


class Plane(Settings):
    """Named regions over two candidate columns, one table of config/regions.toml.

    Attributes
    ----------
    columns : tuple of str
        Candidate columns along x and y.
    region : tuple of Region
        In order of precedence.
    """

    columns: Annotated[tuple[str, str], Field(strict=False)]
    region: Annotated[tuple[Region, ...], Field(strict=False)]

    @model_validator(mode="before")
    @classmethod
    def _with_units(cls, tables: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - whatever a file holds
        """Read edges in the unit of their column; only a file of our own (JSON) has bare numbers."""
        if info.mode == "json" or not isinstance(tables, Mapping):
            return tables
        dimensions = [_dimension(name) for name in tables.get("columns", ())]
        regions = [_parsed(region, dimensions) for region in tables.get("region", ())]
        return {**tables, "region": regions}

    @model_validator(mode="after")
    def _consistent(self) -> Plane:
        own = [region.name for region in self.region]
        if len(set(own)) < len(own) or {OUTSIDE, UNDEFINED} & set(own):
            msg = f"region names must differ from each other and from '{OUTSIDE}' and '{UNDEFINED}': {own}"
            raise ValueError(msg)
        if not self.hidden:
            msg = "no region has hidden = true: data would not be blinded; a region is opened by record, not here"
            raise ValueError(msg)
        for before in (name for region in self.region for name in region.opens_after):
            if before not in own:
                msg = f"opens_after names no region '{before}'; {nearest(before, own)}"
                raise ValueError(msg)
            if before not in self.hidden:
                msg = f"opens_after names '{before}', which is not hidden: it would never be opened, nor what comes after it"
                raise ValueError(msg)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all regions, then of what is outside, then of what is undefined."""
        return (*(region.name for region in self.region), OUTSIDE, UNDEFINED)

    @property
    def hidden(self) -> frozenset[str]:
        """Names of the regions that start out hidden."""
        return frozenset(region.name for region in self.region if region.hidden)

    def classify(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """Region of each point.

        Parameters
        ----------
        x, y : float64[row]
            Coordinates in the base units of the two columns.

        Returns
        -------
        int64[row]
            Index into `names`.
        """
        index = np.full(len(x), len(self.region), dtype=np.int64)
        for number in reversed(range(len(self.region))):
            index[self.region[number].contains(x, y)] = number
        index[np.isnan(x) | np.isnan(y)] = len(self.region) + 1
        return index

    def of(self, rows: Rows) -> NDArray[np.int64]:
        """Region of each row: int64[row], index into `names`."""
        return self.classify(rows.quantity(self.columns[0]), rows.quantity(self.columns[1]))


def _dimension(column: str) -> str:
    """Name of the dimension of a candidate column; empty for a pure number."""
    if column not in PAIR:
        msg = f"a pair has no column '{column}'; {nearest(column, PAIR)}"
        raise ValueError(msg)
    return next((name for name, known in units.DIMENSIONS.items() if PAIR[column].unit in known), "")


def _parsed(region: object, dimensions: Sequence[str]) -> object:
    """A region whose quantities are numbers in the base units of the columns."""
    if not isinstance(region, Mapping) or len(dimensions) != len(AXES):
        return region
    edges = dict(zip(AXES, dimensions, strict=True))
    parsed = {
        key: [_number(value, edges[key]) for value in region[key]]
        for key in AXES
        if isinstance(region.get(key), list | tuple)
    }
    for key in ("centre", "semi_axes"):
        if isinstance(region.get(key), list | tuple):
            parsed[key] = [_number(v, d) for v, d in zip(region[key], dimensions, strict=False)]
    return {**region, **parsed}


def _number(value: object, dimension: str) -> object:
    return units.parse(value, dimension) if dimension else value


class Planes(Settings):
    """All tables of config/regions.toml."""

    model_config = Settings.model_config | {"extra": "allow"}
    __pydantic_extra__: dict[str, Plane]

    def __getitem__(self, name: str) -> Plane:
        """Regions of one search.

        Raises
        ------
        UnknownNameError
            If no table has that name.
        """
        tables = self.__pydantic_extra__
        if name not in tables:
            msg = f"no regions are called '{name}'; {nearest(name, tables)}"
            raise UnknownNameError(msg)
        return tables[name]
