"""X -> mu+ mu-: two muons of opposite charge from one point of the decay volume (JHEP 09 (2023) 035)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Settings
from na62dump.cutflow import Selection

from . import common

if TYPE_CHECKING:
    from na62dump.reconstruction import Leg
    from na62dump.regions import Visible


class Cuts(Settings):
    """Numbers of the mu+ mu- search; values in config/mumu.toml."""

    tracks: common.TrackCuts
    vertex: common.VertexCuts
    e_over_p_max: float
    muv3_tiles: int


def muon(track: Leg, cuts: Cuts) -> common.Masks:
    """What tells a muon from other particles: bool[row] each."""
    return {"one MUV3 tile each": track.n_muv3 == cuts.muv3_tiles, "E/p": track.e_over_p < cuts.e_over_p_max}


def single(track: Leg, cuts: Cuts) -> common.Masks:
    """What is asked of one muon alone: bool[row] each."""
    return common.good_track(track, cuts.tracks) | common.with_the_trigger(track, cuts.tracks) | muon(track, cuts)


def select(visible: Visible, cuts: Cuts) -> Selection:
    """Ask the requirements of the search, in the order of its cutflow."""
    pair = visible.rows
    return Selection(
        visible,
        common.opposite_charge(pair),
        common.good_tracks(pair, cuts.tracks),
        common.triggered_by_two_tracks(pair),
        common.in_time(pair, cuts.tracks),
        common.from_one_vertex(pair, cuts.vertex),
        common.both(muon(pair.plus, cuts), muon(pair.minus, cuts)),
        common.no_lav(pair),
    )
