"""One function over all work units: engines, a ledger of what is done, and the sum."""

from na62dump.runner.atomic import write_atomically
from na62dump.runner.engines import ENGINES, execute
from na62dump.runner.execution import Execution
from na62dump.runner.failures import Failure
from na62dump.runner.jobs import Job, run_unit
from na62dump.runner.ledger import Ledger
from na62dump.runner.merging import merge

__all__ = [
    "ENGINES",
    "Execution",
    "Failure",
    "Job",
    "Ledger",
    "execute",
    "merge",
    "run_unit",
    "write_atomically",
]
