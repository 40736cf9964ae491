"""Chains over several stages."""

from na62dump.studies.acceptances import acceptance, first_model
from na62dump.studies.channels import Channel, channel
from na62dump.studies.closure import Signal, accidental, signal, suppression
from na62dump.studies.demo import Demo, demo
from na62dump.studies.samples import seed

__all__ = [
    "Channel",
    "Demo",
    "Signal",
    "acceptance",
    "accidental",
    "channel",
    "demo",
    "first_model",
    "seed",
    "signal",
    "suppression",
]
