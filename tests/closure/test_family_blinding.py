"""Searches of the same events hide together: under each final state, the bare pair, and every systematic variation."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import planning, runs, unblinding
from na62dump.cli import main
from na62dump.processor import Processor
from na62dump.reconstruction import build
from tests.making import Z_LKR, Event, detected, events_of, pair_from, photons_of, pointing_pair
from tests.worlds import declared, good_burst, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.datasets.samples import Kind
    from na62dump.results import Result

HADRONS = ("pipi", "pipig", "pipipi0", "pipi2pi0", "pipieta", "kk", "kkpi0")
IN_CR, FAR = (30e3, 100.0), (-60e3, 700.0)  # z_tax, cda_tax in mm
Z_VERTEX, OPENING, SLOPE_Y = 130e3, 12e-3, 2e-3
PHOTON = {"x": 500.0, "y": -200.0, "energy": 30e3, "time": 0.0}


def vertex_of(z_tax: float, cda_tax: float) -> np.ndarray:
    return np.array([cda_tax, -22.0 + SLOPE_Y * (Z_VERTEX - z_tax), Z_VERTEX])


def bare_pair(place: tuple[float, float]) -> Event:
    return detected(pointing_pair(*place, z_vertex=Z_VERTEX, opening=OPENING), "pi", "pi")


def with_photons(event: Event, *photons: dict[str, float]) -> Event:
    event.elements["LKr"] += photons
    return event


def together(place: tuple[float, float], *, scale: float = 1.0) -> Event:
    """A pair and a photon whose line together points to a place, if the momenta of the tracks are scaled."""
    vertex = vertex_of(*place)
    along = np.array([PHOTON["x"], PHOTON["y"], Z_LKR]) - vertex
    photon = PHOTON["energy"] * along / np.linalg.norm(along)
    pair = (120e3 * np.array([0.0, SLOPE_Y, 1.0]) - photon) / scale
    slopes = [(pair[0] / pair[2] + sign * OPENING / 2, pair[1] / pair[2]) for sign in (1, -1)]
    x, y, z = (float(at) for at in vertex)
    event = pair_from((x, y, z), slopes)
    for track, (sx, sy) in zip(event.elements["Track"], slopes, strict=True):
        track["p"] = pair[2] / 2 * np.sqrt(1 + sx * sx + sy * sy)
    return with_photons(detected(event, "pi", "pi"), PHOTON)


def regions_of(event: Event, name: str) -> set[str]:
    """Where the rows of an event are for one analysis."""
    search = searches.load(name)
    rows = build(
        events_of([event]), search.geometry, matching=search.matching, final_state=search.file.final_state
    ).rows
    return {search.plane.names[number] for number in search.plane.of(rows)}


class World:
    """An editable copy of everything, and what each analysis sees of one event."""

    def __init__(self, folder: Path, event: Event, *, kind: Kind = "data") -> None:
        self.folder, self.kind, self.events = folder, kind, events_of([event])
        shipped = searches.load("pipi").path.parent.parent
        for name in ("config", "selections"):
            shutil.copytree(shipped / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        write(folder / "x.root", self.events, bursts=[good_burst(0, 0)], truth=kind == "simulation")
        self.runs = 0

    def result(self, name: str) -> Result:
        search = searches.load(str(self.folder / "config" / f"{name}.toml"))
        plan = planning.plan(search, {"s": declared(self.kind, "x.root")}, base=self.folder)
        assert not plan.rejected
        self.runs += 1
        run = runs.create(self.folder / f"run{self.runs}", search, plan=plan)
        return Processor(run.analysis, run.plan, opened=run.opened).chain(self.events, "s")

    def rows(self, name: str) -> set[int]:
        """Numbers of rows that came through the door, nominally and in each variation."""
        result = self.result(name)
        nominal = int(result.cutflow["s"].cumulative[0, 0, 0])
        varied = result.varied["s"].values()
        return {nominal, *(int(of.cutflow.cumulative[0, 0, 0]) for of in varied)}

    def unblind(self, name: str) -> None:
        search = searches.load(str(self.folder / "config" / f"{name}.toml"))
        unblinding.unblind(search, "CR", reason=f"CR of {name} may be seen", today=date(2026, 11, 21))

    def append(self, name: str, text: str) -> None:
        path = self.folder / "config" / f"{name}.toml"
        path.write_text(f"{path.read_text()}\n{text}")


PI0S = [
    photon
    for y in (-200.0, -600.0)
    for photon in photons_of(135.0, (0.0, 0.0, Z_VERTEX), [(500.0, y), (-500.0, y - 50.0)])
]


@pytest.mark.parametrize("name", HADRONS)
def test_a_pair_in_a_hidden_region_is_seen_by_none_whatever_its_photons(tmp_path: Path, name: str) -> None:
    event = with_photons(bare_pair(IN_CR), *PI0S)
    simulated = World(tmp_path / "simulation", event, kind="simulation").rows(name)
    assert min(simulated) > 0
    assert World(tmp_path / "data", event).rows(name) == {0}


@pytest.mark.parametrize("name", HADRONS)
def test_a_pair_that_points_nowhere_is_seen_by_all(tmp_path: Path, name: str) -> None:
    event = with_photons(bare_pair(FAR), *PI0S)
    simulated = World(tmp_path / "simulation", event, kind="simulation").rows(name)
    assert World(tmp_path / "data", event).rows(name) == simulated
    assert min(simulated) > 0


def test_a_pair_that_points_elsewhere_with_its_photon_is_hidden(tmp_path: Path) -> None:
    event = with_photons(bare_pair(IN_CR), PHOTON)
    assert regions_of(event, "pipi") == {"CR"}
    assert not regions_of(event, "pipig") & {"SR", "CR"}
    assert World(tmp_path, event).rows("pipig") == {0}


def test_a_pair_that_points_there_only_with_its_photon_is_hidden(tmp_path: Path) -> None:
    event = together(IN_CR)
    assert not regions_of(event, "pipi") & {"SR", "CR"}
    assert regions_of(event, "pipig") == {"CR"}
    world = World(tmp_path, event)
    assert (world.rows("pipi"), world.rows("kk")) == ({0}, {0})


@pytest.mark.parametrize("varied", ["pipig", "kk"])
def test_what_is_hidden_in_a_variation_is_hidden_in_all_and_nominally(tmp_path: Path, varied: str) -> None:
    event = together(IN_CR, scale=3.0)
    for name in ("pipi", "pipig"):
        assert not regions_of(event, name) & {"SR", "CR"}
    world = World(tmp_path, event)
    assert (world.rows("pipi"), world.rows("pipig")) == ({1}, {1})
    # the variation of one is a view of all
    world.append(varied, "[variation.big.factors]\nTrack_p = 3.0\n")
    assert (world.rows("pipi"), world.rows("pipig")) == ({0}, {0})


def test_a_variation_of_cuts_hides_nothing_more(tmp_path: Path) -> None:
    world = World(tmp_path, together(IN_CR, scale=3.0))
    world.append("pipig", "[variation.loose.cuts]\ne_over_p_max = 0.9\n")
    assert world.rows("pipig") == {1}


def test_simulation_passes_whole_and_the_same_events_as_data_do_not(tmp_path: Path) -> None:
    for number, event in enumerate((bare_pair(IN_CR), together(IN_CR), together(IN_CR, scale=3.0))):
        assert World(tmp_path / f"{number}", event, kind="simulation").rows("pipi") == {1}


def test_a_region_is_open_when_all_that_see_the_events_have_opened_theirs(tmp_path: Path) -> None:
    world = World(tmp_path, bare_pair(IN_CR))
    state = world.result("pipi").state
    assert (state.opened, state.hidden) == ((), ("CR", "SR"))
    assert state.also_hidden == tuple(f"{region} of {name}" for name in HADRONS[1:] for region in ("CR", "SR"))
    world.unblind("pipi")
    for name in ("pipi", "kk"):
        assert world.rows(name) == {0}
    for name in HADRONS[1:-1]:
        world.unblind(name)
    assert world.rows("pipi") == {0}
    state = world.result("pipi").state
    assert (state.opened, state.hidden) == (("CR",), ("SR",))
    assert [name for name in state.also_hidden if name.startswith("CR")] == ["CR of kkpi0"]
    world.unblind("kkpi0")
    assert (world.rows("pipi"), world.rows("kk")) == ({1}, {1})
    state = world.result("kk").state
    assert state.also_hidden == tuple(f"SR of {name}" for name in HADRONS if name != "kk")


def test_a_change_of_one_of_them_closes_it_for_all(tmp_path: Path) -> None:
    world = World(tmp_path, bare_pair(IN_CR))
    for name in HADRONS:
        world.unblind(name)
    assert world.rows("pipi") == {1}
    path = tmp_path / "config" / "kk.toml"
    path.write_text(path.read_text().replace("e_over_p_max = 0.8", "e_over_p_max = 0.7"))
    assert world.rows("pipi") == {0}
    state = world.result("pipi").state
    assert state.opened == ("CR",)
    assert [name for name in state.also_hidden if name.startswith("CR")] == ["CR of kk"]
    assert state.closed == {"CR", "SR"}  # a number of CR would mislead while kk hides it
    search = searches.load(str(tmp_path / "config" / "pipi.toml"))
    (remark,) = unblinding.remarks(search)
    assert "CR of kk was opened on 2026-11-21 for other values: cuts.e_over_p_max was 0.8 and is 0.7" in remark


def test_the_command_line_counts_what_it_read_and_nothing_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden, visible = (with_photons(bare_pair(place), PHOTON) for place in (IN_CR, FAR))
    hidden.values["event"], visible.values["event"] = 1, 2
    write(tmp_path / "x.root", events_of([hidden, visible, together(IN_CR)]), bursts=[good_burst(0, 0)])
    (tmp_path / "data.toml").write_text('kind = "data"\nlabel = "data"\nfiles = ["x.root"]\n')
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["na62dump", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return capsys.readouterr().out

    call("plan", "pipig", "-o", "r", "--sample", "data.toml")
    call("run", "r", "--execution", "execution/iterative")
    call("merge", "r", "-o", "r.zip")
    tables = json.loads(call("show", "r.zip", "--json"))
    assert "3 entries read" in tables[0]["title"]
    assert tables[0]["rows"][0]["rows"] == 1
