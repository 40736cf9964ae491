"""Regions of the candidates' plane, and the blinding door."""

from na62dump.regions.door import (
    NOTHING,
    Curtain,
    Opened,
    Policy,
    Veil,
    Visible,
    blind,
    curtain,
    hidden_events,
    hidden_points,
)
from na62dump.regions.plane import OUTSIDE, UNDEFINED, Plane, Planes
from na62dump.regions.record import FILE, SIZE_LIMIT, BlindingRecord, Record, opens_after
from na62dump.regions.shapes import Box, Ellipse
from na62dump.regions.values import differences, to_toml

__all__ = [
    "FILE",
    "NOTHING",
    "OUTSIDE",
    "SIZE_LIMIT",
    "UNDEFINED",
    "BlindingRecord",
    "Box",
    "Curtain",
    "Ellipse",
    "Opened",
    "Plane",
    "Planes",
    "Policy",
    "Record",
    "Veil",
    "Visible",
    "blind",
    "curtain",
    "differences",
    "hidden_events",
    "hidden_points",
    "opens_after",
    "to_toml",
]
