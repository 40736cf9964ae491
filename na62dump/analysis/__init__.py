"""One search, assembled from its files: requirements, numbers, regions, experiment, histograms, and their digests."""

from na62dump.analysis.assembly import Analysis, AnalysisFile, load
from na62dump.analysis.looks import Looks

__all__ = ["Analysis", "AnalysisFile", "Looks", "load"]
