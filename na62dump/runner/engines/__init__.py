"""Where the work is done: here, in processes of this machine, or on a dask cluster."""

from na62dump.runner.engines.running import execute
from na62dump.runner.engines.settings import Dask, DaskCondor, DaskSlurm
from na62dump.runner.engines.table import ENGINES, MODELS, find_execution, load_execution

__all__ = ["ENGINES", "MODELS", "Dask", "DaskCondor", "DaskSlurm", "execute", "find_execution", "load_execution"]
