"""Radii and time windows of the matching, read from config/experiment/matching.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from na62dump.configuration import Energy, Length, LengthMomentum, Momentum, Settings, Time


class Matching(Settings):
    """Frozen radii (mm) and half time windows (ns) with which hits are given to tracks and events; none is negative."""

    lkr_radius: Annotated[Length, Field(gt=0)]
    lkr_window: Annotated[Time, Field(gt=0)]
    muv3_scattering: Annotated[LengthMomentum, Field(gt=0)]
    muv3_sigmas: Annotated[float, Field(gt=0)]
    muv3_momentum_min: Annotated[Momentum, Field(gt=0)]
    muv3_window: Annotated[Time, Field(gt=0)]
    chod_radius: Annotated[Length, Field(gt=0)]
    chod_window: Annotated[Time, Field(gt=0)]
    lav_window: Annotated[Time, Field(gt=0)]
    lav_energy_min: Annotated[Energy, Field(ge=0)]
    anti0_window: Annotated[Time, Field(gt=0)]
    track_window: Annotated[Time, Field(gt=0)]
    chod_event_window: Annotated[Time, Field(gt=0)]
    muv3_event_window: Annotated[Time, Field(gt=0)]
    photon_window: Annotated[Time, Field(gt=0)]
    photon_energy_min: Annotated[Energy, Field(ge=0)]
    photon_track_distance: Annotated[Length, Field(ge=0)]
    photons_max: Annotated[int, Field(ge=1)]
