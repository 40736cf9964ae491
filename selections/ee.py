"""X -> e+ e-: two electrons of opposite charge from one point of the decay volume (PRL 133 (2024) 111802)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Settings
from na62dump.cutflow import Selection

from . import common

if TYPE_CHECKING:
    from na62dump.reconstruction import Leg
    from na62dump.regions import Visible


class Cuts(Settings):
    """Numbers of the e+ e- search; values in config/ee.toml."""

    tracks: common.TrackCuts
    vertex: common.VertexCuts
    e_over_p_min: float
    e_over_p_max: float


def electron(track: Leg, cuts: Cuts) -> common.Masks:
    """What tells an electron from other particles: bool[row] each."""
    return {
        "no MUV3 tile": track.n_muv3 == 0,
        "E/p": (track.e_over_p > cuts.e_over_p_min) & (track.e_over_p < cuts.e_over_p_max),
    }


def single(track: Leg, cuts: Cuts) -> common.Masks:
    """What is asked of one electron alone: bool[row] each."""
    return common.good_track(track, cuts.tracks) | common.with_the_trigger(track, cuts.tracks) | electron(track, cuts)


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
        common.both(electron(pair.plus, cuts), electron(pair.minus, cuts)),
        common.no_lav(pair),
        common.no_anti0(pair),
    )
