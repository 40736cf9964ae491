"""X -> e+ e-: two electrons of opposite charge from one point of the decay volume (PRL 133 (2024) 111802)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Settings
from na62dump.cutflow import Selection

from . import common

if TYPE_CHECKING:
    from na62dump.regions import Visible


class Cuts(Settings):
    """Numbers of the e+ e- search; values in config/ee.toml."""

    tracks: common.TrackCuts
    vertex: common.VertexCuts
    e_over_p_min: float
    e_over_p_max: float


def select(visible: Visible, cuts: Cuts) -> Selection:
    """Ask the requirements of the search, in the order of its cutflow."""
    pair = visible.rows
    low, high = cuts.e_over_p_min, cuts.e_over_p_max
    return Selection(
        visible,
        common.opposite_charge(pair),
        common.good_tracks(pair, cuts.tracks),
        common.triggered_by_two_tracks(pair),
        common.in_time(pair, cuts.tracks),
        common.from_one_vertex(pair, cuts.vertex),
        {
            "no MUV3 tile": (pair.plus.n_muv3 == 0) & (pair.minus.n_muv3 == 0),
            "E/p": (pair.plus.e_over_p > low)
            & (pair.plus.e_over_p < high)
            & (pair.minus.e_over_p > low)
            & (pair.minus.e_over_p < high),
        },
        common.no_lav(pair),
        common.no_anti0(pair),
    )
