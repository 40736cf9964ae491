"""What cross-checks of several regions together say of a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from na62dump.background.checks import Check


@dataclass(frozen=True)
class Closure:
    """What the numbers of several regions together say of a method.

    Attributes
    ----------
    observed : int
        Rows seen.
    expected, uncertainty : float, rows
        Rows expected.
    ratio, error : float
        Seen over expected, and its error; the number seen counts with the error of 1 at least.
    regions : tuple of str
        Where the expectation is defined.
    """

    observed: int
    expected: float
    uncertainty: float
    ratio: float
    error: float
    regions: tuple[str, ...]


def closure(checks: Collection[Check]) -> Closure | None:
    """How well a method does in all visible regions together.

    Parameters
    ----------
    checks : collection of Check
        Of one method, in regions that share no rows.

    Returns
    -------
    Closure or None
        None if nothing is expected in any region.
    """
    observed, expected = sum(check.observed for check in checks), sum(check.expected for check in checks)
    if not expected > 0:
        return None
    moved = sum(check.uncertainty for check in checks if check.shared)
    uncertainty = float(np.hypot(moved, np.sqrt(sum(check.uncertainty**2 for check in checks if not check.shared))))
    ratio = observed / expected
    error = np.hypot(np.sqrt(max(observed, 1)) / expected, ratio * uncertainty / expected)
    return Closure(observed, expected, uncertainty, ratio, float(error), tuple(check.region for check in checks))
