"""Control samples: rows of hidden regions that are no candidates, told by a quantity that no identification changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from na62dump.configuration import Many, Settings
from na62dump.errors import nearest
from na62dump.reconstruction import IDENTIFIED, OF_TRACKS
from na62dump.regions.columns import dimension, number
from na62dump.regions.shapes import Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Control(Settings):
    """One control sample of a search; closed until a record opens it.

    Attributes
    ----------
    name : str
        Its name.
    inside : tuple of str
        Hidden regions of which it shows its rows.
    column : str
        Candidate column that tells its rows: one of the two tracks, whatever they are taken for.
    beyond : tuple of float
        Closed interval, in the base unit of the column, outside of which they are.
    opens_after : tuple of str
        Regions and control samples that must be open before it.
    fails : str
        Requirement of the search that none of its rows meets, and which all rows of these regions that do not meet it
        belong to, so that their number is complete; without it, their number is not used.
    cut : str
        Key of the cut of the search that the interval has to reach to on both sides, if there is one.
    """

    name: str
    inside: Many[str] = Field(min_length=1)
    column: str
    beyond: Pair
    opens_after: Many[str]
    fails: str = ""
    cut: str = ""

    @model_validator(mode="before")
    @classmethod
    def _with_units(cls, table: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - whatever a file holds
        """Read the interval in the unit of the column; only a file of our own (JSON) has bare numbers."""
        if not isinstance(table, Mapping) or not isinstance(table.get("column"), str):
            return table
        _check(table["column"])
        if info.mode == "json" or not isinstance(table.get("beyond"), list | tuple):
            return table
        of = dimension(table["column"])
        return {**table, "beyond": [number(edge, of) for edge in table["beyond"]]}

    @field_validator("beyond")
    @classmethod
    def _ordered(cls, edges: tuple[float, float]) -> tuple[float, float]:
        if not edges[0] <= edges[1]:
            msg = f"the low edge {edges[0]} must not be above the high edge {edges[1]} (base units): every row would belong"
            raise ValueError(msg)
        return edges

    def holds(self, values: NDArray[np.number[Any]]) -> NDArray[np.bool_]:
        """Which rows belong to it: bool[row], by their values, number[row], of its column in base units; NaN does not."""
        belongs: NDArray[np.bool_] = (values < self.beyond[0]) | (values > self.beyond[1])
        return belongs


def _check(column: str) -> None:
    if column in IDENTIFIED:
        msg = (
            f"column '{column}' depends on what tracks and photons are taken for, which tells candidates of one search from "
            f"those of another; {nearest(column, OF_TRACKS)}"
        )
        raise ValueError(msg)
    if column not in OF_TRACKS:
        msg = f"column '{column}' is no quantity of two tracks that every view of them knows; {nearest(column, OF_TRACKS)}"
        raise ValueError(msg)
