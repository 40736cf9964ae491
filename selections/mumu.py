"""X -> mu+ mu-: two muons of opposite charge from one point of the decay volume (JHEP 09 (2023) 035)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Settings
from na62dump.cutflow import Selection

from . import common

if TYPE_CHECKING:
    from na62dump.regions import Visible


class Cuts(Settings):
    """Numbers of the mu+ mu- search; values in config/mumu.toml."""

    tracks: common.TrackCuts
    vertex: common.VertexCuts
    e_over_p_max: float
    muv3_tiles: int


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
            "one MUV3 tile each": (pair.plus.n_muv3 == cuts.muv3_tiles) & (pair.minus.n_muv3 == cuts.muv3_tiles),
            "E/p": (pair.plus.e_over_p < cuts.e_over_p_max) & (pair.minus.e_over_p < cuts.e_over_p_max),
        },
        common.no_lav(pair),
    )
