"""Chains over several stages."""

from na62dump.studies.closure import Signal, accidental, signal
from na62dump.studies.demo import Demo, demo

__all__ = ["Demo", "Signal", "accidental", "demo", "signal"]
