"""Muons of a halo, the shipped material, and plain slabs, for the tests of backgrounds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump.background.backward import Muons
from na62dump.background.material import Material

if TYPE_CHECKING:
    from numpy.random import Generator

SOURCE, TARGET = 23_070.0, 183_508.0
"""The dump and the first chamber, mm."""


@cache
def shipped() -> Material:
    return conf.load(conf.find("experiment/material"), Material)


def block(thickness: str, *, z: str = "100 m", substance: str = "iron") -> Material:
    """One slab that nothing misses."""
    slab = {"name": "block", "substance": substance, "z": z, "thickness": thickness, "r_min": "0 m", "r_max": "100 m"}
    substances = conf.read_toml(conf.find("experiment/material"))["substance"]
    return conf.load_text({"substance": substances, "slab": [slab]}, Material, where="block")


def halo(n: int, rng: Generator, *, z: float = 80e3, weight: float = 1.0) -> Muons:
    """Muons as the shipped sample of the halo has them, at a plane."""
    (from_x, from_y), (to_x, to_y) = rng.normal(0, 1200, (2, n)), rng.normal(0, 300, (2, n))
    sx, sy = (to_x - from_x) / (TARGET - SOURCE), (to_y - from_y) / (TARGET - SOURCE)
    p = 5e3 + rng.exponential(30e3, n)
    x, y = from_x + sx * (z - SOURCE), from_y + sy * (z - SOURCE)
    return Muons(z, x, y, sx, sy, p, np.where(rng.random(n) < 0.55, 1.0, -1.0), np.full(n, weight))


def beam(p: float, n: int, *, z: float = 80e3) -> Muons:
    """Muons of one momentum on the axis."""
    zero = np.zeros(n)
    return Muons(z, zero, zero, zero, zero, np.full(n, p), np.ones(n), np.ones(n))
