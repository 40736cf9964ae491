"""X -> gamma gamma: two photons in the LKr and nothing else in time; without a vertex, so it takes the Control trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Energy, Settings
from na62dump.cutflow import Selection
from na62dump.events import CONTROL

from . import common

if TYPE_CHECKING:
    from na62dump.regions import Visible


class Cuts(Settings):
    """Numbers of the two-photon search; values in config/gg.toml."""

    photons: common.PhotonCuts
    total_energy_min: Energy


def select(visible: Visible, cuts: Cuts) -> Selection:
    """Ask the requirements of the search, in the order of its cutflow."""
    rows = visible.rows
    return Selection(
        visible,
        {"Control trigger": (rows.trigger & CONTROL) > 0},
        common.good_photons(rows, cuts.photons),
        {
            "total energy": rows.photons_energy > cuts.total_energy_min,
            "no third photon": rows.n_photons == len(rows.photons),
            "no track": rows.n_tracks == 0,
            "no CHOD": rows.n_chod_event == 0,
            "no MUV3": rows.n_muv3_event == 0,
        },
        common.no_lav(rows),
        common.no_anti0(rows),
    )
