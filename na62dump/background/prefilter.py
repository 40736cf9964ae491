"""Pairs of tracks that meet, out of all that could be made of two lists.

A filter without division or branch, which the compiler makes wide, drops most pairs; the arithmetic of
`na62dump.reconstruction.pairs` decides on the rest. The filter never loses a pair:

With one reference plane, differences dr = r1 - r2 and ds = s1 - s2 of points and slopes, S the largest slope, and d the
difference in z of the closest points, the squared distance is |dr + ds w + s d|^2 + d^2, with w the z of the midpoint from the
plane and s the mean slope. So cda >= |dr x ds| / (|ds| sqrt(1 + S^2)), and w differs from -dr.ds / ds^2 by no more than
S^2 |dr x ds| / ds^2. A square root is avoided by 1 / |ds| <= (1 / S + S / ds^2) / 2.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.kernels import kernel
from na62dump.reconstruction.lines import direction, vertex

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE = 16_384
"""Lines of the inner loop: as many as stay in the processor's cache ..."""

ROWS = 16
"""... while so many of the outer one are compared with them."""

WORD = 8
"""Marks of one byte that are looked at together."""

BUFFER = 2**18
"""Pairs that are found before they are put aside."""

MARGIN = 1e-3
"""What is left for rounding, as a fraction of the largest distance."""

ROUNDINGS = 1e3
"""Roundings, more than there are in the exact arithmetic, by which its error at small angles is bounded."""


class Lines(NamedTuple):
    """Straight tracks.

    Attributes
    ----------
    x, y : float64[track], mm
        Where they cross the reference plane.
    dxdz, dydz : float64[track], rad
        Slopes.
    z : float, mm
        Of the reference plane.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    dxdz: NDArray[np.float64]
    dydz: NDArray[np.float64]
    z: float


class Bounds(NamedTuple):
    """What the filter compares with.

    Attributes
    ----------
    cross : float, mm^2
        (dr x ds)^2 / ds^2 is below this.
    middle, half : float, mm
        -dr.ds / ds^2 is within ``half`` of ``middle`` ...
    slack : float, mm
        ... give or take this over ds^2.
    parallel : float, rad^2
        Below this ds^2 the exact arithmetic is too uncertain to be foreseen: such pairs are passed on.
    """

    cross: float
    middle: float
    half: float
    slack: float
    parallel: float


class Cuts(NamedTuple):
    """Largest distance, and limits of the vertex, mm."""

    cda_max: float
    z_min: float
    z_max: float


class Flights(NamedTuple):
    """Lines as the exact arithmetic takes them: x, y (float64[track], mm) at z (mm), unit vectors ux, uy, uz (float64[track])."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: float
    ux: NDArray[np.float64]
    uy: NDArray[np.float64]
    uz: NDArray[np.float64]


@kernel
def flights(lines: Lines) -> Flights:
    """Lines with their unit vectors."""
    ux, uy, uz = np.empty_like(lines.x), np.empty_like(lines.x), np.empty_like(lines.x)
    for i in range(len(lines.x)):
        ux[i], uy[i], uz[i] = direction(lines.dxdz[i], lines.dydz[i])
    return Flights(lines.x, lines.y, lines.z, ux, uy, uz)


@kernel
def _mark(
    line: tuple[float, float, float, float],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    dxdz: NDArray[np.float64],
    dydz: NDArray[np.float64],
    bounds: Bounds,
    marks: NDArray[np.uint8],
) -> None:
    """Mark (uint8[track]) the lines (float64[track]; mm, rad) that may meet a given one (x, y, dxdz, dydz)."""
    x1, y1, a1, b1 = line
    cross, middle, half, slack, parallel = bounds
    for j in range(len(marks)):
        dx, dy, da, db = x1 - x[j], y1 - y[j], a1 - dxdz[j], b1 - dydz[j]
        across = dx * db - dy * da
        angle2 = da * da + db * db
        along = dx * da + dy * db + middle * angle2
        marks[j] = (angle2 < parallel) | ((across * across < cross * angle2) & (abs(along) < half * angle2 + slack))


@kernel
def mark_rows(
    first: Lines, second: Lines, triangle: int, begin: int, end: int, bounds: Bounds, marks: NDArray[np.uint8]
) -> None:
    """Set marks (uint8[row, track]) of what may meet each line between two of the first list, tile by tile.

    With ``triangle`` 1 only lines behind it are looked at, with 0 all.
    """
    for left in range(0, len(second.x), TILE):
        right = min(left + TILE, len(second.x))
        for i in range(begin, end):
            at = max(left, triangle * (i + 1))
            if at < right:
                line = first.x[i], first.y[i], first.dxdz[i], first.dydz[i]
                x, y, dxdz, dydz = second.x[at:right], second.y[at:right], second.dxdz[at:right], second.dydz[at:right]
                _mark(line, x, y, dxdz, dydz, bounds, marks[i - begin, at:right])


@kernel
def _marked(marks: NDArray[np.uint8], start: int, maybe: NDArray[np.int64]) -> int:
    """Fill int64[track] with the marked (uint8[track]) indices from one on; gives their number.

    First the words of marks that are not empty, then the marks of these, without branches that no processor foresees.
    """
    begin = start // WORD
    marks[begin * WORD : start] = 0
    words = marks.view(np.int64)
    some = np.empty(len(words) - begin, dtype=np.int64)
    n = 0
    for word in range(begin, len(words)):
        some[n] = word
        n += words[word] != 0
    left = 0
    for word in some[:n]:
        for j in range(WORD * word, WORD * word + WORD):
            maybe[left] = j
            left += marks[j]
    return left


@kernel
def meeting(
    i: int, maybe: NDArray[np.int64], first: Flights, second: Flights, cuts: Cuts, i_of: NDArray[np.int64], j_of: NDArray[np.int64]
) -> int:  # fmt: skip
    """Fill i_of, j_of (int64[pair]) with i and those of maybe (int64[track]) that it meets, as reconstructed; gives their number."""
    n = 0
    r1, u = (first.x[i], first.y[i], first.z), (first.ux[i], first.uy[i], first.uz[i])
    for j in maybe:
        cda, _, _, z = vertex(r1, u, (second.x[j], second.y[j], second.z), (second.ux[j], second.uy[j], second.uz[j]))
        if cda < cuts.cda_max and z > cuts.z_min and z < cuts.z_max:
            i_of[n], j_of[n] = i, j
            n += 1
    return n


@kernel
def _search(
    first: Lines, second: Lines, triangle: int, row: int, bounds: Bounds, cuts: Cuts, i_of: NDArray[np.int64], j_of: NDArray[np.int64]
) -> tuple[int, int]:  # fmt: skip
    """Fill int64[pair] with the pairs of the lines from one row on, as far as there is room for a whole row.

    Gives the first row that is left, and the number of pairs.
    """
    flown, others, size, n = flights(first), flights(second), len(second.x), 0
    width = (size // WORD + 1) * WORD
    marks, maybe = np.zeros((ROWS, width), dtype=np.uint8), np.empty(width, dtype=np.int64)
    for begin in range(row, len(first.x), ROWS):
        end = min(begin + ROWS, len(first.x))
        mark_rows(first, second, triangle, begin, end, bounds, marks)
        for i in range(begin, end):
            if n + size > len(i_of):
                return i, n
            left = _marked(marks[i - begin], triangle * (i + 1), maybe)
            n += meeting(i, maybe[:left], flown, others, cuts, i_of[n:], j_of[n:])
    return len(first.x), n


def bounds_of(first: Lines, second: Lines, *, cuts: Cuts) -> Bounds:
    """Limits that no pair of these lines within the cuts breaks.

    Parameters
    ----------
    first, second : Lines
        In mm, rad; those that are not finite meet nothing and do not count.
    cuts : Cuts
        In mm.

    Returns
    -------
    Bounds
        With room for rounding, in mm and rad.
    """
    far = max(_largest(lines.x, lines.y) for lines in (first, second))
    steep = max(_largest(lines.dxdz, lines.dydz) for lines in (first, second))
    stretch = 1.0 + steep * steep
    margin = MARGIN * cuts.cda_max
    precision = ROUNDINGS * sys.float_info.epsilon
    uncertain = precision * far * stretch * stretch / margin if margin > 0.0 else math.inf
    distance = (cuts.cda_max + margin) * math.sqrt(stretch)
    aside = distance * steep / 2.0
    beside = aside + margin + precision * (abs(first.z) + abs(cuts.z_min) + abs(cuts.z_max))
    return Bounds(
        cross=distance * distance,
        middle=(cuts.z_min + cuts.z_max) / 2.0 - first.z,
        half=(cuts.z_max - cuts.z_min) / 2.0 + beside,
        slack=aside * steep * steep,
        parallel=max(uncertain * steep, uncertain * uncertain),
    )


def _largest(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Largest length of vectors of two components, float64[track], in their unit; 0 if there is none."""
    size = np.hypot(a, b)
    return float(np.max(size, initial=0.0, where=np.isfinite(size)))


def close_pairs(
    first: Lines, second: Lines | None, *, cda_max: float, z_min: float, z_max: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of lines that meet in a volume, as `na62dump.reconstruction.pairs` finds their vertices.

    Parameters
    ----------
    first : Lines
        In mm, rad.
    second : Lines or None
        Those that make a pair with each of the first ones, at the same plane; None for all pairs among the first, i < j.
    cda_max : float, mm
        The lines come closer than this.
    z_min, z_max : float, mm
        The vertex, the midpoint of their closest approach, is between these.

    Returns
    -------
    i, j : int64[pair]
        Indices of the lines, sorted by i, then j. Memory grows with their number, not with that of all pairs.

    Raises
    ------
    ConfigurationError
        If the lines are given at two planes, or a limit is not finite.
    """
    triangle, other = int(second is None), _contiguous(first if second is None else second)
    first = _contiguous(first)
    if other.z != first.z:
        msg = f"lines at z = {first.z:g} mm and {other.z:g} mm make no pairs: give both lists at one plane"
        raise ConfigurationError(msg)
    cuts = Cuts(float(cda_max), float(z_min), float(z_max))
    if not all(map(math.isfinite, cuts)):
        msg = f"limits of pairs are finite lengths in mm, not {', '.join(f'{k} = {v:g}' for k, v in cuts._asdict().items())}"
        raise ConfigurationError(msg)
    bounds = bounds_of(first, other, cuts=cuts)
    buffer = np.empty((2, min(BUFFER, len(first.x) * len(other.x)) + len(other.x)), dtype=np.int64)
    found, row = [buffer[:, :0]], 0
    while row < len(first.x):
        row, n = _search(first, other, triangle, row, bounds, cuts, *buffer)
        found.append(buffer[:, :n].copy())
    i, j = np.concatenate(found, axis=1)
    return i, j


def _contiguous(lines: Lines) -> Lines:
    x, y, dxdz, dydz = (np.ascontiguousarray(values, dtype=np.float64) for values in lines[:-1])
    return Lines(x, y, dxdz, dydz, float(lines.z))
