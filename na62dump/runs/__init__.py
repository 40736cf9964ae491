"""A run: a folder with a plan, the analysis as it was, and the ledger of what is done."""

from na62dump.runs.folder import PLAN, Run, create, open_run, read_plan
from na62dump.runs.status import SampleStatus, Status, status
from na62dump.runs.work import execute, finished, merge

__all__ = [
    "PLAN",
    "Run",
    "SampleStatus",
    "Status",
    "create",
    "execute",
    "finished",
    "merge",
    "open_run",
    "read_plan",
    "status",
]
