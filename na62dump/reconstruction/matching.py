"""Radii and time windows of the matching, read from config/experiment/matching.toml."""

from __future__ import annotations

from na62dump.configuration import Energy, Length, LengthMomentum, Momentum, Settings, Time


class Matching(Settings):
    """Frozen radii (mm) and half time windows (ns) with which hits are given to tracks and events."""

    lkr_radius: Length
    lkr_window: Time
    muv3_scattering: LengthMomentum
    muv3_sigmas: float
    muv3_momentum_min: Momentum
    muv3_window: Time
    chod_radius: Length
    chod_window: Time
    lav_window: Time
    lav_energy_min: Energy
    anti0_window: Time
