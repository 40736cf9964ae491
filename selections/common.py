"""Requirements that several searches share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from na62dump.configuration import Energy, Length, Momentum, Settings, Time
from na62dump.errors import ConfigurationError
from na62dump.events import H2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.reconstruction import Leg, Rows

    Masks = dict[str, NDArray[np.bool_]]


class TrackCuts(Settings):
    """Numbers of a good pair of tracks."""

    chi2_max: float
    chambers_min: int
    momentum_min: Momentum
    separation_min: Length
    dt_trigger_max: Time
    dt_pair_max: Time


class VertexCuts(Settings):
    """Numbers of a vertex in the decay volume."""

    cda_max: Length
    z_min: Length
    z_max: Length


class Identity(Settings):
    """What a track must look like to be taken for a particle: MUV3 tiles, and E/p, which is at most the upper edge."""

    muv3_tiles: int
    e_over_p_min: float
    e_over_p_max: float


class PhotonCuts(Settings):
    """Numbers of good photons; ``mass_window`` is the half width (MeV) around the mass of each particle they make."""

    energy_min: Energy
    radius_min: Length
    separation_min: Length
    dt_max: Time
    mass_window: Mapping[str, Energy] = {}

    def window(self, particle: str) -> float:
        """Half width (MeV) around the mass of a particle that two photons make; an error if none is given."""
        if particle not in self.mass_window:
            given = ", ".join(sorted(self.mass_window)) or "none"
            msg = f"key 'cuts.photons.mass_window.{particle}' is missing, and the final state has a {particle}; write it (given: {given})"
            raise ConfigurationError(msg)
        return self.mass_window[particle]


def opposite_charge(pair: Rows) -> Masks:
    """One track of charge +1 and one of charge -1: bool[row]."""
    return {"opposite charge": (pair.plus.charge == 1) & (pair.minus.charge == -1)}


def good_track(track: Leg, cuts: TrackCuts) -> Masks:
    """A well-measured track inside every detector: bool[row] each; momenta in MeV/c."""
    return {
        "track quality": (track.chi2 < cuts.chi2_max) & (track.chambers >= cuts.chambers_min),
        "momentum": track.p > cuts.momentum_min,
        "inside STRAW": track.in_straw,
        "inside CHOD": track.in_chod,
        "inside LKr": track.in_lkr,
        "inside MUV3": track.in_muv3,
        "inside LAV12": track.in_lav12,
        "CHOD association": track.n_chod > 0,
    }


def both(plus: Masks, minus: Masks) -> Masks:
    """What is asked of each of two tracks: bool[row] each."""
    return {name: mask & minus[name] for name, mask in plus.items()}


def good_tracks(pair: Rows, cuts: TrackCuts) -> Masks:
    """Two well-measured tracks inside every detector: bool[row] each; momenta in MeV/c, distances in mm."""
    apart = {"apart at STRAW1": pair.straw1_separation > cuts.separation_min}
    return both(good_track(pair.plus, cuts), good_track(pair.minus, cuts)) | apart


def triggered_by_two_tracks(pair: Rows) -> Masks:
    """Two in-time CHOD signals at the trigger: bool[row]."""
    return {"H2 trigger": (pair.trigger & H2) > 0}


def with_the_trigger(track: Leg, cuts: TrackCuts) -> Masks:
    """In time with the trigger: bool[row]; times in ns."""
    return {"in time with the trigger": np.abs(track.dt_trigger) < cuts.dt_trigger_max}


def in_time(pair: Rows, cuts: TrackCuts) -> Masks:
    """In time with the trigger and with each other: bool[row] each; times in ns."""
    with_each_other = {"in time with each other": np.abs(pair.dt) < cuts.dt_pair_max}
    return both(with_the_trigger(pair.plus, cuts), with_the_trigger(pair.minus, cuts)) | with_each_other


def from_one_vertex(pair: Rows, cuts: VertexCuts) -> Masks:
    """From one point of the decay volume: bool[row] each; distances in mm."""
    return {
        "one vertex": pair.cda < cuts.cda_max,
        "decay volume": (pair.vertex_z > cuts.z_min) & (pair.vertex_z < cuts.z_max),
    }


def no_lav(pair: Rows) -> Masks:
    """No in-time activity in the LAV: bool[row]."""
    return {"LAV veto": pair.n_lav == 0}


def no_anti0(pair: Rows) -> Masks:
    """No in-time activity in ANTI0: bool[row]."""
    return {"ANTI0 veto": pair.n_anti0 == 0}


def looks_like(track: Leg, cuts: Identity) -> NDArray[np.bool_]:
    """MUV3 tiles and E/p of a particle: bool[row]."""
    found: NDArray[np.bool_] = (
        (track.n_muv3 == cuts.muv3_tiles) & (track.e_over_p >= cuts.e_over_p_min) & (track.e_over_p < cuts.e_over_p_max)
    )
    return found


def good_photons(rows: Rows, cuts: PhotonCuts) -> Masks:
    """Photons in time, of enough energy, well inside the LKr and apart: bool[row] each; MeV, mm, ns."""
    everyone = np.ones(len(rows), dtype=np.bool_)
    energy, inside = everyone, everyone
    for photon in rows.photons:
        energy = energy & (photon.energy > cuts.energy_min)
        inside = inside & (np.hypot(photon.x, photon.y) > cuts.radius_min)
    return {
        "photon energy": energy,
        "photons inside LKr": inside,
        "photons apart": rows.photon_separation > cuts.separation_min,
        "photons in time": rows.photon_dt < cuts.dt_max,
    }
