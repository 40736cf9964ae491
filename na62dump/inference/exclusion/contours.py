"""Edges of what is excluded, on the continuous surface ln(expected signal / its upper limit) over mass and ln(coupling)."""

from __future__ import annotations

import io
import math
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from contourpy import FillType, contour_generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Outlines = tuple[list[NDArray[np.float64]], list[NDArray[np.uint32]]]

SIDES = ("lowest mass", "highest mass", "lowest coupling", "highest coupling")
"""Edges of a grid at which a region may end that goes on beyond."""

COLUMNS = ("mass_mev", "coupling_low", "coupling_high")
"""Of a file of contours."""

ROUNDING = 1e-12
"""Relative distance at which a corner lies on a line of the grid."""


DEEPEST = math.log(sys.float_info.min)
"""Of a surface where no signal is expected."""


@dataclass(frozen=True, eq=False)
class Polygon:
    """A connected excluded region.

    Attributes
    ----------
    outer : float64[corner, 2], (MeV, unit of the coupling)
        Masses and couplings of its border; the first corner is also the last.
    holes : tuple of float64[corner, 2], (MeV, unit of the coupling)
        Borders of allowed islands in it.
    open : tuple of str
        Those of `SIDES` that it is cut off at: it goes on beyond the grid.
    """

    outer: NDArray[np.float64]
    holes: tuple[NDArray[np.float64], ...]
    open: tuple[str, ...]

    @property
    def area(self) -> float:
        """What it covers without its holes, MeV times decades of the coupling."""
        return _area(self.outer) - sum(map(_area, self.holes))


class Interval(NamedTuple):
    """Excluded couplings (in their unit) between two allowed ones at one mass (MeV).

    ``open_low`` and ``open_high`` say that the grid ends there, and not the exclusion.
    """

    mass: float
    low: float
    high: float
    open_low: bool
    open_high: bool


@dataclass(frozen=True)
class Extents:
    """How far excluded regions reach.

    Attributes
    ----------
    mass_low, mass_high : float, MeV
        Lowest and highest mass.
    coupling_low, coupling_high : float
        Lowest and highest coupling, in its unit.
    area : float
        What is covered, MeV times decades of the coupling.
    regions, holes : int
        Numbers of separate regions, and of allowed islands in them.
    open : tuple of str
        Those of `SIDES` beyond which they go on.
    """

    mass_low: float
    mass_high: float
    coupling_low: float
    coupling_high: float
    area: float
    regions: int
    holes: int
    open: tuple[str, ...]


def surface(events: NDArray[np.float64], limit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of expected signal over its upper limit: excluded is what lies above 0.

    No signal at all has no logarithm: there the surface is as deep as the smallest number that the machine knows, so that an
    edge beside it comes to lie next to the last excluded point of the grid.

    Parameters
    ----------
    events : float64[m, c]
        Expected signal, pure numbers.
    limit : float64[m, c], counts
        Upper limit on it.

    Returns
    -------
    float64[m, c]
        Pure numbers, all finite.
    """
    some = (events > 0) & np.isfinite(limit)
    ratio = np.log(events, where=some, out=np.full(events.shape, -np.inf)) - np.log(np.where(some, limit, 1.0))
    return np.where(some, ratio, DEEPEST)


def polygons(
    height: NDArray[np.float64], *, masses: NDArray[np.float64], couplings: NDArray[np.float64]
) -> tuple[Polygon, ...]:
    """Excluded regions with their holes, closed along the edge of the grid.

    Parameters
    ----------
    height : float64[m, c]
        `surface`, pure numbers.
    masses : float64[m], MeV
        Grid, rising.
    couplings : float64[c]
        Grid, rising, in the unit of the coupling.

    Returns
    -------
    tuple of Polygon
        None if the grid has only one mass or one coupling.
    """
    if min(height.shape) <= 1:
        return ()
    top = max(float(height.max()), 0.0) + 1.0
    lines = contour_generator(masses, np.log(couplings), height.T, fill_type=FillType.OuterOffset)
    corners, offsets = cast("Outlines", lines.filled(0.0, top))  # so it is for this type of filling
    found = []
    for points, ends in zip(corners, offsets, strict=True):
        rings = [_ring(points[first:last], masses, couplings) for first, last in pairwise(ends)]
        found.append(Polygon(rings[0], tuple(rings[1:]), _open(rings[0], masses, couplings)))
    return tuple(found)


def intervals(
    height: NDArray[np.float64], *, masses: NDArray[np.float64], couplings: NDArray[np.float64]
) -> tuple[Interval, ...]:
    """Excluded couplings at each mass of the grid, where the same surface is crossed.

    Parameters
    ----------
    height : float64[m, c]
        `surface`, pure numbers.
    masses : float64[m], MeV
        Grid.
    couplings : float64[c]
        Grid, rising, in the unit of the coupling.

    Returns
    -------
    tuple of Interval
        By mass, then by coupling; several at a mass with islands.
    """
    logarithms = np.log(couplings)
    found = []
    for mass, row in zip(masses.tolist(), height, strict=True):
        edges = np.flatnonzero(np.diff(np.pad(row > 0, 1).astype(np.int8)))
        for first, last in edges.reshape(-1, 2).tolist():
            low, high = (_crossing(row, logarithms, couplings, at=at) for at in (first, last))
            found.append(Interval(mass, low, high, first == 0, last == len(row)))
    return tuple(found)


def extents(regions: Sequence[Polygon], crossed: Sequence[Interval] = ()) -> Extents | None:
    """How far excluded regions reach.

    Parameters
    ----------
    regions : sequence of Polygon
        What `polygons` gave.
    crossed : sequence of Interval
        What `intervals` gave: all there is on a grid of one mass.

    Returns
    -------
    Extents or None
        None if there is no region.
    """
    corners = [polygon.outer for polygon in regions]
    corners += [np.array([[each.mass, each.low], [each.mass, each.high]]) for each in crossed if not regions]
    if not corners:
        return None
    every = np.concatenate(corners)
    (mass_low, coupling_low), (mass_high, coupling_high) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    return Extents(
        *(mass_low, mass_high, coupling_low, coupling_high),
        area=sum(polygon.area for polygon in regions),
        regions=len(regions) or len(crossed),
        holes=sum(len(polygon.holes) for polygon in regions),
        open=tuple(side for side in SIDES if any(side in polygon.open for polygon in regions)),
    )


def to_csv(found: Sequence[Interval]) -> str:
    """Rows of a file of contours: a mass in MeV, and the ends of an interval in the unit of the coupling."""
    text = io.StringIO()
    text.write(",".join(COLUMNS) + "\n")
    text.writelines(f"{each.mass!r},{each.low!r},{each.high!r}\n" for each in found)
    return text.getvalue()


def _ring(
    points: NDArray[np.float64], masses: NDArray[np.float64], couplings: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Corners with couplings instead of their logarithms; on a line of the grid they are exactly there."""
    return np.column_stack([_snapped(points[:, 0], masses), _snapped(np.exp(points[:, 1]), couplings)])


def _snapped(values: NDArray[np.float64], grid: NDArray[np.float64]) -> NDArray[np.float64]:
    above = np.searchsorted(grid, values).clip(1, len(grid) - 1)
    near = np.where(values * 2 < grid[above - 1] + grid[above], grid[above - 1], grid[above])
    return np.where(np.isclose(values, near, rtol=ROUNDING, atol=0.0), near, values)


def _open(ring: NDArray[np.float64], masses: NDArray[np.float64], couplings: NDArray[np.float64]) -> tuple[str, ...]:
    low, high = ring.min(axis=0), ring.max(axis=0)
    at = (low[0] <= masses[0], high[0] >= masses[-1], low[1] <= couplings[0], high[1] >= couplings[-1])
    return tuple(side for side, reached in zip(SIDES, at, strict=True) if reached)


def _crossing(
    row: NDArray[np.float64], logarithms: NDArray[np.float64], couplings: NDArray[np.float64], *, at: int
) -> float:
    """Coupling where a row of the surface is 0 between the points ``at - 1`` and ``at``; the end of the grid if one is missing."""
    if at in (0, len(row)):
        return float(couplings[min(at, len(row) - 1)])
    part = row[at - 1] / (row[at - 1] - row[at])
    return float(np.exp(logarithms[at - 1] + part * (logarithms[at] - logarithms[at - 1])))


def _area(ring: NDArray[np.float64]) -> float:
    """Area of a closed line, MeV times decades."""
    x, y = ring[:, 0], np.log10(ring[:, 1])
    return float(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)
