"""What is opened is seen, what is not stays in no byte, and a changed value closes all of it again."""

from __future__ import annotations

import shutil
import struct
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import planning, plotting, runs, unblinding
from na62dump.errors import MergeError
from na62dump.events import Events, concatenate
from tests.closure.test_blinding import outputs
from tests.making import events_of, passing, pointing_pair
from tests.worlds import ITERATIVE, declared, good_burst, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.results import Result
    from tests.making import Event

# run, burst, event, opening: each in one event only, no number within another's; z_tax and cda_tax in mm
MARKERS = {"SR": (7_654_321, 3_456_789, 1_234_567_891, 5.4321e-3), "CR": (8_123_457, 4_012_345, 2_098_765_431, 5.6e-3)}
INSIDE = {"SR": (23e3, 8.0), "CR": (30e3, 100.0)}


def marker(region: str) -> Event:
    run, burst, event, opening = MARKERS[region]
    pair = pointing_pair(*INSIDE[region], opening=opening, z_vertex=130e3, run=run, burst=burst, event=event)
    return passing(pair)


def make_file(path: Path) -> None:
    halo = simulated("halo", 1_000)
    added = events_of([marker("SR"), marker("CR")])
    events = concatenate([halo, Events(len(added), {name: added[name] for name in halo.columns}, added.offsets)])
    keys = sorted({(int(r), int(b)) for r, b in zip(events["run"], events["burst"], strict=True)})
    write(path, events, bursts=[good_burst(*key) for key in keys])


class World:
    """An editable copy of everything, with a file of pseudo-data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.analysis = folder / "config" / "mumu.toml"
        for name in ("config", "selections"):
            shutil.copytree(conf.shipped() / name, folder / name)
        make_file(folder / "x.root")

    def plan(self, name: str) -> None:
        search = searches.load(str(self.analysis))
        plan = planning.plan(search, {"s": declared("data", "x.root")}, base=self.folder, unit_events=400)
        runs.create(self.folder / name, search, plan=plan)

    def run(self, name: str) -> tuple[Result, bytes]:
        """Result of a run, and all bytes that exist of it; every unit has to be done."""
        run = runs.open_run(self.folder / name)
        assert run.ledger.missing(run.plan.units) == list(run.plan.units)
        assert runs.execute(run, ITERATIVE) == []
        result, made = runs.merge(run)
        (run.folder / "mumu.zip").write_bytes(result.dumps(made))
        with (run.folder / "skim.parquet").open("wb") as file:
            result.write_skim(file, made)
        plotting.save(plotting.draw(result, result.state.plane), run.folder / "figures", provenance=made)
        return result, b"".join(outputs(run.folder).values())

    def unblind(self, region: str) -> None:
        search = searches.load(str(self.analysis))
        unblinding.unblind(search, region, reason=f"{region} may be seen", today=date(2026, 11, 21))

    def edit(self, before: str, after: str) -> None:
        text = self.analysis.read_text()
        assert before in text
        self.analysis.write_text(text.replace(before, after))


def traces(region: str, mass: float) -> list[bytes]:
    """Ways in which a marker could be in a file: its numbers as text, and as every type that holds them."""
    numbers = MARKERS[region][:3]
    packed = [struct.pack(code, n) for n in numbers for code in ("<I", ">I", "<Q", ">Q", "<d", ">d")]
    masses = [struct.pack(code, mass) for code in ("<d", ">d", "<f", ">f")]
    return [*(str(n).encode() for n in numbers), f"{mass:.6g}".encode(), *packed, *masses]


def seen(result: Result) -> dict[str, float]:
    """Regions whose marker is among the surviving rows, and its mass in MeV."""
    events, masses = (result.skim.columns[name] for name in ("event", "mass"))
    return {name: float(masses[events == key[2]][0]) for name, key in MARKERS.items() if np.isin(key[2], events)}


def has_traces(content: bytes, region: str, mass: float) -> bool:
    return any(trace in content for trace in traces(region, mass))


def headings(result: Result) -> set[str]:
    """What the figures say about hidden regions."""
    figures = plotting.draw(result, result.state.plane).values()
    return {text.get_text() for figure in figures for text in figure.texts if "SR" in text.get_text()}


@pytest.mark.slow
def test_a_region_is_seen_when_it_was_opened_and_not_before(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.plan("r")
    closed, closed_bytes = world.run("r")
    assert (seen(closed), headings(closed)) == ({}, {"SR, CR hidden"})

    world.unblind("CR")
    # in the same folder: no unit that was done before is taken for one that is done now
    control, control_bytes = world.run("r")
    assert (set(seen(control)), headings(control)) == ({"CR"}, {"SR hidden; opened: CR"})
    assert (control.state.opened, control.state.hidden) == (("CR",), ("SR",))

    world.unblind("SR")
    signal, signal_bytes = world.run("r")
    assert (set(seen(signal)), headings(signal)) == ({"CR", "SR"}, {"opened: SR, CR"})

    masses = seen(signal)
    contents = {"nothing": closed_bytes, "CR": control_bytes, "SR": signal_bytes}
    found = {name: [r for r in masses if has_traces(content, r, masses[r])] for name, content in contents.items()}
    assert found == {"nothing": [], "CR": ["CR"], "SR": ["SR", "CR"]}

    world.edit("e_over_p_max = 0.2", "e_over_p_max = 0.3")
    world.plan("again")
    assert runs.open_run(world.folder / "again").remarks == tuple(
        f"{region} of mumu was opened on 2026-11-21 for other values: cuts.e_over_p_max was 0.2 and is 0.3; it is closed"
        for region in ("CR", "SR")
    )
    again, again_bytes = world.run("again")
    assert (seen(again), headings(again)) == ({}, {"SR, CR hidden"})
    assert not any(has_traces(again_bytes, region, mass) for region, mass in masses.items())


def test_results_from_before_and_after_do_not_mix(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.plan("r")
    before, _ = world.run("r")
    old = runs.open_run(world.folder / "r")
    world.unblind("CR")
    new = runs.open_run(world.folder / "r")
    assert {name: opened.regions for name, opened in old.opened.items()} == {"mumu": frozenset()}
    assert {name: opened.regions for name, opened in new.opened.items()} == {"mumu": {"CR"}}
    assert old.analysis.digest == new.analysis.digest
    # a result moved by hand to where those of now are is not one of them
    for unit in old.plan.units:
        new.ledger.places.result(unit).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(old.ledger.places.result(unit), new.ledger.places.result(unit))
    with pytest.raises(
        MergeError, match=f"was made for '{old.ledger.fingerprint} .* not for '{new.ledger.fingerprint}"
    ):
        runs.merge(new)
    after, _ = world.run("r")
    with pytest.raises(
        MergeError, match=r"results of different conditions do not add up: opened is \(\) in one and \('CR',\) in"
    ):
        before + after
