"""Results whose rows are written down one by one, and estimates of single numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.background.estimate import Estimate
from na62dump.histograms import Book, Declarations
from na62dump.regions import Plane
from na62dump.results import Result, SampleState, State
from na62dump.results.booking import MEETS
from na62dump.skims import Skim

if TYPE_CHECKING:
    from collections.abc import Iterable

TIME, LAV, CHARGE = "in time with each other", "LAV veto", "opposite charge"
LOOSENED = (CHARGE, TIME, LAV)
DATA, MORE_DATA, SIMULATED = "run1", "run2", "sim"

BOXES = {"SR": ("20 mm", "6 m", "40 m"), "CR": ("150 mm", "-4 m", "50 m"), "VR": ("500 mm", "-80 m", "120 m")}
PLANE = Plane.model_validate(
    {
        "columns": ["cda_tax", "z_tax"],
        "region": [
            {
                "name": name,
                "hidden": name != "VR",
                "opens_after": [],
                "shape": "box",
                "x": ["0 mm", x],
                "y": [low, high],
            }
            for name, (x, low, high) in BOXES.items()
        ],
        "control": [
            {
                "name": "alike",
                "inside": ["CR"],
                "column": "charge",
                "beyond": [-1, 1],
                "opens_after": [],
                "fails": CHARGE,
            }
        ],
    }
)
WHERE = {
    "SR": (1.0, 2e4),
    "CR": (100.0, 2e4),
    "VR": (400.0, 2e4),
    "outside": (900.0, 2e4),
    "undefined": (np.nan, 2e4),
}
"""A point of each region: mm, mm."""

DECLARATIONS = Declarations.model_validate(
    {
        "axes": {"dt": {"variable": "dt", "unit": "ns", "bins": 4, "low": "-10 ns", "high": "10 ns", "label": "t"}},
        "histograms": {"dt": {"axes": ["dt"], "stage": "selected"}},
    }
)


class Some(NamedTuple):
    """A number of equal rows."""

    n: int
    region: str = "outside"
    failing: tuple[str, ...] = ()
    dt: float = 0.0
    weight: float = 1.0
    sample: str = DATA


def result_of(
    rows: Iterable[Some],
    *,
    opened: tuple[str, ...] = (),
    also_hidden: tuple[str, ...] = (),
    digest: str = "0" * 64,
    loosened: tuple[str, ...] = LOOSENED,
) -> Result:
    """Rows as they are written down, in hidden regions too: what must not be used can be there."""
    rows = list(rows)
    state = State(
        analysis="mumu",
        digest=digest,
        run_digest="1" * 64,
        opened=opened,
        hidden=tuple(sorted(PLANE.hidden - set(opened))),
        plane=PLANE,
        samples={
            DATA: SampleState(kind="data", label="one", simulated=False),
            MORE_DATA: SampleState(kind="data", label="other", simulated=False),
            SIMULATED: SampleState(kind="simulation", label="simulated", simulated=True),
        },
        also_hidden=also_hidden,
    )
    book = Book.declare(DECLARATIONS, samples=list(state.samples), regions=state.regions)
    for some in rows:
        if not some.failing:
            region = np.full(some.n, state.regions.index(some.region))
            weights = np.full(some.n, some.weight)
            book.fill("dt", sample=some.sample, region_index=region, values=[np.full(some.n, some.dt)], weights=weights)
    selected = skim_of([some for some in rows if not some.failing])
    loose = skim_of([some for some in rows if some.failing], requirements=loosened)
    return Result(state, {}, {}, book, selected, loose=loose)


def skim_of(rows: list[Some], *, requirements: tuple[str, ...] = ()) -> Skim:
    number = [some.n for some in rows]
    each = {
        "sample": np.array([some.sample for some in rows], dtype=np.str_),
        "cda_tax": np.array([WHERE[some.region][0] for some in rows], dtype=np.float64),
        "z_tax": np.array([WHERE[some.region][1] for some in rows], dtype=np.float64),
        "dt": np.array([some.dt for some in rows], dtype=np.float64),
        "weight": np.array([some.weight for some in rows], dtype=np.float32),
        **{
            f"{MEETS}{name}": np.array([name not in some.failing for some in rows], dtype=np.bool_)
            for name in requirements
        },
    }
    keys = {name: np.arange(sum(number), dtype=np.int64) for name in ("run", "burst", "event", "row")}
    return Skim({**keys, **{name: np.repeat(column, number) for name, column in each.items()}})


def estimate_of(
    numbers: dict[str, float],
    *,
    mechanism: str = "combinatorial",
    error: float = 0.0,
    systematic: dict[str, float] | None = None,
) -> Estimate:
    """Numbers of some regions, with one absolute error and relative systematic uncertainties."""
    expected = np.array([numbers.get(name, 0.0) for name in PLANE.names])
    return Estimate(
        mechanism,
        "by hand",
        PLANE.names,
        expected,
        np.diag(np.where(expected > 0, error**2, 0.0)),
        {name: size * expected for name, size in (systematic or {}).items()},
        np.full(len(expected), np.nan),
        {},
    )
