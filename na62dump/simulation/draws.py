"""Random numbers from a hash of the event's key, never from the order: kernels to be called from kernels.

Every purpose ("stream") of every event has its own sequence of the generator splitmix64 (Steele, Lea and Flood,
OOPSLA 2014, doi:10.1145/2660193.2660195): draw number i is the mixed value of start + i * increment. The start is
itself a hash of (seed, run, burst, event, stream), so nothing depends on how the events are cut into chunks. Everywhere
below, state uint64[1] is where a stream has got to; what is drawn are pure numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from na62dump.hashing import GOLDEN, absorb, first, mix, to_unit
from na62dump.kernels import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POISSON_MAX = 32
"""Largest number that `poisson` gives: far beyond what means of a few reach."""

STREAMS = ("path", "STRAW", "LKr", "MUV3", "CHOD", "LAV", "ANTI0", "source", "clock", "downscaling", "particles")
"""What random numbers of an event, or of a particle, are for. Particle k of an event has a key of its own, number
PARTICLES + k under the event's key."""
PATH, STRAW, LKR, MUV3, CHOD, LAV, ANTI0, SOURCE, CLOCK, DOWNSCALING, PARTICLES = range(len(STREAMS))

_OWN_STREAMS = ("decay point", "decay", "bremsstrahlung", "RICH", "secondaries")
DECAY_POINT, DECAY, RADIATION, RICH, SECONDARIES = (len(STREAMS) + i for i in range(len(_OWN_STREAMS)))
"""More streams of a particle. Path k of the event, if it comes of the particle, has the key SECONDARIES + k under its."""


@kernel
def burst_key(seed: int, run: int, burst: int) -> np.uint64:
    """Key of a burst of a sample."""
    return absorb(absorb(first(seed), run), burst)


@kernel
def start(state: NDArray[np.uint64], key: np.uint64, stream: int) -> None:
    """Begin a stream of an event; state uint64[1] is what the draws below advance."""
    state[0] = absorb(key, stream)


@kernel
def uniform(state: NDArray[np.uint64]) -> float:
    """Next number, flat in the open interval (0, 1), on a grid of 2**-53."""
    state[0] += GOLDEN
    return to_unit(mix(state[0]))


@kernel
def normals(state: NDArray[np.uint64]) -> tuple[float, float]:
    """Next two independent numbers of the unit normal distribution, by the polar method.

    Marsaglia and Bray, SIAM Rev. 6 (1964) 260: twice as fast as with sine and cosine. state goes on by two numbers
    for each point of the square until one is in the circle.
    """
    while True:
        x = 2.0 * uniform(state) - 1.0
        y = 2.0 * uniform(state) - 1.0
        square = x * x + y * y
        if square < 1.0:
            scale = math.sqrt(-2.0 * math.log(square) / square)
            return x * scale, y * scale


@kernel
def normal(state: NDArray[np.uint64]) -> float:
    """Next number of the unit normal distribution."""
    return normals(state)[0]


@kernel
def exponential(state: NDArray[np.uint64]) -> float:
    """Next number of the exponential distribution of mean 1."""
    return -math.log(uniform(state))


@kernel
def poisson(state: NDArray[np.uint64], none: float) -> int:
    """Next Poisson number, by inversion, at most `POISSON_MAX`; none = exp(-mean) is the chance of zero."""
    rest = uniform(state)
    if rest < none:
        return 0
    term = none
    mean = -math.log(none)
    count = 0
    while rest >= term and count < POISSON_MAX:
        rest -= term
        count += 1
        term *= mean / count
    return count


@kernel
def chi_squared(state: NDArray[np.uint64], pairs: int, odd: bool) -> float:  # noqa: FBT001 - a kernel has no keywords
    """Next chi-squared with 2 * pairs degrees of freedom, one more if odd, divided by their number."""
    product = 1.0
    for _ in range(pairs):
        product *= uniform(state)
    extra = normal(state) if odd else 0.0
    return (-2.0 * math.log(product) + extra * extra) / (2 * pairs + odd)


@kernel
def gamma(state: NDArray[np.uint64], shape: int) -> float:
    """Next number of the gamma distribution of a whole shape: the sum of so many exponential numbers."""
    product = 1.0
    for _ in range(shape):
        product *= uniform(state)
    return -math.log(product)


@kernel
def beta(state: NDArray[np.uint64], a: int, b: int) -> float:
    """Next number of the beta distribution of whole parameters: the share of one gamma number in two."""
    one = gamma(state, a)
    return one / (one + gamma(state, b))
