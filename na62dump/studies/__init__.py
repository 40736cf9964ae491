"""Chains over several stages."""

from na62dump.studies.acceptances import acceptance, check_current, first_model, settings
from na62dump.studies.background_inputs import Inputs, inputs_of
from na62dump.studies.backgrounds import backgrounds
from na62dump.studies.channels import Channel, channel
from na62dump.studies.closure import Signal, accidental, signal, suppression
from na62dump.studies.demo import Demo, demo
from na62dump.studies.expectations import expected
from na62dump.studies.limits import limits
from na62dump.studies.reproduction import Reproduction, reproduce
from na62dump.studies.reproduction import tables as reproduction_tables
from na62dump.studies.samples import TRUTH, seed, signal_sample

__all__ = [
    "TRUTH",
    "Channel",
    "Demo",
    "Inputs",
    "Reproduction",
    "Signal",
    "acceptance",
    "accidental",
    "backgrounds",
    "channel",
    "check_current",
    "demo",
    "expected",
    "first_model",
    "inputs_of",
    "limits",
    "reproduce",
    "reproduction_tables",
    "seed",
    "settings",
    "signal",
    "signal_sample",
    "suppression",
]
