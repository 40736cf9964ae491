"""Regions of the candidates' plane, and the blinding door."""

from na62dump.regions.controls import Control
from na62dump.regions.door import NOTHING, Curtain, Hidden, Opened, Policy, Veil, Visible, blind, curtain, hidden_events
from na62dump.regions.plane import OUTSIDE, UNDEFINED, Plane, Planes, hidden_points
from na62dump.regions.record import FILE, SIZE_LIMIT, BlindingRecord, Record
from na62dump.regions.shapes import Box, Ellipse
from na62dump.regions.singles import EVENT_KEY, mixed
from na62dump.regions.values import differences, to_toml

__all__ = [
    "EVENT_KEY",
    "FILE",
    "NOTHING",
    "OUTSIDE",
    "SIZE_LIMIT",
    "UNDEFINED",
    "BlindingRecord",
    "Box",
    "Control",
    "Curtain",
    "Ellipse",
    "Hidden",
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
    "mixed",
    "to_toml",
]
