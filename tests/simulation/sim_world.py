"""Small recipes, and a quiet experiment, for the tests of the simulation."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.configuration import load, load_text
from na62dump.events import COLUMNS, Events, concatenate
from na62dump.geometry import Geometry
from na62dump.simulation import HaloRecipe, PromptRecipe, Response, SignalRecipe, generate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation import Recipe, Spectrum

EXPERIMENT = Path(__file__).resolve().parents[2] / "config" / "experiment"

COMMON: dict[str, Any] = {
    "run": 7,
    "seed": 11,
    "bursts": 1,
    "bursts_per_file": 1,
    "pot": 0.0,
    "duration": "4.8 s",
    "keep": "all",
    "truth": True,
}
FLAT = {"shape": "flat", "energy_min": "30 GeV", "energy_max": "200 GeV", "theta_max": "4 mrad"}
SIGNAL: dict[str, Any] = COMMON | {
    "process": "signal",
    "events": 20_000,
    "pdg": 4900022,
    "mass": "400 MeV",
    "channel": "flat",
    "final_state": "mumu",
    "decay_z_min": "100 m",
    "decay_z_max": "182 m",
    "spectrum": FLAT,
}
HALO: dict[str, Any] = COMMON | {
    "process": "halo",
    "singles": 15_000,
    "pairs": 5_000,
    "pair_window": "10 ns",
    "momentum_min": "5 GeV/c",
    "momentum_max": "200 GeV/c",
    "momentum_mean": "30 GeV/c",
    "positive": 0.55,
    "source_spread": "1.2 m",
    "target_spread": "300 mm",
}


def signal(**changes: object) -> SignalRecipe:
    return load_text(SIGNAL | changes, SignalRecipe, where="signal")


PROMPT: dict[str, Any] = COMMON | {
    "process": "prompt",
    "events": 20_000,
    "final_state": "ee",
    "vertex_z_min": "80 m",
    "vertex_z_max": "180 m",
    "momentum_min": "5 GeV/c",
    "momentum_max": "200 GeV/c",
    "momentum_mean": "30 GeV/c",
    "mass_mean": "100 MeV",
    "mass_max": "2 GeV",
    "transverse_momentum": "200 MeV/c",
    "source_spread": "1.2 m",
    "target_spread": "300 mm",
    "lav_activity": 0.9,
    "anti0_activity": 0.9,
}


def prompt(**changes: object) -> PromptRecipe:
    return load_text(PROMPT | changes, PromptRecipe, where="prompt")


def halo(**changes: object) -> HaloRecipe:
    return load_text({k: v for k, v in (HALO | changes).items() if v is not None}, HaloRecipe, where="halo")


@cache
def shapes() -> Geometry:
    return load(EXPERIMENT / "geometry.toml", Geometry)


@cache
def usual() -> Response:
    return load(EXPERIMENT / "response.toml", Response)


def changed(response: Response, **detectors: dict[str, object]) -> Response:
    """A response with other values, ``straw={"efficiency": 1.0}``, in base units."""
    parts = {name: getattr(response, name).model_copy(update=values) for name, values in detectors.items()}
    return response.model_copy(update=parts)


@cache
def quiet() -> Response:
    """The usual response, fully efficient and without accidental activity."""
    response = usual()
    detectors = ("straw", "lkr", "muv3", "chod", "lav", "anti0")
    silent = {
        name: {"efficiency": 1.0, "accidental": getattr(response, name).accidental.model_copy(update={"rate": 0.0})}
        for name in detectors
    }
    return changed(response, **silent)


@cache
def calm() -> Response:
    """The quiet response; electrons neither radiate nor lose anything else."""
    return changed(quiet(), bremsstrahlung={"photon_min": np.inf}, lkr={"electron_tail_fraction": 0.0})


def events_of(
    recipe: Recipe, response: Response, burst: int = 1, *, chunk: int = 50_000, spectrum: Spectrum | None = None
) -> Events:
    return concatenate(list(generate(recipe, shapes(), response=response, burst=burst, chunk=chunk, spectrum=spectrum)))


def same(one: Events, other: Events) -> bool:
    """Whether two tables are equal, byte for byte."""
    if one.columns.keys() != other.columns.keys() or one.offsets.keys() != other.offsets.keys():
        return False
    columns = all(
        a.dtype == other[name].dtype and a.tobytes() == other[name].tobytes() for name, a in one.columns.items()
    )
    return columns and all(np.array_equal(a, other.offsets[name]) for name, a in one.offsets.items())


def owner(events: Events, collection: str) -> NDArray[np.int64]:
    """Event of each element of a collection."""
    return np.repeat(np.arange(len(events)), np.diff(events.offsets[collection]))


def both_tracks(events: Events) -> dict[str, NDArray[np.float64]]:
    """Columns of the tracks of events with two, and of the true particle of the same charge, one row per track."""
    two = np.nonzero(np.diff(events.offsets["Track"]) == 2)[0]
    first = events.offsets["Track"][two]
    two = two[events["Track_charge"][first] != events["Track_charge"][first + 1]]
    first = events.offsets["Track"][two]
    rows = np.concatenate([first, first + 1])
    event = np.concatenate([two, two])
    truth = events.offsets["Truth"][event] + (events["Track_charge"][rows] < 0)
    table = {name: events[f"Track_{name}"][rows].astype(np.float64) for name in ("p", "charge", "x", "y", "time")}
    table |= {name: events[f"Track_{name}"][rows].astype(np.float64) for name in ("dxdz", "dydz")}
    table |= {name: events[f"Track_{name}"][rows].astype(np.float64) for name in ("dxdz_after", "dydz_after")}
    true = {name: events[f"Truth_{name}"][truth].astype(np.float64) for name in ("px", "py", "pz")}
    true_p = np.sqrt(sum(v**2 for v in true.values()))
    return table | {f"true_{name}": v for name, v in true.items()} | {"true_p": np.asarray(true_p)}


def data_columns() -> list[str]:
    return [name for name, column in COLUMNS.items() if column.presence == "always"]
