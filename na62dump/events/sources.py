"""One column as a file has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One column as a file has it.

    Attributes
    ----------
    key : str
        Name of the branch or field; ``Track.p`` for a field of records.
    factor : float
        What its values are multiplied by to be in the contract's unit.
    """

    key: str
    factor: float = 1.0
