"""What is kept for backgrounds: the table [keep], its mistakes, its columns, and the share of the tracks."""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump.analysis import single_tracks
from na62dump.background.rates import stands_for
from na62dump.errors import ConfigurationError
from na62dump.events import H2, KEY, Q1, Events
from na62dump.planning import check, needs
from na62dump.planning.tracing import trace_single
from na62dump.reconstruction.singles import HITS
from tests.background.halo_world import lines
from tests.making import events_of, passing, pointing_pair
from tests.worlds import simulated

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.results import SingleTracks

WINDOW = 'window = "25 ns"'
SHARE = "share = 1.0 "


def edited(folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the mumu search with another text."""
    for name in ("config", "selections"):
        shutil.copytree(conf.shipped() / name, folder / name)
    path = folder / "config" / "mumu.toml"
    text = path.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text)
    return path


def kept(search: searches.Analysis, events: Events) -> SingleTracks:
    bursts = {(int(run), int(burst)): 4.8e9 for run, burst in zip(events["run"], events["burst"], strict=True)}
    found = single_tracks(search, events, among=np.ones(len(events), dtype=np.bool_), bursts=bursts)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('trigger = "Q1"', 'trigger = "Q2"', r"'Q2' is no trigger line; did you mean 'Q1'"),
        ('veto = ["H2"]', 'veto = ["H22"]', r"'H22' is no trigger line; did you mean 'H2'"),
        (SHARE, "share = 0.0 ", r"share.*greater than 0"),
        (SHARE, "share = 1.5 ", r"share.*less than or equal to 1"),
        (WINDOW, 'window = "0 ns"', r"window.*greater than 0"),
        (WINDOW, 'window = "25 mm"', r"window"),
        (WINDOW, "windows = 1", r"windows"),
    ],
)
def test_a_wrong_number_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        searches.load(str(edited(tmp_path, (before, after))))


def test_an_unknown_requirement_is_refused(tmp_path: Path) -> None:
    path = edited(tmp_path, ('loosened = ["opposite charge"', 'loosened = ["opposite charg"'))
    told = r"key 'keep\.loosened': no requirement is called 'opposite charg'; did you mean 'opposite charge'"
    with pytest.raises(ConfigurationError, match=told):
        check(searches.load(str(path)))


def test_a_selection_that_asks_nothing_of_one_track_keeps_none(tmp_path: Path) -> None:
    path = edited(tmp_path)
    selection = tmp_path / "selections" / "mumu.py"
    selection.write_text(selection.read_text().replace("def single(", "def alone("))
    told = r"key 'keep\.singles': .*mumu\.py has no function single\(track, cuts\)"
    with pytest.raises(ConfigurationError, match=told):
        searches.load(str(path))


def test_what_is_kept_changes_the_run_but_not_the_search(tmp_path: Path) -> None:
    shipped, changed = searches.load("mumu"), searches.load(str(edited(tmp_path, (SHARE, "share = 0.5 "))))
    assert shipped.digest == changed.digest
    assert shipped.run_digest(()) != changed.run_digest(())


# Columns


def test_columns_that_single_tracks_need_are_planned(tmp_path: Path) -> None:
    path = edited(tmp_path)
    selection = tmp_path / "selections" / "mumu.py"
    asks = "return common.good_track(track"
    assert asks in selection.read_text()
    selection.write_text(
        selection.read_text().replace(asks, 'return {"alone": track.rich_mu > 0} | common.good_track(track')
    )
    found = needs(searches.load(str(path)), "data")
    assert found["Track_rich_mu"] == ("what is asked of one track alone",)
    for column in ("trigger", "burst_time", "trigger_time", "Track_time", "Track_p", "Track_charge"):
        assert "the single tracks" in found[column]
    assert "Track_rich_mu" not in needs(searches.load("mumu"), "data")


def test_what_one_track_is_asked_is_traced() -> None:
    traced = trace_single(searches.load("mumu"))
    assert set(traced) >= {"plus.p", "plus.chi2", "plus.n_muv3", "plus.e_over_p", "plus.dt_trigger", "plus.n_chod"}
    assert not [name for name in traced if not name.startswith("plus.")]


def test_the_planned_columns_are_enough(tmp_path: Path) -> None:
    search = searches.load(str(edited(tmp_path)))
    every = simulated("halo", 4_000)
    read = [name for name in needs(search, "data") if name in every]
    groups = {name: begin for name, begin in every.offsets.items() if any(c.startswith(f"{name}_") for c in read)}
    some = Events(len(every), {name: every[name] for name in read}, groups)
    assert len(kept(search, some)) == len(kept(search, every)) > 20


# Which tracks


@cache
def muons() -> Events:
    """Halo muons, of each of which Q1 was written."""
    every = simulated("halo", 12_000)
    trigger = np.where(every["trigger"] & H2, every["trigger"], Q1).astype(np.uint32)
    return Events(len(every), {**every.columns, "trigger": trigger}, every.offsets)


def test_tracks_are_of_the_line_and_met_what_is_asked_of_one() -> None:
    tracks = kept(searches.load("mumu"), muons())
    assert len(tracks) > 2_000
    assert ((tracks.events["trigger"] & (Q1 | H2)) == Q1).all()
    assert (tracks.events["Track_p"] > 10e3).all()
    assert (np.diff(tracks.events.offsets["Track"]) == 1).all()
    for name in HITS:
        late = tracks.events[f"{name}_time"] - np.repeat(
            tracks.events["Track_time"], np.diff(tracks.events.offsets[name])
        )
        assert np.abs(late).max(initial=0.0) <= 25


def test_a_line_named_twice_is_one_line(tmp_path: Path) -> None:
    twice = searches.load(str(edited(tmp_path, ('veto = ["H2"]', 'veto = ["H2", "H2"]'))))
    events = events_of([passing(pointing_pair(-90e3, 250.0, opening=8e-3, z_vertex=130e3))])
    assert len(kept(twice, events)) == 0


def test_a_share_keeps_that_part_of_the_events_whole_and_weighs_them(tmp_path: Path) -> None:
    every = kept(searches.load("mumu"), muons())
    search = searches.load(str(edited(tmp_path, (SHARE, "share = 0.25 "))))
    some = kept(search, muons())

    def events_in(of: SingleTracks) -> list[tuple[int, ...]]:
        return list(zip(*(of.events[name].tolist() for name in KEY), strict=True))

    chosen = set(events_in(some))
    assert some == every.where(np.array([key in chosen for key in events_in(every)]))
    assert len(some) == pytest.approx(0.25 * len(every), abs=4 * np.sqrt(0.25 * 0.75 * len(every)))
    assert stands_for(search, lines()) == 4 * stands_for(searches.load("mumu"), lines())
