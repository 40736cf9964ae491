"""X -> two charged hadrons and up to four photons (EPJC 85 (2025) 571): one family, whose members differ by their numbers.

The configuration says what is searched for: the final state, its photons and mass windows, and whether the RICH tells
kaons from pions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from na62dump.configuration import Settings
from na62dump.cutflow import Selection

from . import common

if TYPE_CHECKING:
    from na62dump.reconstruction import Leg, Rows
    from na62dump.regions import Visible


class RichCuts(Settings):
    """Which hypothesis the RICH must prefer to the other, and by how much in log-likelihood; it may say nothing."""

    prefers: Literal["pi", "k"]
    over: Literal["pi", "k"]
    difference_min: float


class Cuts(Settings):
    """Numbers of a hadronic search; values in config/pipi.toml and the others of the family."""

    tracks: common.TrackCuts
    vertex: common.VertexCuts
    e_over_p_max: float
    photons: common.PhotonCuts | None = None
    rich: RichCuts | None = None


def hadron(track: Leg, cuts: Cuts) -> common.Masks:
    """What tells a hadron from other particles, and kaons from pions if the RICH is asked: bool[row] each."""
    asked = {"no MUV3 tile": track.n_muv3 == 0, "E/p": track.e_over_p < cuts.e_over_p_max}
    return asked | (rich(track, cuts.rich) if cuts.rich else {})


def rich(track: Leg, cuts: RichCuts) -> common.Masks:
    """The RICH prefers the hypothesis, or says nothing: bool[row]."""
    likelihood = {"pi": track.rich_pi, "k": track.rich_k}
    return {"RICH": ~(likelihood[cuts.prefers] - likelihood[cuts.over] < cuts.difference_min)}


def single(track: Leg, cuts: Cuts) -> common.Masks:
    """What is asked of one hadron alone: bool[row] each."""
    return common.good_track(track, cuts.tracks) | common.with_the_trigger(track, cuts.tracks) | hadron(track, cuts)


def select(visible: Visible, cuts: Cuts) -> Selection:
    """Ask the requirements of the search, in the order of its cutflow."""
    rows = visible.rows
    return Selection(
        visible,
        common.opposite_charge(rows),
        common.good_tracks(rows, cuts.tracks),
        common.triggered_by_two_tracks(rows),
        common.in_time(rows, cuts.tracks),
        common.from_one_vertex(rows, cuts.vertex),
        common.both(hadron(rows.plus, cuts), hadron(rows.minus, cuts)),
        neutrals(rows, cuts.photons) if cuts.photons else {},
        common.no_lav(rows),
        common.no_anti0(rows),
    )


def neutrals(rows: Rows, cuts: common.PhotonCuts) -> common.Masks:
    """Good photons, of the masses that they should have, in the best choice for the tracks: bool[row] each."""
    found = common.good_photons(rows, cuts)
    good = np.logical_and.reduce(list(found.values()))
    if rows.neutrals:
        near = np.ones(len(rows), dtype=np.bool_)
        for neutral in rows.neutrals:
            near = near & (np.abs(neutral.mass - neutral.nominal) < cuts.window(neutral.kind))
        found["neutral masses"] = near
    return found | {"best photons": rows.best(good)}
