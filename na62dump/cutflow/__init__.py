"""Requirements and what they leave."""

from na62dump.cutflow.protocol import SelectionFile, load_selection
from na62dump.cutflow.selection import Selection
from na62dump.cutflow.table import EVENTS, ROWS, Cutflow
from na62dump.cutflow.tally import COUNT, SUM, SUM2

__all__ = [
    "COUNT",
    "EVENTS",
    "ROWS",
    "SUM",
    "SUM2",
    "Cutflow",
    "Selection",
    "SelectionFile",
    "load_selection",
]
