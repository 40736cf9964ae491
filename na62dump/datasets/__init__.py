"""Samples, bursts, exposure, and the frozen plan of work units."""

from na62dump.datasets.access import Access
from na62dump.datasets.bursts import Burst, Bursts, Exposure
from na62dump.datasets.columnar import pack_files, unpack_files
from na62dump.datasets.plan import Declared, Plan, Rejected
from na62dump.datasets.records import FileRecord, WorkUnit, key_of
from na62dump.datasets.samples import Sample
from na62dump.datasets.trigger import TriggerLine, TriggerLines

__all__ = [
    "Access",
    "Burst",
    "Bursts",
    "Declared",
    "Exposure",
    "FileRecord",
    "Plan",
    "Rejected",
    "Sample",
    "TriggerLine",
    "TriggerLines",
    "WorkUnit",
    "key_of",
    "pack_files",
    "unpack_files",
]
