"""From the rows of a selection to the histograms of a book: each at the stage that it declares."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from na62dump.histograms.axis import split
from na62dump.histograms.declaration import NOMINAL, SELECTED, VISIBLE
from na62dump.reconstruction import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from na62dump.cutflow import Selection
    from na62dump.histograms.book import Book
    from na62dump.histograms.declaration import Histogram
    from na62dump.reconstruction import Rows


def quantities(variable: str) -> tuple[str, ...]:
    """Quantities of a row that an axis is filled with.

    Parameters
    ----------
    variable : str
        What an axis declares, such as ``"mass"`` or ``"legs.p"``.

    Returns
    -------
    tuple of str
        The quantity itself, or that of each member of its group.
    """
    group, rest = split(variable)
    return tuple(f"{member}.{rest}" for member in GROUPS[group]) if group else (variable,)


def fill(book: Book, selection: Selection, *, sample: str, region: NDArray[np.int64], variation: str = NOMINAL) -> None:
    """Fill every histogram of a book with the rows that its stage asks for.

    Parameters
    ----------
    book : Book
        Grows.
    selection : Selection
        Masks over visible rows.
    sample : str
        Sample that the rows are of.
    region : int64[row]
        Index of the region of each row.
    variation : str
        Variation that the rows are of.
    """
    rows = selection.visible.rows
    stages: dict[str, tuple[Rows, NDArray[np.int64]]] = {}
    for name, histogram in book.declarations.histograms.items():
        if histogram.stage not in stages:
            chosen = _chosen(histogram, selection)
            stages[histogram.stage] = rows.take(chosen), region[chosen]
        _fill_one(book, name, stages[histogram.stage], (sample, variation))


def _chosen(histogram: Histogram, selection: Selection) -> NDArray[np.int64]:
    if histogram.stage == VISIBLE:
        return np.arange(len(selection.visible.rows))
    if histogram.stage == SELECTED:
        return np.flatnonzero(selection.passed())
    return np.flatnonzero(selection.all_but(histogram.without or ""))


def _fill_one(book: Book, name: str, stage: tuple[Rows, NDArray[np.int64]], place: tuple[str, str]) -> None:
    (rows, region), (sample, variation) = stage, place
    variables = [axis.variable for axis in book.declarations.axes_of(name).values()]
    for names in _together(variables, rows):
        values = [rows.quantity(quantity) for quantity in names]
        book.fill(name, sample=sample, variation=variation, region_index=region, values=values, weights=rows.weight)


def _together(variables: Sequence[str], rows: Rows) -> Iterator[list[str]]:
    """Quantities of each fill: axes of one group take its members in step, and go with every member of another group."""
    parts = [split(variable) for variable in variables]
    members = {group: _members(group, [rest for other, rest in parts if other == group], rows) for group, _ in parts}
    for chosen in product(*members.values()):
        member = dict(zip(members, chosen, strict=True))
        yield [f"{member[group]}.{rest}" if group else rest for group, rest in parts]


def _members(group: str, quantities_of: Sequence[str], rows: Rows) -> tuple[str, ...]:
    """Members of a group that the rows have; all of them if there is none, so that asking for one says what is missing."""
    if not group:
        return ("",)
    every = GROUPS[group]
    there = tuple(member for member in every if all(rows.has(f"{member}.{rest}") for rest in quantities_of))
    return there or every
