"""Marker events in hidden regions are in no byte of any output; nothing counts them."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from na62dump import analysis as searches
from na62dump import plotting, runs
from na62dump.errors import BlindingError
from na62dump.events import Events, concatenate
from na62dump.reconstruction import build
from na62dump.regions import Policy, blind
from na62dump.skims import Skim
from tests.making import Event, events_of, passing, pointing_pair
from tests.worlds import declared, done, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from na62dump.datasets.samples import Kind
    from na62dump.results import Result

    World = tuple[Result, Path]

MARKED_RUN, MARKED_BURST, MARKED_EVENTS = 7_654_321, 3_456_789, (1_234_567_891, 1_234_567_893, 1_234_567_895)
OPENING = 5.4321e-3  # gives each marker one mass that no other event has
INSIDE = {"SR": (23e3, 8.0), "CR": (30e3, 100.0)}  # z_tax, cda_tax in mm


def marker(number: int, region: str) -> Event:
    z_tax, cda_tax = INSIDE[region]
    key = {"run": MARKED_RUN, "burst": MARKED_BURST, "event": MARKED_EVENTS[number]}
    return passing(pointing_pair(z_tax, cda_tax, opening=OPENING, z_vertex=130e3, **key))


def two_pairs() -> Event:
    """One hidden and one visible pair in one event: a third track makes pairs that point elsewhere."""
    event = marker(2, "SR")
    event.elements["Track"].append({"x": 900.0, "y": 700.0, "dxdz": 1e-4, "dydz": 9e-3, "charge": -1})
    return event


def sample(*, markers: bool) -> Events:
    """Pseudo-data whose own hidden events stay in, with or without the markers."""
    halo = simulated("halo", 4_000)
    added = events_of([marker(0, "SR"), marker(1, "CR"), two_pairs()])
    added = Events(len(added), {name: added[name] for name in halo.columns}, added.offsets)
    return concatenate([halo.take(0, 2_000), added, halo.take(2_000, 4_000)]) if markers else halo


def world(folder: Path, *, markers: bool, kind: Kind = "data") -> World:
    events = sample(markers=markers)
    keys = {(int(r), int(b)) for r, b in zip(events["run"], events["burst"], strict=True)} | {
        (MARKED_RUN, MARKED_BURST)
    }
    bursts = [good_burst(*key) for key in sorted(keys)]
    write(folder / "in" / "x.root", events, bursts=bursts, truth=kind == "simulation", seed=str(markers))
    run = done(folder / "run", planned(folder / "in", {"s": declared(kind, "x.root")}))
    result, made = runs.merge(run)
    (folder / "run" / "mumu.zip").write_bytes(result.dumps(made))
    skim = io.BytesIO()
    result.write_skim(skim, made)
    (folder / "run" / "skim.parquet").write_bytes(skim.getvalue())
    plotting.save(plotting.draw(result, result.state.plane), folder / "run" / "figures", provenance=made)
    return result, folder / "run"


def outputs(folder: Path) -> dict[str, bytes]:
    """All bytes below a folder, archives unpacked and Parquet tables as text; the plan lists bursts and is no output."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("plan"):
            unpack(str(path.relative_to(folder)), path.read_bytes(), found)
    return found


def unpack(name: str, content: bytes, found: dict[str, bytes]) -> None:
    found[name] = content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                unpack(f"{name}/{member}", archive.read(member), found)
    if content[:4] == b"PAR1":
        table = pq.ParquetFile(io.BytesIO(content)).read()
        found[f"{name} as text"] = json.dumps(table.to_pydict()).encode()


def traces(masses: list[float]) -> list[bytes]:
    """Ways in which a marker could be in a file: numbers as text, and as every type that holds them."""
    numbers = [MARKED_RUN, MARKED_BURST, *MARKED_EVENTS]
    text = [str(n).encode() for n in numbers] + [f"{m:.6g}".encode() for m in masses]
    binary = [struct.pack(code, n) for n in numbers for code in ("<I", ">I", "<Q", ">Q", "<d", ">d")]
    return text + binary + [struct.pack(code, m) for m in masses for code in ("<d", ">d", "<f", ">f")]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("simulation"), markers=True, kind="simulation")


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("data"), markers=True)


def marker_masses(result: Result) -> list[float]:
    chosen = np.isin(result.skim.columns["event"], MARKED_EVENTS)
    return [float(mass) for mass in result.skim.columns["mass"][chosen]]


def test_simulation_keeps_the_markers(kept: World) -> None:
    result, folder = kept
    masses = marker_masses(result)
    assert len(masses) == len(MARKED_EVENTS)
    assert len(set(np.round(masses, 3))) <= len(MARKED_EVENTS)
    rows = [int(n) for n in result.counts["s"].regions[:2, 0]]
    assert rows[0] >= 2
    assert rows[1] >= 1
    everything = b"".join(outputs(folder).values())
    assert all(str(number).encode() in everything for number in MARKED_EVENTS)


def test_data_hides_them_in_every_byte_of_every_output(kept: World, hidden: World) -> None:
    masses = marker_masses(kept[0])
    assert masses
    found = outputs(hidden[1])
    assert any(name.endswith("skim.parquet") for name in found)
    assert any(name.endswith(".png") for name in found)
    for name, content in found.items():
        for trace in traces(masses):
            assert trace not in content, (name, trace)
    assert not np.isin(hidden[0].skim.columns["event"], MARKED_EVENTS).any()


def test_no_counter_knows_of_them_but_the_entries_read(hidden: World, tmp_path: Path) -> None:
    without, _ = world(tmp_path, markers=False)
    result = hidden[0]
    assert result.cutflow == without.cutflow
    assert result.book == without.book
    assert result.skim == without.skim
    mine, other = (counts["s"].to_json() for counts in (result.counts, without.counts))
    assert mine.pop("entries") == other.pop("entries") + len(MARKED_EVENTS)
    assert mine == other


def test_pairs_of_an_event_with_one_hidden_pair_are_all_gone(kept: World) -> None:
    # in simulation the event has three pairs, and only the hidden one is in a hidden region
    visible = kept[0].cutflow["s"].cumulative
    only_first = world_of_one(two_pairs())
    assert only_first("simulation") == 3
    assert only_first("data") == 0
    assert visible[0, 0, 0] > 3


def world_of_one(event: Event) -> Callable[[Kind], int]:
    def rows(kind: Kind) -> int:
        search = searches.load("mumu")
        every = build(
            events_of([event]), search.geometry, matching=search.matching, final_state=search.file.final_state
        )
        return len(blind(every, [search.plane], policy=Policy(kind)).rows)

    return rows


def test_the_writer_refuses_a_hidden_row(kept: World, hidden: World) -> None:
    smuggled = replace(hidden[0], skim=Skim(dict(kept[0].skim.columns)))
    with pytest.raises(BlindingError, match="lie in a hidden region: nothing was written"):
        smuggled.dumps({})


def test_data_declared_simulation_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x.root", simulated("halo", 100), bursts=[])
    plan = planned(tmp_path, {"s": declared("simulation", "x.root")})
    assert not plan.units
    assert "is it data? Then declare kind" in plan.rejected[0].reason


def test_data_with_a_weight_but_no_truth_is_refused_as_simulation(tmp_path: Path) -> None:
    events = simulated("halo", 100)
    part = Events(len(events), {n: v for n, v in events.columns.items() if "ruth" not in n}, events.offsets)
    write(tmp_path / "x.root", part, bursts=[], truth=True)
    plan = planned(tmp_path, {"s": declared("simulation", "x.root")})
    assert not plan.units
    assert "without the truth columns" in plan.rejected[0].reason
