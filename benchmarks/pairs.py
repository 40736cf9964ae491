"""How fast pairs of halo tracks that meet are found: with the filter, and by the exact arithmetic on every pair.

``python benchmarks/pairs.py [TRACKS]``: tracks of each list, 20000 by default. Both results must be identical.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from na62dump.background import prefilter
from na62dump.background.prefilter import Cuts, Lines, close_pairs
from na62dump.kernels import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

TRACKS = 20_000
SHARE = 10
"""One of so many tracks of the first list is enough to time the slow way."""

REPEATS = 5
DUMP, TARGET, PLANE = 23e3, 183.5e3, 180e3  # mm, as config/samples/halo.toml has them
SOURCE_SPREAD, TARGET_SPREAD = 1200.0, 300.0  # mm, likewise
CUTS = Cuts(cda_max=20.0, z_min=105e3, z_max=180e3)  # mm


@kernel
def every(first: prefilter.Flights, second: prefilter.Flights, cuts: Cuts, i: NDArray[np.int64], j: NDArray[np.int64]) -> int:  # fmt: skip
    """Fill int64[pair] with the pairs that meet, each of all tested exactly; gives their number."""
    everything, n = np.arange(len(second.x)), 0
    for row in range(len(first.x)):
        n += prefilter.meeting(row, everything, first, second, cuts, i[n:], j[n:])
    return n


def halo(tracks: int, rng: np.random.Generator) -> Lines:
    """Lines from a wide source at the dump to the spectrometer, mm and rad."""
    source = rng.normal(0.0, SOURCE_SPREAD, (2, tracks))
    slopes = (rng.normal(0.0, TARGET_SPREAD, (2, tracks)) - source) / (TARGET - DUMP)
    points = source + slopes * (PLANE - DUMP)
    return Lines(points[0], points[1], slopes[0], slopes[1], PLANE)


def best(work: Callable[[], object]) -> float:
    """Shortest time of some repetitions, s of one core; the first one, which may compile, does not count."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main(tracks: int) -> None:
    """Print the record."""
    rng = np.random.default_rng(62)
    first, second = halo(tracks, rng), halo(tracks, rng)
    i, j = close_pairs(first, second, **CUTS._asdict())
    x, y, dxdz, dydz = (values[: max(tracks // SHARE, 1)] for values in first[:4])
    few = Lines(x, y, dxdz, dydz, PLANE)
    flown, others = prefilter.flights(few), prefilter.flights(second)
    room = np.empty((2, len(few.x) * len(second.x)), dtype=np.int64)
    n = every(flown, others, CUTS, *room)
    fast = tracks**2 / best(lambda: close_pairs(first, second, **CUTS._asdict()))
    slow = room.shape[1] / best(lambda: every(flown, others, CUTS, *room))
    alike = all(np.array_equal(a[i < len(few.x)], b[:n]) for a, b in zip((i, j), room, strict=True))
    marks = np.zeros((len(few.x), tracks), dtype=np.uint8)
    prefilter.mark_rows(few, second, 0, 0, len(few.x), prefilter.bounds_of(few, second, cuts=CUTS), marks)
    print(f"{tracks} x {tracks} pairs: {marks.mean():.3%} survive the filter, {n / marks.size:.3%} meet")
    print(f"with the filter:      {fast / 1e6:6.0f} million pairs/s on one core")
    print(f"exact test of all:    {slow / 1e6:6.0f} million pairs/s on one core")
    print(f"ratio: {fast / slow:.1f}; both results are {'identical' if alike else 'DIFFERENT'}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRACKS)
