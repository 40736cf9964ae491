"""How fast limits are, and how often they are right.

``python benchmarks/limits.py`` prints times; ``--coverage`` the table of docs/limits.md instead.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from na62dump.inference.settings import Method, Priors, settings
from na62dump.inference.statistics.coverage import coverage
from na62dump.inference.statistics.upper_limits import upper_limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LIMITS, MEAN, HIGHEST, WIDEST, LARGEST = 10_000, 2.0, 5.0, 0.5, 0.4
CONFIDENCE = 0.9
PRIORS = Priors(background="gamma", signal="gamma")
REPEATS, BISECTIONS, BOUNDS = 7, 60, (0.1, 9.9)

BACKGROUNDS, SIGNALS = (0.01, 0.1, 0.5, 1.0, 2.0, 5.0), np.arange(1, 81) * 0.125
METHODS: tuple[Method, ...] = ("cls", "bayesian", "feldman-cousins")


def best(work: Callable[[], object]) -> float:
    """Shortest time of some repetitions, s of one core."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def by_bisection(
    observed: NDArray[np.int64],
    background: NDArray[np.float64],
    *,
    uncertainty: NDArray[np.float64],
    relative: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The same limits from negative binomial probabilities of scipy, all of them in step."""
    counts = np.arange(observed.max() + 1)[:, None]

    def law(mean: NDArray[np.float64], shape: NDArray[np.float64]) -> NDArray[np.float64]:
        ways = gammaln(counts + shape) - gammaln(shape) - gammaln(counts + 1)
        return np.asarray(np.exp(ways - shape * np.log1p(mean / shape) + counts * np.log(mean / (shape + mean))))

    summed = np.cumsum(law(background, (background / uncertainty) ** 2), axis=0)
    back = observed - counts
    beside = (
        np.where(back >= 0, np.take_along_axis(summed, np.maximum(back, 0), axis=0), 0.0)
        / summed[observed, np.arange(len(observed))]
    )
    low, high = np.zeros(observed.size), np.full(observed.size, 1e4)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        above = (law(middle, relative**-2) * beside).sum(axis=0) > 1 - CONFIDENCE
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray((low + high) / 2)


def closed_form() -> None:
    """Print the time of many different limits, beside that of a root finding with scipy, and of other densities."""
    rng = np.random.default_rng(1)
    observed, background = rng.poisson(MEAN, LIMITS), rng.uniform(0.01, HIGHEST, LIMITS)
    widths, shares = background * rng.uniform(0.05, WIDEST, LIMITS), rng.uniform(0.05, LARGEST, LIMITS)

    def limits(priors: Priors = PRIORS) -> NDArray[np.float64]:
        return upper_limits(
            *(observed, background),
            uncertainty=widths,
            relative=shares,
            method="cls",
            confidence=CONFIDENCE,
            priors=priors,
        )

    found, start = limits(), time.process_time()
    peer = by_bisection(observed, background, uncertainty=widths, relative=shares)
    slow = time.process_time() - start
    np.testing.assert_allclose(found, peer, rtol=1e-9)
    fast = best(limits)
    print(
        f"{LIMITS} different limits, both densities gamma, closed form: {1e3 * fast:.1f} ms on one core, {1e6 * fast / LIMITS:.2f} us each"
    )
    print(
        f"the same by {BISECTIONS} bisections with scipy: {slow:.2f} s, {slow / fast:.0f} times as long; equal to 1e-9"
    )
    for words, priors in (
        ("default: background Gaussian, signal gamma, closed form", settings().priors),
        ("both Gaussian, closed form", Priors(background="gaussian", signal="gaussian")),
        ("both log-normal, by quadrature: there is no closed form", Priors(background="lognormal", signal="lognormal")),
    ):
        seconds = best(partial(limits, priors))
        print(f"{words}: {1e3 * seconds:.1f} ms, {1e6 * seconds / LIMITS:.2f} us each")


def asymptotic() -> None:
    """Print the time of one asymptotic limit of pyhf, and that it is another number."""
    if find_spec("pyhf") is None:
        print("pyhf is not installed: no asymptotic limits beside these")
        return
    pyhf, scans = import_module("pyhf"), import_module("pyhf.infer.intervals.upper_limits")
    strength = {"name": "mu", "type": "normfactor", "data": None}
    for count, background in ((0, 0.016), (1, 0.016)):
        samples = [
            {"name": "signal", "data": [1.0], "modifiers": [strength]},
            {"name": "background", "data": [background], "modifiers": []},
        ]
        model = pyhf.Model({"channels": [{"name": "SR", "samples": samples}]}, poi_name="mu")
        own = upper_limits(count, background, method="cls", confidence=CONFIDENCE, priors=PRIORS)
        start = time.process_time()
        found, _ = scans.toms748_scan([count], model, *BOUNDS, level=1 - CONFIDENCE)
        took = 1e3 * (time.process_time() - start)
        print(
            f"n = {count}, b = {background}: pyhf's asymptotic limit {found:.2f} in {took:.0f} ms; closed form {own:.3f}"
        )


def covered() -> None:
    """Print the lowest and the mean coverage of each method over signals."""
    lowest, highest = SIGNALS[0], SIGNALS[-1]
    print(f"Lowest and mean coverage at {CONFIDENCE:.0%} over {SIGNALS.size} signals from {lowest} to {highest} events")
    print("\n| b | uncertainties | " + " | ".join(METHODS) + " |\n|---|---|" + "---|" * len(METHODS))
    for share, relative, words in ((0.0, 0.0, "none"), (0.3, 0.2, "30% of b, 20% of s")):
        for background in BACKGROUNDS:
            cells = []
            for method in METHODS:
                found = coverage(
                    SIGNALS,
                    background,
                    uncertainty=share * background,
                    relative=relative,
                    method=method,
                    confidence=CONFIDENCE,
                    priors=Priors(background="gaussian", signal="gamma"),
                )
                cells.append(f"{found.min():.3f}, {found.mean():.3f}")
            print(f"| {background} | {words} | " + " | ".join(cells) + " |")


def main(words: list[str]) -> None:
    """Print the record."""
    if "--coverage" in words:
        covered()
        return
    closed_form()
    asymptotic()
    import_module("scans").main()


if __name__ == "__main__":
    main(sys.argv[1:])
