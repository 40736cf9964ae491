"""Regions of the candidates' plane, and the blinding door."""

from na62dump.regions.door import NOTHING, Opened, Policy, Veil, Visible, blind, hidden_points
from na62dump.regions.plane import OUTSIDE, UNDEFINED, Plane, Planes
from na62dump.regions.record import FILE, BlindingRecord, Record, opens_after
from na62dump.regions.shapes import Box, Ellipse
from na62dump.regions.values import differences, to_toml

__all__ = [
    "FILE",
    "NOTHING",
    "OUTSIDE",
    "UNDEFINED",
    "BlindingRecord",
    "Box",
    "Ellipse",
    "Opened",
    "Plane",
    "Planes",
    "Policy",
    "Record",
    "Veil",
    "Visible",
    "blind",
    "differences",
    "hidden_points",
    "opens_after",
    "to_toml",
]
