"""The command line: words to calls; one verb per stage."""

from na62dump.cli.app import main

__all__ = ["main"]
