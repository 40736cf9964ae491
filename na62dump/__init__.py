"""Columnar event selection for searches with NA62 in beam-dump mode."""

__version__ = "0.1.0"
