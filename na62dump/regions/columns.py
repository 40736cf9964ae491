"""Columns of the candidates that regions and control samples are told by, and numbers in their units."""

from __future__ import annotations

from na62dump import units
from na62dump.errors import nearest
from na62dump.reconstruction import PAIR


def dimension(column: str) -> str:
    """Name of the dimension of a candidate column; empty for a pure number, and an error if a pair has no such column."""
    if column not in PAIR:
        msg = f"a pair has no column '{column}'; {nearest(column, PAIR)}"
        raise ValueError(msg)
    return next((name for name, known in units.DIMENSIONS.items() if PAIR[column].unit in known), "")


def number(value: object, dimension: str) -> object:
    """Number in the base unit of a dimension; what has none stays as it is."""
    return units.parse(value, dimension) if dimension else value
