"""The regions of one search: exclusive, because the first that holds a row has it; exhaustive, because the rest is outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field, ValidationInfo, model_validator

from na62dump.configuration import Many, Settings
from na62dump.errors import UnknownNameError, nearest
from na62dump.regions.columns import dimension, number
from na62dump.regions.controls import Control
from na62dump.regions.shapes import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

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
    control : tuple of Control
        Rows of hidden regions that are no candidates, and that a record may open before the regions.
    """

    columns: Annotated[tuple[str, str], Field(strict=False)]
    region: Annotated[tuple[Region, ...], Field(strict=False)]
    control: Many[Control] = ()

    @model_validator(mode="before")
    @classmethod
    def _with_units(cls, tables: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - whatever a file holds
        """Read edges in the unit of their column; only a file of our own (JSON) has bare numbers."""
        if info.mode == "json" or not isinstance(tables, Mapping):
            return tables
        dimensions = [dimension(name) for name in tables.get("columns", ())]
        regions = [_parsed(region, dimensions) for region in tables.get("region", ())]
        return {**tables, "region": regions}

    @model_validator(mode="after")
    def _consistent(self) -> Plane:
        own = [named.name for named in (*self.region, *self.control)]
        if len(set(own)) < len(own) or {OUTSIDE, UNDEFINED} & set(own):
            msg = (
                "names of regions and control samples must differ from each other and from "
                f"'{OUTSIDE}' and '{UNDEFINED}': {own}"
            )
            raise ValueError(msg)
        if not self.hidden:
            msg = "no region has hidden = true: data would not be blinded; a region is opened by record, not here"
            raise ValueError(msg)
        for control in self.control:
            for name in control.inside:
                if name not in self.hidden:
                    msg = f"control sample '{control.name}' is inside '{name}', no hidden region; {nearest(name, self.hidden)}"
                    raise ValueError(msg)
        self._check_order(own)
        return self

    def _check_order(self, own: Collection[str]) -> None:
        for before in (name for named in (*self.region, *self.control) for name in named.opens_after):
            if before not in own:
                msg = f"opens_after names no region '{before}'; {nearest(before, own)}"
                raise ValueError(msg)
            if before not in self.openable:
                msg = f"opens_after names '{before}', which is not hidden: it would never be opened, nor what comes after it"
                raise ValueError(msg)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all regions, then of what is outside, then of what is undefined."""
        return (*(region.name for region in self.region), OUTSIDE, UNDEFINED)

    @property
    def hidden(self) -> frozenset[str]:
        """Names of the regions that start out hidden."""
        return frozenset(region.name for region in self.region if region.hidden)

    @property
    def openable(self) -> Mapping[str, tuple[str, ...]]:
        """What a record may open, hidden regions and control samples, each with what has to be open before it."""
        closed = (*(region for region in self.region if region.hidden), *self.control)
        return {named.name: named.opens_after for named in closed}

    def shown(self, opened: Collection[str], *, values: Callable[[str], NDArray[Any]]) -> dict[str, NDArray[np.bool_]]:
        """Which rows of hidden regions the control samples that are open show.

        Parameters
        ----------
        opened : collection of str
            What has been opened.
        values : callable
            From the name of a column to its array[row], in base units.

        Returns
        -------
        dict of str to bool[row]
            By hidden region: rows that belong to a control sample inside it, wherever they lie.
        """
        found: dict[str, NDArray[np.bool_]] = {}
        for control in self.control:
            if control.name in opened:
                belongs = control.holds(values(control.column))
                found |= {name: found[name] | belongs if name in found else belongs for name in control.inside}
        return found

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
        for place in reversed(range(len(self.region))):
            index[self.region[place].contains(x, y)] = place
        index[np.isnan(x) | np.isnan(y)] = len(self.region) + 1
        return index

    def of(self, rows: Rows) -> NDArray[np.int64]:
        """Region of each row: int64[row], index into `names`."""
        return self.classify(rows.quantity(self.columns[0]), rows.quantity(self.columns[1]))


def _parsed(region: object, dimensions: Sequence[str]) -> object:
    """A region whose quantities are numbers in the base units of the columns."""
    if not isinstance(region, Mapping) or len(dimensions) != len(AXES):
        return region
    edges = dict(zip(AXES, dimensions, strict=True))
    parsed = {
        key: [number(value, edges[key]) for value in region[key]]
        for key in AXES
        if isinstance(region.get(key), list | tuple)
    }
    for key in ("centre", "semi_axes"):
        if isinstance(region.get(key), list | tuple):
            parsed[key] = [number(v, d) for v, d in zip(region[key], dimensions, strict=False)]
    return {**region, **parsed}


def hidden_points(
    plane: Plane,
    x: NDArray[np.float64],
    *,
    y: NDArray[np.float64],
    opened: Collection[str],
    shown: Mapping[str, NDArray[np.bool_]] | None = None,
) -> NDArray[np.bool_]:
    """Which points data must not show.

    Parameters
    ----------
    plane : Plane
        The regions.
    x, y : float64[row]
        Coordinates in the base units of the plane's columns.
    opened : collection of str
        Hidden regions that have been opened.
    shown : mapping of str to bool[row], optional
        Rows that a hidden region does not hide, because they belong to an open control sample; `Plane.shown` finds them.

    Returns
    -------
    bool[row]
        True in a hidden region, but for rows of a control sample inside it that is open; and where a coordinate is
        undefined.
    """
    hidden: NDArray[np.bool_] = np.isnan(x) | np.isnan(y)
    for region in plane.region:
        if region.hidden and region.name not in opened:
            # whatever other regions it shares points with, and in whatever order they stand
            held = region.contains(x, y)
            hidden |= held & ~shown[region.name] if shown and region.name in shown else held
    return hidden


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
