"""From the type a file has to the type of the table of columns, never changing a whole number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import InputFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from na62dump.events.columns import Column

NUMBERS = "biuf"
"""Kinds of numpy's types that are numbers."""


def converted(values: NDArray[Any], column: Column, *, path: str | Path, factor: float = 1.0) -> NDArray[Any]:
    """Values in the type and unit of the table of columns.

    Parameters
    ----------
    values : number[n]
        As the file has them, in any unit.
    column : Column
        What they are to become.
    path : str or Path
        Their file, for messages.
    factor : float
        What they are multiplied by.

    Returns
    -------
    number[n]
        Contiguous, native byte order, in the column's unit; the same array where nothing is to be done.

    Raises
    ------
    InputFileError
        If a value does not fit into the type.
    """
    wanted = np.dtype(column.dtype)
    if values.dtype.kind not in NUMBERS:
        msg = f"{path}: column '{column.name}' holds {values.dtype}; it must hold numbers, {wanted}"
        raise InputFileError(msg)
    if factor == 1 and values.dtype == wanted:
        return np.ascontiguousarray(values, dtype=wanted)
    scaled = values if factor == 1 else values.astype(np.float64) * factor
    if wanted.kind != "f" and factor != 1:
        scaled = np.rint(scaled)
    with np.errstate(over="ignore", invalid="ignore"):
        result: NDArray[Any] = np.ascontiguousarray(scaled, dtype=wanted)
    bad = _changed(scaled, result)
    if bad.any():
        # neither the value nor its place: the event may be one that is hidden
        msg = (
            f"{path}: column '{column.name}' is stored as {values.dtype} and holds values that do not fit into {wanted}; "
            f"correct the file, or write the column as {wanted}"
        )
        raise InputFileError(msg)
    return result


def _changed(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a conversion changed more than the rounding from one floating type to another does."""
    if before.dtype.kind == "f" and after.dtype.kind == "f":
        return np.asarray(np.isinf(after) & ~np.isinf(before))
    # The way back shows every loss; an out-of-range value that happens to come back has lost its sign.
    with np.errstate(invalid="ignore"):
        back = after.astype(before.dtype)
    return np.asarray((back != before) | ((after < 0) != (before < 0)))
