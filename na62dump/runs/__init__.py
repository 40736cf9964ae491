"""A run: a folder with a plan, the analysis as it was, and the ledger of what is done."""

from na62dump.runs.families import create_family, members
from na62dump.runs.folder import OPENED, PLAN, Run, create, open_run, read_plan
from na62dump.runs.status import SampleStatus, Status, status
from na62dump.runs.submission import do_slice, submit
from na62dump.runs.verification import Differing, compare
from na62dump.runs.work import execute, files_not_read, finished, merge

__all__ = [
    "OPENED",
    "PLAN",
    "Differing",
    "Run",
    "SampleStatus",
    "Status",
    "compare",
    "create",
    "create_family",
    "do_slice",
    "execute",
    "files_not_read",
    "finished",
    "members",
    "merge",
    "open_run",
    "read_plan",
    "status",
    "submit",
]
