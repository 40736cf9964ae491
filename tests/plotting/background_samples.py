"""Backgrounds made by formula, as the estimates of a search would give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.background.backgrounds import Backgrounds
from na62dump.background.checks import Check
from na62dump.background.estimate import Estimate
from na62dump.histograms import Book
from na62dump.regions import OUTSIDE
from na62dump.results import SampleState, State
from tests.plotting.result_samples import DECLARATIONS, PLANE

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCALE = 5e-3
"""Rows that one pair stands for."""

NAMES = tuple(name for name in PLANE.names if name != "undefined")
EXPECTED = dict(zip(NAMES, (0.016, 0.17, 0.29, 20.4, 6.2), strict=True))


def state(*, opened: tuple[str, ...] = (), simulated: bool = True) -> State:
    return State(
        analysis="mumu",
        digest="0" * 64,
        run_digest="1" * 64,
        opened=opened,
        hidden=tuple(name for name in ("SR", "CR") if name not in opened),
        plane=PLANE,
        samples={"run1": SampleState(kind="data", label="run 1", simulated=simulated)},
    )


def numbers(given: dict[str, float]) -> NDArray[np.float64]:
    """Of all regions, 0 where none is given: float64[region], rows."""
    return np.array([given.get(name, 0.0) for name in NAMES])


def estimate(mechanism: str, expected: dict[str, float], **more: Any) -> Estimate:  # noqa: ANN401 - any field
    """One with an error of 8% common to all regions, half of it statistical; normalisation uncertain."""
    mean = numbers(expected)
    size = more.pop("normalisation", 0.1)
    fields: dict[str, Any] = {
        "method": "by hand",
        "covariance": np.outer(0.05 * mean, 0.05 * mean) + np.diag((0.06 * mean) ** 2),
        "systematic": {f"{mechanism} normalisation": size * mean, "time window": 0.05 * mean},
        "limit": np.full(len(NAMES), np.nan),
        "inputs": {},
    }
    return Estimate(mechanism=mechanism, regions=NAMES, expected=mean, **(fields | more))


def places(size: int) -> NDArray[np.float64]:
    """Points of the plane: float64[2, row], mm."""
    rng = np.random.default_rng(62)
    return np.array([np.abs(rng.normal(0, 250, size)), rng.normal(23e3, 60e3, size)])


def book() -> Book:
    """Some pairs, with masses."""
    rng = np.random.default_rng(63)
    points = places(6000)
    region = PLANE.classify(*points)
    filled = Book.declare(DECLARATIONS.only(["plane", "mass"]), samples=["combinatorial"], regions=PLANE.names)
    mass = np.asarray(210 + rng.gamma(3, 90, points.shape[1]))
    filled.fill("plane", sample="combinatorial", region_index=region, values=[points[1], points[0]])
    filled.fill("mass", sample="combinatorial", region_index=region, values=[mass])
    return filled


def estimates() -> tuple[Estimate, ...]:
    limit = numbers({"SR": 0.007, "CR": 0.02})
    side = {"side": [OUTSIDE], "inverted": []}
    return (
        estimate(
            "combinatorial", EXPECTED, book=book(), scale=SCALE, inputs={"tracks": 20_000, "rows": list(range(12))}
        ),
        estimate(
            "prompt",
            {n: 0.02 * v for n, v in EXPECTED.items()},
            normalisation=1.0,
            inputs={"vetoes": {"LAV": [0.02, 0.01]}},
        ),
        estimate("neutrino", {"VR": 0.1, OUTSIDE: 0.4}, inputs=side, limit=np.where(limit > 0, limit, np.nan)),
    )


def checks() -> tuple[Check, ...]:
    what = "selected rows against side bands of the time difference, scaled by the widths"
    return (
        Check("time side bands", what, "CR1", 0.5, 0.6, 0),
        Check("time side bands", what, "VR", 19.0, 4.1, 21),
        Check("time side bands", what, OUTSIDE, 7.5, 2.5, 5),
        Check("ABCD", "by hand", "CR1", 0.0, 0.0, 1),
        Check("ABCD", "by hand", "VR", 0.4, 0.3, 21),
        Check("same charge", "rows that fail 'opposite charge' against 'same charge'", "VR", 41.0, 5.0, 35),
    )


def times() -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(64)
    flat = rng.uniform(-8, 8, 60)
    return {"before": np.concatenate([flat, rng.normal(0, 0.85, 150)]), "after": flat[:45]}


VETOES: dict[str, Any] = {
    "window": 16.0,
    "resolution": 0.85,
    "central": 10.0,
    "fits": {
        "before": {
            "accidental": 58.0,
            "prompt": 152.0,
            "accidental_error": 9.2,
            "prompt_error": 13.1,
            "prompt_limit": None,
        },
        "after": {
            "accidental": 44.5,
            "prompt": 0.5,
            "accidental_error": 7.0,
            "prompt_error": 2.1,
            "prompt_limit": 4.4,
        },
    },
    "suppression": {
        "LAV veto": {"value": 0.003, "uncertainty": 0.014, "limit": 0.03},
        "ANTI0 veto": {"reason": "no rows that fail it were kept"},
    },
}


def backgrounds(**changes: Any) -> Backgrounds:  # noqa: ANN401 - any field
    """Two hidden regions, two to look at, and these together."""
    points = places(27)
    fields: dict[str, Any] = {
        "state": state(),
        "estimates": estimates(),
        "inverted": (estimate("same charge", {"VR": 41.0}),),
        "observed": dict(zip(NAMES, (None, None, 0, 21, 5), strict=True)) | {"undefined": None},
        "joint": {"side bands": ("CR1", "VR")},
        "checks": checks(),
        "vetoes": VETOES,
        "times": times(),
        "points": points,
        "remarks": ("upstream was not estimated: no sample",),
    }
    return Backgrounds(**(fields | changes))
