"""From the rows of a selection to the histograms of a book: each at the stage that it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.histograms.declaration import LEGS as LEGS_OF
from na62dump.histograms.declaration import SELECTED, VISIBLE
from na62dump.reconstruction import LEGS

if TYPE_CHECKING:
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
        The quantity itself, or that of each leg.
    """
    if not variable.startswith(LEGS_OF):
        return (variable,)
    return tuple(f"{leg}.{variable.removeprefix(LEGS_OF)}" for leg in LEGS)


def fill(book: Book, selection: Selection, *, sample: str, region: NDArray[np.int64]) -> None:
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
    """
    rows = selection.visible.rows
    stages: dict[str, tuple[Rows, NDArray[np.int64]]] = {}
    for name, histogram in book.declarations.histograms.items():
        if histogram.stage not in stages:
            chosen = _chosen(histogram, selection)
            stages[histogram.stage] = rows.take(chosen), region[chosen]
        _fill_one(book, name, stages[histogram.stage], sample)


def _chosen(histogram: Histogram, selection: Selection) -> NDArray[np.int64]:
    if histogram.stage == VISIBLE:
        return np.arange(len(selection.visible.rows))
    if histogram.stage == SELECTED:
        return np.flatnonzero(selection.passed())
    return np.flatnonzero(selection.all_but(histogram.without or ""))


def _fill_one(book: Book, name: str, stage: tuple[Rows, NDArray[np.int64]], sample: str) -> None:
    rows, region = stage
    variables = [quantities(axis.variable) for axis in book.declarations.axes_of(name).values()]
    for fill_number in range(max(len(names) for names in variables)):
        # an axis of the whole row goes with each leg of another axis
        values = [rows.quantity(names[min(fill_number, len(names) - 1)]) for names in variables]
        book.fill(name, sample=sample, region_index=region, values=values, weights=rows.weight)
