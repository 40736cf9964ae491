"""Published results made again: our numbers beside theirs, with a verdict on each."""

from na62dump.studies.reproduction.chain import reproduce
from na62dump.studies.reproduction.report import Reproduction, tables

__all__ = ["Reproduction", "reproduce", "tables"]
