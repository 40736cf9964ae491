"""Random numbers that depend on names and not on an order: a hash of what they are for.

The mixing function is that of the generator splitmix64 (Steele, Lea and Flood, OOPSLA 2014, doi:10.1145/2660193.2660195).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_SHIFT_1 = np.uint64(30)
_SHIFT_2 = np.uint64(27)
_SHIFT_3 = np.uint64(31)
_SHIFT_FLOAT = np.uint64(11)
_STEP = 2.0**-53


@kernel
def mix(value: np.uint64) -> np.uint64:
    """Scramble the 64 bits of a number (finaliser of splitmix64)."""
    value = (value ^ (value >> _SHIFT_1)) * _FIRST
    value = (value ^ (value >> _SHIFT_2)) * _SECOND
    return value ^ (value >> _SHIFT_3)


@kernel
def absorb(key: np.uint64, number: int) -> np.uint64:
    """Key of a number under a key: hash of both, different for (a, b) and (b, a)."""
    return mix(mix(key + GOLDEN) ^ mix(np.uint64(number) + GOLDEN + GOLDEN))


@kernel
def first(seed: int) -> np.uint64:
    """Key of a seed, under which all others are."""
    return mix(np.uint64(seed) + GOLDEN)


@kernel
def to_unit(bits: np.uint64) -> float:
    """A number of the open interval (0, 1), on a grid of 2**-53, from 64 bits."""
    return (float(bits >> _SHIFT_FLOAT) + 0.5) * _STEP


@kernel
def _fill(seed: int, names: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    for row in range(len(names)):
        key = first(seed)
        for column in range(names.shape[1]):
            key = absorb(key, names[row, column])
        out[row] = to_unit(mix(key))


def uniform(seed: int, names: NDArray[np.int64]) -> NDArray[np.float64]:
    """A random number for each name.

    Parameters
    ----------
    seed : int
        Of all of them.
    names : int64[row, part]
        Whole numbers, not negative, that say what each is for.

    Returns
    -------
    float64[row], without unit
        Flat in the open interval (0, 1); the same for the same seed and name, wherever it stands.
    """
    out = np.empty(len(names), dtype=np.float64)
    _fill(seed, names, out)
    return out
