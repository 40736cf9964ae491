"""One search, assembled from its files: requirements, numbers, regions, experiment, histograms, and their digests."""

from na62dump.analysis.assembly import Analysis, AnalysisFile, load, recorded
from na62dump.analysis.conditions import conditions, labels
from na62dump.analysis.families import beside, members
from na62dump.analysis.keeping import Keep, KeepSingles
from na62dump.analysis.looks import Looks
from na62dump.analysis.tracks import single_tracks
from na62dump.analysis.variations import Varied

__all__ = [
    "Analysis",
    "AnalysisFile",
    "Keep",
    "KeepSingles",
    "Looks",
    "Varied",
    "beside",
    "conditions",
    "labels",
    "load",
    "members",
    "recorded",
    "single_tracks",
]
