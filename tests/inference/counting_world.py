"""A search whose events, backgrounds and resolution are written down by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from na62dump.background.backgrounds import Backgrounds
from na62dump.background.estimate import Estimate
from na62dump.histograms import Book, Declarations
from na62dump.inference.settings import settings
from na62dump.results import Result, SampleState, State
from na62dump.signal.residuals import WIDTHS
from na62dump.signal.yields import Expected, Part
from na62dump.skims import Skim
from tests.background.handmade import PLANE, WHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

SETTINGS = settings()
SIGMA = 5.0
"""Resolution of the measured mass, MeV, at every mass."""

MASSES = np.linspace(300.0, 500.0, 41)
BINS = 50
"""Of 20 MeV each."""

DECLARATIONS = Declarations.model_validate(
    {
        "axes": {
            "mass": {"variable": "mass", "unit": "MeV", "bins": BINS, "low": "0 MeV", "high": "1 GeV", "label": "m"}
        },
        "histograms": {"mass": {"axes": ["mass"], "stage": "selected"}},
    }
)
DIGEST = "0" * 64


class Row(NamedTuple):
    """One selected row."""

    event: int
    mass: float
    region: str = "SR"
    sample: str = "run1"


def expected(
    *searches: str, masses: NDArray[np.float64] = MASSES, residuals: NDArray[np.float64] | None = None
) -> Expected:
    names = searches or ("mumu",)
    gaussian = np.broadcast_to(SIGMA * np.array(WIDTHS), (len(names), len(masses), len(WIDTHS)))
    events = np.ones((len(names), len(masses), 3))
    return Expected(
        model="toy",
        label="X",
        coupling={"name": "g", "label": "$g$", "unit": "1"},
        digests={"model": "0"} | {f"analysis {name}": DIGEST for name in names},
        protons=1e17,
        protons_uncertainty=0.2,
        masses=masses,
        couplings=np.geomspace(1e-7, 1e-5, 3),
        parts=tuple(Part(name, "decay", name, "SR") for name in names),
        events=events,
        statistical=0.1 * events,
        residuals=gaussian if residuals is None else residuals,
        uncertainties={},
        uncovered=(),
    )


def state(analysis: str = "mumu", *, opened: tuple[str, ...] = ("CR", "SR"), **changes: Any) -> State:  # noqa: ANN401
    fields: dict[str, Any] = {
        "analysis": analysis,
        "digest": DIGEST,
        "run_digest": "1" * 64,
        "opened": opened,
        "hidden": tuple(sorted(PLANE.hidden - set(opened))),
        "plane": PLANE,
        "samples": {
            "run1": SampleState(kind="data", label="data", simulated=False),
            "sim": SampleState(kind="simulation", label="simulated", simulated=True),
        },
    }
    return State(**(fields | changes))


def result(rows: Sequence[Row], analysis: str = "mumu", **changes: Any) -> Result:  # noqa: ANN401 - of the state
    made = state(analysis, **changes)
    number = np.array([row.event for row in rows], dtype=np.int64)
    columns = {
        "sample": np.array([row.sample for row in rows], dtype=np.str_),
        "run": np.full(len(rows), 8_000),
        "burst": number // 10,
        "event": number,
        "row": np.arange(len(rows)),
        "mass": np.array([row.mass for row in rows], dtype=np.float64),
        "cda_tax": np.array([WHERE[row.region][0] for row in rows], dtype=np.float64),
        "z_tax": np.array([WHERE[row.region][1] for row in rows], dtype=np.float64),
    }
    book = Book.declare(DECLARATIONS, samples=list(made.samples), regions=made.regions)
    return Result(made, {}, {}, book, Skim(columns))


def estimate(
    mechanism: str,
    numbers: Mapping[str, float],
    *,
    masses: Mapping[str, NDArray[np.float64]] | None = None,
    relative: float = 0.1,
    systematic: Mapping[str, float] | None = None,
    limited: Sequence[str] = (),
) -> Estimate:
    """Numbers of some regions, with a relative statistical error and relative systematic ones; masses by region."""
    known = tuple(name for name in PLANE.names if name != "undefined")
    mean = np.array([numbers.get(name, 0.0) for name in known])
    book = None
    if masses is not None:
        book = Book.declare(DECLARATIONS, samples=[mechanism], regions=PLANE.names)
        for name, values in masses.items():
            at = np.full(len(values), PLANE.names.index(name))
            book.fill("mass", sample=mechanism, region_index=at, values=[values])
    return Estimate(
        mechanism=mechanism,
        method="by hand",
        regions=known,
        expected=mean,
        covariance=np.diag((relative * mean) ** 2),
        systematic={source: size * mean for source, size in (systematic or {}).items()},
        limit=np.array([1e-3 if name in limited else np.nan for name in known]),
        inputs={},
        book=book,
    )


def backgrounds(*estimates: Estimate, made: State | None = None, remarks: tuple[str, ...] = ()) -> Backgrounds:
    return Backgrounds(
        state=made or state(),
        estimates=estimates,
        inverted=(),
        observed={},
        joint={},
        checks=(),
        vetoes={},
        times={},
        points=np.zeros((2, 0)),
        remarks=remarks,
    )
