"""Opening and freezing the inputs of an analysis, and the columns that each of its requirements needs."""

from na62dump.planning.needs import needs
from na62dump.planning.planner import plan
from na62dump.planning.tracing import trace

__all__ = ["needs", "plan", "trace"]
