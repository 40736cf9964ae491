"""Tables from results, runs, analyses and models: plain data, which the terminal and JSON both show."""

from na62dump.tables.analyses import kept_with, of_plane, region_shapes, requirements
from na62dump.tables.backgrounds import (
    backgrounds,
    checks,
    inputs,
    of_backgrounds,
    remarks,
    systematics,
)
from na62dump.tables.flows import STRONGEST, correlations, cutflow, removed
from na62dump.tables.latex import latex
from na62dump.tables.limits import limits, limits_by_mass
from na62dump.tables.limits_lifetimes import limits_lifetimes
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
from na62dump.tables.table import Table, several
from na62dump.tables.theory import model
from na62dump.tables.upper_limits import upper_limits
from na62dump.tables.validation import beside, validation
from na62dump.tables.vetoes import suppression, veto_fits
from na62dump.tables.work import differing, of_jobs, problems, progress, submitted

__all__ = [
    "HIDDEN",
    "STRONGEST",
    "Table",
    "acceptance",
    "backgrounds",
    "beside",
    "channels",
    "checks",
    "correlations",
    "cutflow",
    "differing",
    "exposure",
    "histograms",
    "inputs",
    "kept_with",
    "latex",
    "limits",
    "limits_by_mass",
    "limits_lifetimes",
    "model",
    "of_backgrounds",
    "of_jobs",
    "of_plane",
    "opened",
    "problems",
    "progress",
    "provenance",
    "read",
    "region_shapes",
    "regions",
    "remarks",
    "removed",
    "requirements",
    "several",
    "submitted",
    "suppression",
    "systematics",
    "uncovered",
    "upper_limits",
    "validation",
    "variations",
    "veto_fits",
    "yields",
]
