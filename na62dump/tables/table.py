"""What a table is: plain data, which the terminal and JSON both show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Single = str | int | float | None
"""Text or a number; None where there is nothing to say."""

Cell = Single | tuple[Single, ...]
"""One of these, or several."""

MOST = 8
"""Several that a person is shown."""


@dataclass(frozen=True)
class Table:
    """A titled table.

    Attributes
    ----------
    title : str
        What it shows.
    columns : tuple of str
        Headings.
    rows : tuple of tuple
        Text or numbers, or several of them; None where there is nothing to say.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """One object per row."""
        return {"title": self.title, "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows]}


def several(cells: tuple[str, ...]) -> str:
    """Several texts as a person sees them: not more than a line holds."""
    more = [f"... ({len(cells)} in all)"] if len(cells) > MOST else []
    return ", ".join([*cells[:MOST], *more])


def number(value: float) -> int | float:
    """A count as a whole number, and a sum of weights as it is."""
    return int(value) if float(value).is_integer() else float(value)


def ratio(part: float, whole: float) -> float | None:
    """Part of a whole; None if there is no whole."""
    return part / whole if whole else None
