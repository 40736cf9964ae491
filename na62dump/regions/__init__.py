"""Regions of the candidates' plane, and the blinding door."""

from na62dump.regions.door import NOTHING, Opened, Policy, Veil, Visible, blind, hidden_points
from na62dump.regions.plane import OUTSIDE, UNDEFINED, Plane, Planes
from na62dump.regions.record import BlindingRecord, Record
from na62dump.regions.shapes import Box, Ellipse

__all__ = [
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
    "hidden_points",
]
