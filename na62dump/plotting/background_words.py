"""Words and numbers of the figures of backgrounds: with their errors, with limits, and bars of counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from na62dump.plotting.heading import PLAIN, kind, written

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.results import State

CL = "90% CL"
"""Of all upper limits."""

COVERAGE = math.erf(math.sqrt(1 / 2))
"""Of bars of counts: that of one standard deviation."""

DIGITS = 2
"""Of errors."""

EXPECTED = "expected background"


def data_label(state: State) -> str:
    """What data are, in the words of a figure."""
    words = [kind(sample) for sample in state.samples.values() if sample.kind == "data"]
    return ", ".join(dict.fromkeys(words)) or "Data"


def with_error(value: float, error: float) -> str:
    """A number with its error, as many digits as this says something about."""
    largest = max(abs(value), error)
    if not largest > 0:
        return "0"
    power = 0 if PLAIN[0] / 10 <= largest < PLAIN[1] * 10 else math.floor(math.log10(largest))
    mantissa, width = value / 10**power, error / 10**power
    decimals = max(0, DIGITS - 1 - math.floor(math.log10(width or abs(mantissa))))
    text = rf"{mantissa:.{decimals}f} \pm {width:.{decimals}f}"
    return rf"$({text})\times 10^{{{power}}}$" if power else f"${text}$"


def below(limit: float) -> str:
    """An upper limit in words."""
    return f"< {written(limit)} ({CL})"


def probability(p: float | None) -> str:
    """A probability with two digits; a dash if there is none."""
    if p is None:
        return "\N{EN DASH}"
    return f"{p:#.2g}" if p >= PLAIN[0] / 10 or p == 0 else written(p)


def poisson_bars(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lengths of the bars down and up of counts int64[n]: float64[2, n], counts; the central interval of 68%.

    F. Garwood, Biometrika 28 (1936) 437.
    """
    beyond = (1 - COVERAGE) / 2
    low = np.where(counts > 0, special.gammaincinv(np.maximum(counts, 1), beyond), 0.0)
    return np.array([counts - low, special.gammaincinv(counts + 1, 1 - beyond) - counts])
