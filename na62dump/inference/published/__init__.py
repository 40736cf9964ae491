"""What NA62 has published, as printed: config/published/ with a source for each number."""

from na62dump.inference.published.counts import Expectations, Hadronic
from na62dump.inference.published.event import Event
from na62dump.inference.published.loading import (
    load_event,
    load_exclusions,
    load_expectations,
    load_hadronic,
    load_inconsistencies,
    load_side_bands,
)
from na62dump.inference.published.side_bands import Printed, SideBands
from na62dump.inference.published.statements import Exclusions, Extent, Inconsistency

__all__ = [
    "Event",
    "Exclusions",
    "Expectations",
    "Extent",
    "Hadronic",
    "Inconsistency",
    "Printed",
    "SideBands",
    "load_event",
    "load_exclusions",
    "load_expectations",
    "load_hadronic",
    "load_inconsistencies",
    "load_side_bands",
]
