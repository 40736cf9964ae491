"""N -> a hadron and a lepton, or two leptons and a neutrino: two tracks of one vertex, each of its own identity.

The configuration says what the first and the second track of the final state look like. With a neutrino the pair does
not point to the dump; then the regions are over other quantities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Settings
from na62dump.cutflow import Selection

from . import common

if TYPE_CHECKING:
    from na62dump.reconstruction import Leg
    from na62dump.regions import Visible


class Cuts(Settings):
    """Numbers of a semileptonic search; values in config/pimu.toml and the others of the family."""

    tracks: common.TrackCuts
    vertex: common.VertexCuts
    first: common.Identity
    second: common.Identity


def single(track: Leg, cuts: Cuts) -> common.Masks:
    """What is asked of one track alone, which may be either of the two: bool[row] each."""
    either = common.looks_like(track, cuts.first) | common.looks_like(track, cuts.second)
    return common.good_track(track, cuts.tracks) | common.with_the_trigger(track, cuts.tracks) | {"identified": either}


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
        {
            "first track identified": common.looks_like(pair.first, cuts.first),
            "second track identified": common.looks_like(pair.second, cuts.second),
        },
        common.no_lav(pair),
        common.no_anti0(pair),
    )
