"""One function over all work units: engines, a ledger of what is done, and the sum."""

from na62dump.runner.atomic import write_atomically
from na62dump.runner.batch import Batch, HTCondor, Slurm, Submitted
from na62dump.runner.claim import claimed
from na62dump.runner.engines import ENGINES, Dask, DaskCondor, DaskSlurm, execute, find_execution, load_execution
from na62dump.runner.execution import Execution, Local
from na62dump.runner.failures import Failure
from na62dump.runner.jobs import Job, run_unit
from na62dump.runner.ledger import Ledger
from na62dump.runner.marks import worked_on
from na62dump.runner.merging import merge, total
from na62dump.runner.progress import Progress

__all__ = [
    "ENGINES",
    "Batch",
    "Dask",
    "DaskCondor",
    "DaskSlurm",
    "Execution",
    "Failure",
    "HTCondor",
    "Job",
    "Ledger",
    "Local",
    "Progress",
    "Slurm",
    "Submitted",
    "claimed",
    "execute",
    "find_execution",
    "load_execution",
    "merge",
    "run_unit",
    "total",
    "worked_on",
    "write_atomically",
]
