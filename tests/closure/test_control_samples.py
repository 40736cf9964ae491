"""Rows of hidden regions that are no candidates are seen when their control sample was opened, and nothing else is."""

from __future__ import annotations

import io
import shutil
import struct
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import planning, runs, tables, unblinding
from na62dump.errors import BlindingError, ConfigurationError
from na62dump.plotting import heading
from na62dump.processor import Processor
from na62dump.results.state import hidden_candidates, hidden_rows
from tests.closure.test_blinding import outputs
from tests.making import events_of, passing, pointing_pair
from tests.worlds import ITERATIVE, declared, good_burst, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.results import Result
    from tests.making import Event

SAME, LATE = "same charge", "out of time"
PLACES = {"SR": (23e3, 8.0), "CR": (30e3, 100.0), "outside": (30e3, 400.0)}  # z_tax, cda_tax in mm
RUN, BURST = 7_654_321, 3_456_789
HADRONS = ("pipi", "pipig", "kk")


def pair(place: str, charges: tuple[int, int] = (1, -1), *, apart: float = 0.0, number: int = 1) -> Event:
    """A pair that meets every requirement but, if told so, those of charge and of time; apart in ns."""
    event = pointing_pair(*PLACES[place], z_vertex=130e3, opening=8e-3, run=RUN, burst=BURST, event=number)
    for track, charge, sign in zip(event.elements["Track"], charges, (1, -1), strict=True):
        track |= {"charge": charge, "time": sign * apart / 2}
    return passing(event)


def with_a_third(event: Event) -> Event:
    """The event with a track of the other charge beside its second one: the first makes a pair with it at the same place."""
    track = event.elements["Track"][1]
    steeper = 1e-6  # so that these two are not parallel, and meet in front of the detector
    beside = {"charge": -track["charge"], "x": track["x"] + steeper * 50e3, "dxdz": track["dxdz"] + steeper}
    event.elements["Track"].append(track | beside)
    return event


class World:
    """An editable copy of everything, and what an analysis sees of some events."""

    def __init__(self, folder: Path, *events: Event) -> None:
        self.folder, self.events = folder, events_of(list(events))
        for name in ("config", "selections"):
            shutil.copytree(conf.shipped() / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        write(folder / "x.root", self.events, bursts=[good_burst(RUN, BURST)])
        self.runs = 0

    def path(self, name: str) -> Path:
        return self.folder / "config" / f"{name}.toml"

    def planned(self, name: str) -> runs.Run:
        search = searches.load(str(self.path(name)))
        plan = planning.plan(search, {"s": declared("data", "x.root")}, base=self.folder)
        assert not plan.rejected
        self.runs += 1
        return runs.create(self.folder / f"run{self.runs}", search, plan=plan)

    def result(self, name: str = "mumu") -> Result:
        run = self.planned(name)
        return Processor(run.analysis, run.plan, opened=run.opened).chain(self.events, "s")

    def rows(self, name: str = "mumu") -> set[int]:
        """Numbers of rows that came through the door, nominally and in each variation."""
        result = self.result(name)
        varied = result.varied.get("s", {}).values()
        flows = [result.cutflow["s"], *(of.cutflow for of in varied)]
        return {int(flow.cumulative[0, 0, 0]) for flow in flows}

    def open(self, region: str, name: str = "mumu") -> None:
        search = searches.load(str(self.path(name)))
        unblinding.unblind(search, region, reason=f"{region} may be seen", today=date(2026, 11, 21))

    def add(self, name: str, text: str) -> None:
        self.path(name).write_text(f"{self.path(name).read_text()}\n{text}")


def test_each_control_sample_shows_its_own_rows_in_hidden_regions(tmp_path: Path) -> None:
    made = [pair("CR", (1, 1)), pair("SR", (-1, -1)), pair("CR", apart=8.0), pair("SR"), pair("CR"), pair("outside")]
    world = World(tmp_path, *made)
    assert world.rows() == {1}
    world.open(SAME)
    assert world.rows() == {3}
    world.open(LATE)
    assert world.rows() == {4}
    world.open("CR")
    assert world.rows() == {5}
    world.open("SR")
    assert world.rows() == {6}


def test_another_pair_of_the_event_hides_it_still(tmp_path: Path) -> None:
    event = with_a_third(pair("CR", (1, 1)))
    world = World(tmp_path, event)
    world.open(SAME)
    assert world.rows() == {0}
    world.open("CR")
    assert world.rows() == {3}


def test_a_row_that_a_variation_takes_out_of_the_sample_is_hidden(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR", apart=5.2))
    world.open(LATE)
    assert world.rows() == {1}
    world.add("mumu", "[variation.slow.factors]\nTrack_time = 0.9\n")
    world.open(LATE)
    assert world.rows() == {0}


def test_a_changed_number_closes_it_again(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR", (1, 1)))
    world.open(SAME)
    assert world.rows() == {1}
    text = world.path("regions").read_text()
    world.path("regions").write_text(text.replace("beyond = [-1, 1]", "beyond = [-1.5, 1.5]"))
    run = world.planned("mumu")
    (remark,) = run.remarks
    assert remark == (
        "same charge of mumu was opened on 2026-11-21 for other values: regions.control[0].beyond[0] was -1.0 and is -1.5, "
        "regions.control[0].beyond[1] was 1.0 and is 1.5; it is closed"
    )
    assert world.rows() == {0}


def test_a_sample_that_is_not_all_that_its_requirement_removes_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR"))
    text = world.path("regions").read_text()
    world.path("regions").write_text(text.replace('beyond = ["-5 ns", "5 ns"]', 'beyond = ["-6 ns", "6 ns"]'))
    with pytest.raises(ConfigurationError, match=r"'out of time' is beyond .* but the cut 'tracks.dt_pair_max' is 5 "):
        world.planned("mumu")


def test_an_order_between_control_samples_and_regions_is_kept(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR"))
    text = world.path("regions").read_text()
    head = '[[mumu.region]]\nname = "CR"\nhidden = true\nopens_after = '
    assert f"{head}[]" in text
    world.path("regions").write_text(text.replace(f"{head}[]", f'{head}["same charge"]'))
    with pytest.raises(BlindingError, match=r"CR of mumu opens only after same charge, .*--region 'same charge''"):
        world.open("CR")
    world.open(SAME)
    world.open("CR")
    assert world.rows() == {1}


def test_hadronic_searches_open_theirs_together(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR", (1, 1)))
    for name in HADRONS:  # a smaller family, which is done sooner
        text = world.path(name).read_text()
        assert 'hidden_with = ["hh"]' in text
        others = [other for other in HADRONS if other != name]
        world.path(name).write_text(text.replace('["hh"]', str(others).replace("'", '"')))
    world.open(SAME, "pipi")
    state = world.result("pipi").state
    assert (world.rows("pipi"), world.rows("kk")) == ({0}, {0})
    assert (state.opened, state.hidden) == ((SAME,), ("CR", "SR"))
    assert [label for label in state.also_hidden if label.startswith(SAME)] == [f"{SAME} of pipig", f"{SAME} of kk"]
    assert not [label for label in world.result("kk").state.also_hidden if label.startswith(SAME)]
    for name in HADRONS[1:]:
        world.open(SAME, name)
    assert (world.rows("pipi"), world.rows("kk"), world.rows("pipig")) == ({1}, {1}, {0})  # no photon, no row
    assert not [label for label in world.result("pipi").state.also_hidden if label.startswith(SAME)]


def test_a_control_sample_of_one_search_opens_nothing_of_another(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR", (1, 1)))
    world.open(SAME, "ee")
    assert (world.rows("ee"), world.rows("mumu")) == ({1}, {0})


# What every output says


def marked(number: int) -> list[bytes]:
    """Ways in which an event number could be in a file."""
    return [str(number).encode(), *(struct.pack(code, number) for code in ("<I", ">I", "<Q", ">Q", "<d", ">d"))]


def test_no_byte_and_no_count_of_a_closed_sample_and_its_name_where_it_is_open(tmp_path: Path) -> None:
    visible, same, hidden = 1_234_567_891, 1_234_567_893, 1_234_567_895
    made = [pair("outside", number=visible), pair("CR", (1, 1), number=same), pair("CR", number=hidden)]
    world, without = World(tmp_path / "with", *made), World(tmp_path / "without", made[0])

    def done(of: World) -> tuple[Result, bytes]:
        run = of.planned("mumu")
        assert runs.execute(run, ITERATIVE) == []
        result, provenance = runs.merge(run)
        (run.folder / "mumu.zip").write_bytes(result.dumps(provenance))
        return result, b"".join(outputs(run.folder).values())

    closed, content = done(world)
    bare, _ = done(without)
    assert (closed.cutflow, closed.book, closed.skim) == (bare.cutflow, bare.book, bare.skim)
    assert any(trace in content for trace in marked(visible))
    assert not any(trace in content for number in (same, hidden) for trace in marked(number))
    assert SAME not in tables.opened(closed)
    opened_by = [table for table in tables.of_plane(closed.state.plane, name="mumu") if "Control" in table.title]
    assert [row[4] for table in opened_by for row in table.rows] == ["hidden", "hidden"]

    world.open(SAME)
    opened, content = done(world)
    flow, before = opened.cutflow["s"].cumulative, bare.cutflow["s"].cumulative
    assert flow[0, 0, 0] == before[0, 0, 0] + 1
    np.testing.assert_array_equal(flow[:, 1:], before[:, 1:])  # it has the wrong charge
    assert opened.skim == bare.skim
    assert not any(trace in content for trace in marked(hidden))
    assert tables.opened(opened) == "hidden in data: CR, SR; opened: same charge"
    assert heading.opened(opened.state) == "SR, CR hidden; opened: same charge"
    _, controls = tables.of_plane(opened.state.plane, name="mumu", opened=opened.state.opened)
    assert controls.rows[0] == (SAME, "CR, SR", "charge", "-1 e to 1 e", "opened")
    assert controls.rows[1] == (LATE, "CR, SR", "dt", "-5 ns to 5 ns", "hidden")


# The second check

MISTAKE = """
[[mumu.control]]
name = "mistake"
inside = ["CR", "SR"]
column = "vertex_z"
beyond = ["0 m", "120 m"]
opens_after = []
"""


def test_a_control_sample_that_holds_candidates_is_refused_by_name(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR"), pair("outside"))
    world.add("regions", MISTAKE)
    assert world.rows() == {1}
    world.open("mistake")
    with pytest.raises(
        BlindingError, match=r"control sample 'mistake' of mumu: 1 of its rows in hidden regions meet every"
    ):
        world.result()
    world.open(SAME)
    run = world.planned("mumu")
    (problem,) = runs.execute(run, ITERATIVE)
    assert "control sample 'mistake' of mumu: 1 of its rows" in problem.reason


def test_a_control_sample_that_holds_candidates_of_a_variation_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path, pair("CR", apart=6.0))
    world.add("mumu", '[variation.wide.cuts.tracks]\ndt_pair_max = "8 ns"\n')
    world.open(LATE)
    with pytest.raises(BlindingError, match="control sample 'out of time' of mumu: 1 of its rows"):
        world.result()


def test_rows_that_fail_are_judged_with_control_samples_and_candidates_without(tmp_path: Path) -> None:
    world = World(tmp_path, pair("outside"))
    closed = world.result()
    world.open(SAME)
    state = world.result().state
    columns = {name: column.repeat(4) for name, column in closed.skim.columns.items() if name != "sample"}
    columns["z_tax"], columns["cda_tax"] = np.array([30e3, 30e3, -60e3, np.nan]), np.full(4, 100.0)
    columns["charge"] = np.array([2, 0, 2, 2], dtype=np.int8)
    assert hidden_rows(closed.state, columns, controls=True).tolist() == [True, True, False, True]
    assert hidden_rows(state, columns, controls=False).tolist() == [True, True, False, True]
    assert hidden_rows(state, columns, controls=True).tolist() == [False, True, False, True]
    with pytest.raises(BlindingError, match="control sample 'same charge' of mumu: 1 of its rows"):
        hidden_candidates(state, columns)
    assert hidden_candidates(closed.state, columns).tolist() == [True, True, False, True]


def test_a_skim_with_candidates_of_a_control_sample_is_not_written(tmp_path: Path) -> None:
    # as if the door and the booking had let it through: what was read back is judged once more
    world = World(tmp_path, pair("outside"))
    world.open(SAME)
    made = world.result()
    made.skim.columns["z_tax"][:], made.skim.columns["cda_tax"][:] = 30e3, 100.0
    with pytest.raises(BlindingError, match="1 rows of sample s lie in a hidden region"):
        made.write_skim(io.BytesIO(), {})
    made.skim.columns["charge"][:] = 2
    with pytest.raises(BlindingError, match="control sample 'same charge' of mumu"):
        made.write_skim(io.BytesIO(), {})
