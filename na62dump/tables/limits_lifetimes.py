"""Table of model-independent limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.exclusion.lifetimes import product_limits
from na62dump.reach import spread
from na62dump.tables.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from na62dump.inference.exclusion.lifetimes import ProductLimits
    from na62dump.inference.exclusion.limits import Limits

SOME = 8
"""Masses that a person is shown."""


def limits_lifetimes(limits: Limits, *, most: int | None = SOME) -> Table:
    """Limits on a product of branching ratios at the lifetime where they are lowest.

    Parameters
    ----------
    limits : Limits
        Of a model with a free product.
    most : int, optional
        Number of masses; all of the grid if None.

    Returns
    -------
    Table
        One row for each search and mass (MeV): the lifetime (ns) with the lowest limit, every curve there, and the first and last
        lifetime of the grid with a limit below 1. None where no signal is expected.

    Raises
    ------
    InputFileError
        If no product is free in the model.
    """
    found = product_limits(limits)
    rows = tuple(row for each in found for row in _rows(each, most=most))
    curves = tuple(name for each in found[:1] for name in each.curves)
    head = ("search", "mass [MeV]", "best lifetime [ns]", *curves, "below 1 from [ns]", "to [ns]")
    product = limits.coupling["product"]
    title = f"Upper limits on {product} at {limits.confidence:.0%} CL ({limits.method}); {limits.model}"
    return Table(f"{title}, {limits.protons:.3g} protons on target", head, rows)


def _rows(found: ProductLimits, *, most: int | None) -> Iterator[tuple[Cell, ...]]:
    number = len(found.masses)
    for row in spread(number, number if most is None else most):
        best = int(found.result[row].argmin())
        some = bool(np.isfinite(found.result[row, best]))
        curves = (float(curve[row, best]) if some else None for curve in found.curves.values())
        ends = found.excludes(row) or (None, None)
        at = float(found.lifetimes[best]) if some else None
        yield (found.search, float(found.masses[row]), at, *curves, *ends)
