"""Results made by hand: a signal that is simulated, and data of which two regions are hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.cutflow import COUNT, SUM, SUM2, Cutflow
from na62dump.datasets import Exposure
from na62dump.histograms import NOMINAL, Book, Declarations
from na62dump.regions import Plane
from na62dump.results import Counts, Result, SampleState, State, Varied
from na62dump.skims import Skim

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from na62dump.histograms import Axis

SIGNAL, DATA = "demo_signal", "demo_data"
SAMPLES = (SIGNAL, DATA)
ENTRIES = 4000
VARIED = {"energy up": 0.1, "energy down": -0.05}
"""Relative change of all contents."""

REQUIREMENTS = (
    "opposite charge",
    "track quality",
    "momentum",
    "inside STRAW",
    "apart at STRAW1",
    "in time with the trigger",
    "in time with each other",
    "one vertex",
    "decay volume",
    "one MUV3 tile each",
    "E/p",
    "LAV veto",
)

REGIONS = [
    {"name": "SR", "hidden": True, "opens_after": ["CR"], "shape": "box", "x": ["0 mm", "20 mm"], "y": ["6 m", "40 m"]},
    {"name": "CR", "hidden": True, "opens_after": [], "shape": "box", "x": ["0 mm", "150 mm"], "y": ["-4 m", "50 m"]},
    {
        "name": "CR1",
        "hidden": False,
        "opens_after": [],
        "shape": "box",
        "x": ["0 mm", "240 mm"],
        "y": ["-20 m", "66 m"],
    },
    {
        "name": "VR",
        "hidden": False,
        "opens_after": [],
        "shape": "ellipse",
        "centre": ["0 mm", "23 m"],
        "semi_axes": ["500 mm", "100 m"],
    },
]
PLANE = Plane.model_validate({"columns": ["cda_tax", "z_tax"], "region": REGIONS})


def axis(variable: str, unit: str, *, bins: int, edges: tuple[float | str, float | str], label: str) -> dict[str, Any]:
    return {"variable": variable, "unit": unit, "bins": bins, "low": edges[0], "high": edges[1], "label": label}


DECLARATIONS = Declarations.model_validate(
    {
        "axes": {
            "z_tax": axis("z_tax", "m", bins=125, edges=("-100 m", "150 m"), label="$Z_{TAX}$"),
            "cda_tax": axis("cda_tax", "mm", bins=60, edges=("0 mm", "600 mm"), label="CDA$_{TAX}$"),
            "mass": axis("mass", "MeV", bins=50, edges=("0 MeV", "1000 MeV"), label="$m$"),
            "e_over_p": axis("legs.e_over_p", "", bins=60, edges=(0.0, 1.2), label="$E/p$ of a track"),
        },
        "histograms": {
            "plane": {"axes": ["z_tax", "cda_tax"], "stage": "selected"},
            "mass": {"axes": ["mass"], "stage": "selected"},
            "e_over_p": {"axes": ["e_over_p"], "stage": "all but E/p"},
        },
    }
)


def flat(axis: Axis | None, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Any other variable, spread evenly over its axis, in base units."""
    assert axis is not None
    return rng.uniform(axis.low, axis.high, size) * axis.factor


def signal_values(name: str, rng: np.random.Generator, size: int, *, over: Axis | None) -> NDArray[np.float64]:
    """Something of the shape that a signal has, in base units."""
    shapes: dict[str, Callable[[], NDArray[Any]]] = {
        "z_tax": lambda: rng.normal(23e3, 3e3, size),
        "cda_tax": lambda: np.abs(rng.normal(0, 4, size)),
        "mass": lambda: rng.normal(400, 12, size),
        "p": lambda: rng.gamma(4, 15e3, size),
        "e_over_p": lambda: np.abs(rng.normal(0.01, 0.02, size)),
        "dt": lambda: rng.normal(0, 0.4, size),
        "dt_trigger": lambda: rng.normal(0, 0.5, size),
        "vertex_z": lambda: rng.uniform(100e3, 182e3, size),
        "cda": lambda: rng.exponential(2, size),
        "n_lav": lambda: rng.poisson(0.05, size),
        "n_muv3": lambda: rng.choice([0, 1, 2], size, p=[0.02, 0.9, 0.08]),
    }
    return np.asarray(shapes[name]() if name in shapes else flat(over, rng, size), dtype=np.float64)


def data_values(name: str, rng: np.random.Generator, size: int, *, over: Axis | None) -> NDArray[np.float64]:
    """Something of the shape that halo muons have, in base units."""
    shapes: dict[str, Callable[[], NDArray[Any]]] = {
        "z_tax": lambda: rng.normal(23e3, 60e3, size),
        "cda_tax": lambda: np.abs(rng.normal(0, 250, size)),
        "mass": lambda: rng.gamma(3, 110, size),
        "p": lambda: rng.exponential(25e3, size) + 10e3,
        "e_over_p": lambda: np.abs(rng.normal(0.02, 0.05, size)),
        "dt": lambda: rng.uniform(-30, 30, size),
        "dt_trigger": lambda: rng.normal(0, 6, size),
        "vertex_z": lambda: rng.uniform(80e3, 190e3, size),
        "cda": lambda: rng.exponential(40, size),
        "n_lav": lambda: rng.poisson(1.5, size),
        "n_muv3": lambda: rng.choice([0, 1, 2, 3], size, p=[0.1, 0.6, 0.2, 0.1]),
    }
    return np.asarray(shapes[name]() if name in shapes else flat(over, rng, size), dtype=np.float64)


def state_of(plane: Plane, *, opened: tuple[str, ...], simulated: bool) -> State:
    label = "pseudo-data (simulated): halo muons" if simulated else "exposure of 2021"
    return State(
        analysis="mumu",
        digest="0" * 64,
        run_digest="1" * 64,
        opened=opened,
        hidden=tuple(sorted(plane.hidden - set(opened))),
        plane=plane,
        samples={
            SIGNAL: SampleState(kind="simulation", label="A' -> mu+ mu-, 0.4 GeV (simulated)", simulated=True),
            DATA: SampleState(kind="data", label=label, simulated=simulated),
        },
    )


def book_of(state: State, declarations: Declarations, *, entries: int) -> Book:
    rng = np.random.default_rng(62)
    changes = {NOMINAL: 0.0, **{name: VARIED[name] for name in state.variations}}
    book = Book.declare(declarations, samples=list(state.samples), regions=state.regions, variations=list(changes))
    hidden = np.isin(state.regions, state.hidden)
    for name, histogram in declarations.histograms.items():
        for sample, values_of in ((SIGNAL, signal_values), (DATA, data_values)):
            names = (*state.plane.columns, *histogram.axes)
            values = {name: values_of(name, rng, entries, over=declarations.axes.get(name)) for name in names}
            region = state.plane.classify(*(values[column] for column in state.plane.columns))
            shown = np.ones(entries, dtype=np.bool_) if sample == SIGNAL else ~hidden[region]
            weights = rng.uniform(0.5, 1.5, entries)[shown] if sample == SIGNAL else np.ones(shown.sum())
            columns = [values[axis][shown] for axis in histogram.axes]
            for variation, change in changes.items():
                scaled = weights * (1 + change)
                book.fill(
                    name, sample=sample, region_index=region[shown], values=columns, weights=scaled, variation=variation
                )
    return book


def flow_of(*, start: float, factors: tuple[float, float]) -> Cutflow:
    """Cutflow in which two factors take turns; events are rows that have no brother, three of four."""
    flow = Cutflow.zero(REQUIREMENTS)
    left = start
    for step in range(len(REQUIREMENTS) + 1):
        flow.cumulative[:, step, COUNT] = np.floor(left), np.floor(0.75 * left)
        flow.cumulative[:, step, SUM] = flow.cumulative[:, step, SUM2] = flow.cumulative[:, step, COUNT]
        left *= factors[step % 2]
    flow.alone[:] = flow.all_but[:] = flow.cumulative[:, 1:]
    return flow


def counts_of(entries: int, n_regions: int) -> Counts:
    regions = np.zeros((n_regions, 3))
    regions[n_regions - 2] = entries  # all outside
    return Counts(entries, 0, 0, float(entries), float(entries), regions)


def result_of(
    plane: Plane = PLANE,
    declarations: Declarations = DECLARATIONS,
    *,
    opened: tuple[str, ...] = (),
    simulated: bool = True,
    entries: int = ENTRIES,
) -> Result:
    state = state_of(plane, opened=opened, simulated=simulated)
    keys = {name: np.arange(3, dtype=np.int64) for name in ("run", "burst", "event", "row")}
    columns = {
        "cda_tax": np.array([1.0, 2.0, 400.0]),
        "z_tax": np.array([2.0e4, 2.1e4, 1.2e5]),
        "mass": np.full(3, 4e2),
    }
    return Result(
        state,
        {sample: counts_of(entries, len(state.regions)) for sample in SAMPLES},
        {SIGNAL: flow_of(start=9e4, factors=(0.95, 0.8)), DATA: flow_of(start=4e6, factors=(0.1, 0.6))},
        book_of(state, declarations, entries=entries),
        Skim({"sample": np.array([SIGNAL, SIGNAL, DATA]), **keys, **columns}),
        {DATA: Exposure(bursts=60, pot=1.2e14, duration_ns=2.9e11)},
    )


def varied_result() -> Result:
    state = result_of().state.model_copy(update={"variations": tuple(VARIED)})
    result = replace(result_of(), state=state, book=book_of(state, DECLARATIONS, entries=ENTRIES))
    flows = {}
    for name, change in VARIED.items():
        flow = Cutflow.zero(REQUIREMENTS)
        along = np.linspace(1, 1 + change, len(REQUIREMENTS) + 1)[None, :, None]
        flow.cumulative[:] = result.cutflow[SIGNAL].cumulative * along
        flows[name] = Varied(flow, result.counts[SIGNAL].regions * (1 + change))
    return replace(result, varied={SIGNAL: flows})
