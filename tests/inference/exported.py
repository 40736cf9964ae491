"""Limits of two searches and of both together, made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincc, roots_genlaguerre

from na62dump.inference.counts.counting import Counting
from na62dump.inference.exclusion.limits import Limits, Scan

if TYPE_CHECKING:
    from numpy.typing import NDArray

MASSES = np.array([100.0, 250.0, 411.0, 500.0])
COUPLINGS = np.geomspace(1e-8, 1e-4, 25)
WIDTHS = (-1.0, 1.0)
PROTONS_UNCERTAINTY, STATISTICAL = 0.2, 0.1
RELATIVE = math.hypot(PROTONS_UNCERTAINTY, STATISTICAL)


def cls_limit(count: int, background: float, relative: float) -> float:
    """Upper limit at 90% by CLs; the signal is averaged over a gamma density."""
    nodes, weights = roots_genlaguerre(40, relative**-2 - 1)
    scales, weights = nodes * relative**2, weights / weights.sum()

    def excess(signal: float) -> float:
        both = weights @ gammaincc(count + 1, background + signal * scales)
        return float(both / gammaincc(count + 1, background)) - 0.1

    return float(brentq(excess, 0.1, 50.0))


def counting(
    name: str, expected: NDArray[np.float64], observed: NDArray[np.int64] | None, *, window: float
) -> Counting:
    """Two mechanisms, one of which is all of its uncertainty."""
    by_mechanism = np.stack([0.75 * expected, 0.25 * expected])
    by_uncertainty = np.stack([0.1 * by_mechanism[0], by_mechanism[1]])
    return Counting(
        name,
        (name,),
        ("SR",),
        MASSES,
        MASSES[:, None, None] + window * np.array([-1.0, 1.0]),
        np.full((len(MASSES), 1), 0.997),
        expected,
        np.hypot(*by_uncertainty),
        (f"{name} combinatorial", f"{name} prompt"),
        by_mechanism,
        by_uncertainty,
        (f"{name} upstream",),
        np.zeros((0, 3), dtype=np.int64),
        np.zeros((0, 1)),
        observed,
        (),
    )


def scan(counted: Counting, events: NDArray[np.float64]) -> Scan:
    relative = np.full(events.shape, RELATIVE)
    expected = np.stack([np.full(len(COUPLINGS), cls_limit(0, each, RELATIVE)) for each in counted.expected])
    bands = np.stack([expected * 0.9, expected * 1.1])
    observed = None
    if counted.observed is not None:
        rows = zip(counted.observed.tolist(), counted.expected.tolist(), strict=True)
        observed = np.stack([np.full(len(COUPLINGS), cls_limit(n, b, RELATIVE)) for n, b in rows])
    return Scan(counted, events, relative, np.rint(counted.expected).astype(np.int64), expected, bands, observed)


def signal(threshold: float) -> NDArray[np.float64]:
    """Two edges at each mass above a threshold."""
    x = (COUPLINGS / 1e-6) ** 2 * MASSES[:, None] / 300.0
    return np.where(MASSES[:, None] > threshold, 800.0 * x**2 * np.exp(-4 * x), 0.0)


def limits(*, hidden: tuple[str, ...] = (), background: float = 0.016) -> Limits:
    """One event of the search for muon pairs, in the window of 411 MeV."""
    b = background * np.array([0.0, 0.2, 1.0, 0.5])
    seen = np.array([0, 0, 1, 0])
    mumu = counting("mumu", b, None if "mumu" in hidden else seen, window=15.0)
    ee = counting("ee", b + 0.002, None if "ee" in hidden else 0 * seen, window=math.inf)
    both = replace(
        mumu,
        name="mumu + ee",
        searches=("mumu", "ee"),
        windows=np.concatenate([mumu.windows, ee.windows], axis=1),
        shares=np.concatenate([mumu.shares, ee.shares], axis=1),
        expected=mumu.expected + ee.expected,
        uncertainty=np.hypot(mumu.uncertainty, ee.uncertainty),
        mechanisms=mumu.mechanisms + ee.mechanisms,
        by_mechanism=np.concatenate([mumu.by_mechanism, ee.by_mechanism]),
        by_uncertainty=np.concatenate([mumu.by_uncertainty, ee.by_uncertainty]),
        observed=None if hidden else seen,
    )
    parts = [signal(211.0), signal(0.0) / 2]
    events = [*parts, parts[0] + parts[1]]
    return Limits(
        "dark_photon",
        "A'",
        {"name": "epsilon", "label": r"$\varepsilon$", "unit": "1"},
        {"model": "m", "analysis mumu": "d"},
        1.4e17,
        PROTONS_UNCERTAINTY,
        None,
        0.9,
        "cls",
        ("protons", "statistical"),
        WIDTHS,
        MASSES,
        COUPLINGS,
        tuple(scan(counted, each) for counted, each in zip((mumu, ee, both), events, strict=True)),
    )
