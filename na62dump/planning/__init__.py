"""Opening and freezing the inputs of an analysis, and the columns that each of its requirements needs."""

from na62dump.planning.needs import check, columns_of, needs
from na62dump.planning.patterns import count_files, expand
from na62dump.planning.planner import UNIT_EVENTS, load_samples, plan
from na62dump.planning.sharding import SHARD_UNITS, grown, sharded
from na62dump.planning.tracing import asked_of_one, trace

__all__ = [
    "SHARD_UNITS",
    "UNIT_EVENTS",
    "asked_of_one",
    "check",
    "columns_of",
    "count_files",
    "expand",
    "grown",
    "load_samples",
    "needs",
    "plan",
    "sharded",
    "trace",
]
