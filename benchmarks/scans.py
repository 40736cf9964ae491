"""How fast a scan is: both searches of the dark photon and their combination, observed and expected with bands.

Printed by ``python benchmarks/limits.py``: 81 masses times 240 couplings, against one root finding for each limit on a subset, scaled up.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.stats import nbinom, norm, poisson

from na62dump.inference.counts.counting import Counting
from na62dump.inference.exclusion.exclusions import contour_files
from na62dump.inference.exclusion.scan import limits
from na62dump.inference.settings import settings
from na62dump.signal.residuals import WIDTHS
from na62dump.signal.yields import Expected, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from na62dump.inference.exclusion.limits import Limits, Scan

MASSES, COUPLINGS = 81, 240
BACKGROUNDS = {"mumu": 0.016, "ee": 0.0094}
REPEATS = 5
SUBSET = 200
NODES = 41


def best(work: Callable[[], object]) -> float:
    """Shortest time of some repetitions, s of one core: those of all cores added, so that the figure means the same everywhere."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def signal() -> Expected:
    """Two edges for each search, and a statistical error that differs from point to point."""
    masses, couplings = np.linspace(220.0, 800.0, MASSES), np.geomspace(1e-8, 1e-4, COUPLINGS)
    decay = (couplings / 1e-6) ** 2 * (masses / 300)[:, None] ** 2
    events = 300 * np.clip(1 - masses / 700, 0, None)[:, None] ** 2 * decay**2 * np.exp(-decay)
    both = np.array([events, 2 * events])
    errors = 0.3 * np.random.default_rng(62).random(both.shape)
    return Expected(
        model="toy",
        label="A'",
        coupling={"name": "epsilon", "label": "epsilon", "unit": "1"},
        digests={"model": "0"},
        protons=1.4e17,
        protons_uncertainty=0.2,
        masses=masses,
        couplings=couplings,
        parts=tuple(Part(name, "decay", name, "SR") for name in BACKGROUNDS),
        events=both,
        statistical=errors * both,
        residuals=np.tile(np.array(WIDTHS), (2, MASSES, 1)),
        uncertainties={},
        uncovered=(),
    )


def counted(name: str, background: float, *, masses: np.ndarray, events: int) -> Counting:
    """A background that changes with the mass, and one event everywhere or none."""
    expected = background * np.linspace(0.5, 1.0, MASSES)
    return Counting(
        name=name,
        searches=(name,),
        regions=("SR",),
        masses=masses,
        windows=np.tile([-np.inf, np.inf], (MASSES, 1, 1)),
        shares=np.ones((MASSES, 1)),
        expected=expected,
        uncertainty=0.13 * expected,
        mechanisms=(name,),
        by_mechanism=expected[None],
        by_uncertainty=0.13 * expected[None],
        limited=(),
        keys=np.ones((events, 3), dtype=np.int64),
        seen=np.full((events, 1), 411.0),
        observed=np.full(MASSES, events),
        remarks=(),
    )


def root(observed: int, background: float, uncertainty: float, relative: float) -> float:
    """One limit by root finding, with library functions: what a script would do."""
    nodes = np.linspace(-5, 5, NODES)
    rates = background + uncertainty * nodes
    weights = np.where(rates > 0, norm.pdf(nodes), 0.0)
    counts = np.arange(observed + 1)
    prior = weights @ poisson.cdf(counts, np.maximum(rates, 0)[:, None]) / weights.sum()
    shape = relative**-2

    def excess(s: float) -> float:
        made = nbinom.pmf(counts, shape, shape / (shape + s))
        return float(made @ prior[::-1] / prior[-1] - 0.1)

    return float(brentq(excess, 1e-3, 100.0))


def compare(scan: Scan) -> tuple[float, float]:
    """Seconds of a root finding, and the largest relative difference of its limits, for some points."""
    counting, observed = scan.counting, scan.observed
    if observed is None or counting.observed is None:
        return 0.0, 0.0
    places = np.random.default_rng(6).integers(0, observed.size, SUBSET)
    points = [(int(place) // COUPLINGS, int(place) % COUPLINGS) for place in places]
    start = time.process_time()
    found = [
        root(int(counting.observed[m]), counting.expected[m], counting.uncertainty[m], scan.relative[m, c])
        for m, c in points
    ]
    seconds = (time.process_time() - start) / SUBSET
    return seconds, max(abs(value / observed[at] - 1) for value, at in zip(found, points, strict=True))


def main() -> None:
    """Print the record."""
    expected = signal()
    countings = [
        counted(name, background, masses=expected.masses, events=int(name == "mumu"))
        for name, background in BACKGROUNDS.items()
    ]

    def work() -> Limits:
        return limits(expected, countings, settings=settings())

    made = work()  # compiles
    seconds = best(work)
    print(
        f"{MASSES} x {COUPLINGS} points, two searches and both: observed, expected and bands in {seconds:.2f} s of one core"
    )
    print(f"contours of all curves: {best(lambda: contour_files(made)):.2f} s")
    each, worst = compare(made.scans[0])
    number = 2 * len(made.scans) * MASSES * COUPLINGS
    print(
        f"root finding: {1e3 * each:.2f} ms for each limit, {each * number:.0f} s for the {number} limits without bands"
    )
    print(f"ratio: {each * number / seconds:.0f} times as fast, with bands; largest relative difference {worst:.1e}")
