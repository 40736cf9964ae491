"""Samples, bursts, exposure, and the frozen plan of work units."""

from na62dump.datasets.access import Access
from na62dump.datasets.bursts import Burst, Exposure
from na62dump.datasets.plan import Declared, FileRecord, Plan, Rejected, WorkUnit
from na62dump.datasets.samples import Sample
from na62dump.datasets.trigger import TriggerLine, TriggerLines

__all__ = [
    "Access",
    "Burst",
    "Declared",
    "Exposure",
    "FileRecord",
    "Plan",
    "Rejected",
    "Sample",
    "TriggerLine",
    "TriggerLines",
    "WorkUnit",
]
