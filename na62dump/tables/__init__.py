"""Tables from results, runs, analyses and models: plain data, which the terminal and JSON both show."""

from na62dump.tables.analyses import kept_with, of_plane, region_shapes, requirements
from na62dump.tables.flows import STRONGEST, correlations, cutflow, removed
from na62dump.tables.latex import latex
from na62dump.tables.samples import (
    HIDDEN,
    exposure,
    histograms,
    opened,
    provenance,
    read,
    regions,
    variations,
)
from na62dump.tables.signal import acceptance, channels, uncovered, yields
from na62dump.tables.table import Table
from na62dump.tables.theory import model
from na62dump.tables.validation import beside, validation
from na62dump.tables.work import problems, progress

__all__ = [
    "HIDDEN",
    "STRONGEST",
    "Table",
    "acceptance",
    "beside",
    "channels",
    "correlations",
    "cutflow",
    "exposure",
    "histograms",
    "kept_with",
    "latex",
    "model",
    "of_plane",
    "opened",
    "problems",
    "progress",
    "provenance",
    "read",
    "region_shapes",
    "regions",
    "removed",
    "requirements",
    "uncovered",
    "validation",
    "variations",
    "yields",
]
