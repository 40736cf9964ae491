"""A run: a folder with a plan, the analysis as it was, and the ledger of what is done."""

from na62dump.runs.folder import Run, create, open_run
from na62dump.runs.status import SampleStatus, Status, status
from na62dump.runs.work import execute, finished, merge

__all__ = ["Run", "SampleStatus", "Status", "create", "execute", "finished", "merge", "open_run", "status"]
