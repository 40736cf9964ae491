"""LKr: what becomes of showers that are close to each other.

Everywhere below, out records[row] are the rows of the collection, of which those from begin to n - 1 are the event's, in
the units of the table of columns (mm, ns, MeV).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import SharingData


class Shower(Protocol):
    """A row: place, mm; energy, MeV; time, ns."""

    x: float
    y: float
    energy: float
    time: float


@kernel
def distance(one: Shower, other: Shower, it: SharingData) -> float:
    """Distance (mm) of two showers; infinite if they are apart in time."""
    if abs(one.time - other.time) > it.window:
        return np.inf
    return math.hypot(one.x - other.x, one.y - other.y)


@kernel
def join(one: Shower, other: Shower) -> None:
    """Make the first of two showers both: sum of the energies, mean of places and times weighted with them."""
    energy = one.energy + other.energy
    share = other.energy / energy
    one.x += share * (other.x - one.x)
    one.y += share * (other.y - one.y)
    one.time += share * (other.time - one.time)
    one.energy = energy


@kernel
def nearest_pair(it: SharingData, out: NDArray[np.void], begin: int, n: int) -> tuple[int, int, float]:
    """Rows of the two showers that are nearest to each other, and their distance (mm), infinite if there is no pair."""
    first, second, least = begin, begin, np.inf
    for j in range(begin, n):
        for i in range(begin, j):
            apart = distance(out[i], out[j], it)
            if apart < least:
                first, second, least = i, j, apart
    return first, second, least


@kernel
def merge(it: SharingData, out: NDArray[np.void], begin: int, n: int) -> int:
    """Join showers, the two nearest first, until none are closer than the merging distance; the number of rows then."""
    while n > begin + 1:
        i, j, apart = nearest_pair(it, out, begin, n)
        if apart >= it.merging:
            return n
        join(out[i], out[j])
        n -= 1
        out[j] = out[n]
    return n


@kernel
def exchange(it: SharingData, out: NDArray[np.void], begin: int, n: int) -> None:
    """Let each pair of showers give each other the same fraction of their energies; their sum stays."""
    for j in range(begin, n):
        for i in range(begin, j):
            apart = distance(out[i], out[j], it)
            flow = it.fraction * math.exp((it.merging - apart) / it.length) * (out[j].energy - out[i].energy)
            out[i].energy += flow
            out[j].energy -= flow


@kernel
def clusters(it: SharingData, threshold: float, out: NDArray[np.void], begin: int, n: int) -> int:
    """Turn the showers of an event into clusters above a threshold (MeV); gives the number of rows then."""
    n = merge(it, out, begin, n)
    exchange(it, out, begin, n)
    kept = begin
    for row in range(begin, n):
        if out[row].energy >= threshold:
            if kept < row:
                out[kept] = out[row]
            kept += 1
    return kept
