"""What counts say: p-values of observed against expected numbers."""

from na62dump.inference.backgrounds import validation_of
from na62dump.inference.validation import Row, Validation, compare_numbers, validate

__all__ = ["Row", "Validation", "compare_numbers", "validate", "validation_of"]
