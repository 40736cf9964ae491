"""Samples, bursts, exposure, and the frozen plan of work units."""

from na62dump.datasets.bursts import Burst, Exposure
from na62dump.datasets.plan import FileRecord, Plan, WorkUnit
from na62dump.datasets.samples import Sample

__all__ = ["Burst", "Exposure", "FileRecord", "Plan", "Sample", "WorkUnit"]
