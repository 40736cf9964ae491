from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks import rdataframe
from na62dump import analysis as searches
from na62dump.cutflow import COUNT, ROWS, Cutflow
from na62dump.events import COLUMNS, Events, concatenate, read
from na62dump.histograms import NOMINAL
from na62dump.processor import Processor
from na62dump.reconstruction import Rows, build
from tests.making import DEFAULTS, events_of, pair_from, passing, pointing_pair
from tests.worlds import declared, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.analysis import Analysis
    from na62dump.datasets import Plan
    from na62dump.datasets.samples import Kind

RUN = 77
GOOD, BAD = (RUN, 1), (RUN, 2)
INSIDE, OUTSIDE = (23e3, 8.0), (23e3, 400.0)  # z_tax, cda_tax in mm
STEEP = {"x": 300.0, "y": 200.0, "dxdz": 1e-4, "dydz": 9e-3, "charge": -1}

PEER = [
    pytest.mark.peer,
    pytest.mark.skipif(importlib.util.find_spec("ROOT") is None, reason="the ROOT wheel is not installed"),
]


def by_hand(run: int, burst: int) -> Events:
    """A hidden and a visible pair, each alone and beside a third track, a pair without a vertex, and one of charge +2 and -2."""
    key: dict[str, Any] = {"run": run, "burst": burst}
    alone = [passing(pointing_pair(*point, **key)) for point in (INSIDE, OUTSIDE)]
    beside = [passing(pointing_pair(*point, **key)) for point in (INSIDE, OUTSIDE)]
    for event in beside:
        event.elements["Track"].append(STEEP)
    parallel = pair_from((0.0, 0.0, 150e3), [(1e-3, 2e-3), (1e-3, 2e-3)], **key)
    doubled = passing(pointing_pair(*OUTSIDE, **key))
    for track, charge in zip(doubled.elements["Track"], (2, -2), strict=True):
        track["charge"] = charge
    return events_of([*alone, *beside, parallel, doubled])


def world(folder: Path, kind: Kind) -> Plan:
    """A plan of halo, signal and events by hand in one file, one of whose bursts is bad."""
    parts = [simulated("halo", 20_000), simulated("demo_signal", 3_000), by_hand(*GOOD), by_hand(*BAD)]
    shared = [name for name in COLUMNS if all(name in part for part in parts)]
    events = concatenate([Events(len(part), {name: part[name] for name in shared}, part.offsets) for part in parts])
    keys = sorted({(int(r), int(b)) for r, b in zip(events["run"], events["burst"], strict=True)})
    bursts = [good_burst(*key, good=key != BAD) for key in keys]
    write(folder / "x.root", events, bursts=bursts, truth=kind == "simulation")
    return planned(folder, {"s": declared(kind, "x.root")})


@pytest.fixture(scope="module", params=["data", "simulation"])
def plan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return world(tmp_path_factory.mktemp("peer"), request.param)


def everything(plan: Plan) -> Events:
    return read(plan.files[0].path, plan.columns[plan.samples["s"].kind])


def flows(search: Analysis, plan: Plan) -> tuple[Cutflow, list[int]]:
    """Our cutflow and the rows that RDataFrame has left."""
    processor = Processor(search, plan)
    ours = processor.chain(everything(plan), "s").cutflow["s"]
    return ours, rdataframe.chain(processor, plan, sample="s")()


def rows_of(search: Analysis, plan: Plan) -> Rows:
    events = everything(plan)
    return build(events, search.geometry, matching=search.matching, final_state=search.file.final_state).rows


def with_edges(search: Analysis, rows: Rows) -> Analysis:
    """Numbers on which rows lie: an edge belongs to its region, a float32 column meets a number rounded to float32."""
    row = np.flatnonzero((rows.charge == 0) & (rows.cda_tax > 410.0) & (rows.cda_tax < 500.0))[0]
    box = {"x": (float(rows.cda_tax[row]), 1e6), "y": (float(rows.z_tax[row]), 1e9)}
    regions = tuple(r.model_copy(update=box) if r.name == "SR" else r for r in search.plane.region)
    cuts: Any = search.cuts
    tracks = cuts.tracks.model_copy(update={"momentum_min": np.nextafter(DEFAULTS["Track_p"], 0.0).item()})
    return replace(
        search,
        plane=search.plane.model_copy(update={"region": regions}),
        variations={NOMINAL: replace(search.variations[NOMINAL], cuts=cuts.model_copy(update={"tracks": tracks}))},
    )


def test_requirements_are_those_of_the_search(tmp_path: Path) -> None:
    plan = world(tmp_path, "data")
    flow = Processor(searches.load("mumu"), plan).chain(everything(plan), "s").cutflow["s"]
    assert tuple(rdataframe.REQUIREMENTS) == flow.names


class TestPeer:
    pytestmark = PEER

    def test_cutflows_are_equal(self, plan: Plan) -> None:
        search = searches.load("mumu")
        ours, theirs = flows(search, plan)
        assert theirs == ours.cumulative[ROWS, :, COUNT].tolist()
        assert theirs[-1] > 0 or plan.samples["s"].kind == "data"
        assert (theirs[0] < len(rows_of(search, plan))) == (plan.samples["s"].kind == "data")

    def test_cutflows_are_equal_on_every_edge(self, plan: Plan) -> None:
        search = searches.load("mumu")
        ours, theirs = flows(with_edges(search, rows_of(search, plan)), plan)
        assert theirs == ours.cumulative[ROWS, :, COUNT].tolist()
        assert theirs != flows(search, plan)[1]

    def test_the_second_run_counts_the_same(self, plan: Plan) -> None:
        chain = rdataframe.chain(Processor(searches.load("mumu"), plan), plan, sample="s")
        assert chain() == chain()
