"""Chains over several stages."""

from na62dump.studies.demo import Demo, demo

__all__ = ["Demo", "demo"]
