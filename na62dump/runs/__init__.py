"""A run: a folder with a plan, the analysis as it was, and the ledger of what is done."""

from na62dump.runs.families import create_family, members
from na62dump.runs.folder import OPENED, PLAN, Run, create, open_run, read_plan
from na62dump.runs.status import SampleStatus, Status, status
from na62dump.runs.submission import do_slice, submit
from na62dump.runs.work import execute, finished, merge

__all__ = [
    "OPENED",
    "PLAN",
    "Run",
    "SampleStatus",
    "Status",
    "create",
    "create_family",
    "do_slice",
    "execute",
    "finished",
    "members",
    "merge",
    "open_run",
    "read_plan",
    "status",
    "submit",
]
