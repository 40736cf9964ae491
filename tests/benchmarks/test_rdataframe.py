from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks import rdataframe
from tests.making import events_of, pair_from, passing, pointing_pair
from tests.worlds import declared, good_burst, planned, simulated, write

from na62dump import analysis as searches
from na62dump.cutflow import COUNT, ROWS, Cutflow
from na62dump.events import Events, concatenate, read
from na62dump.processor import Processor

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.datasets import Plan

RUN = 77
GOOD, ALSO_GOOD, BAD = 1, 2, 3
PARALLEL = [(1e-3, 2e-3), (1e-3, 2e-3)]


def by_hand(region: str, burst: int) -> Events:
    """Events on the edge of a hidden region, with an undefined pair, and far from everything."""
    key = {"run": RUN, "burst": burst}
    edges = {"SR": (23e3, 8.0), "outside": (23e3, 400.0)}
    pairs = [passing(pointing_pair(*edges[region], **key)), pair_from((0.0, 0.0, 150e3), PARALLEL, **key)]
    many = passing(pointing_pair(*edges[region], **key))
    many.elements["Track"].append({"x": 300.0, "y": 200.0, "dxdz": 1e-4, "dydz": 9e-3, "charge": -1})
    return events_of([*pairs, many])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("peer")
    made = [by_hand(region, burst) for burst in (GOOD, ALSO_GOOD, BAD) for region in ("SR", "outside")]
    simulations = [simulated("halo", 20_000), simulated("demo_signal", 4_000)]
    names = list(made[0].columns)
    events = concatenate([*(_with(names, part) for part in simulations), *made])
    keys = sorted({(int(r), int(b)) for r, b in zip(events["run"], events["burst"], strict=True)})
    write(folder / "x.root", events, bursts=[good_burst(*key, good=key != (RUN, BAD)) for key in keys], truth=True)
    return folder
