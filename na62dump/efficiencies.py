"""Efficiencies that are counted, with their errors."""

from __future__ import annotations

from typing import NamedTuple

from scipy.stats import beta

from na62dump.errors import ConfigurationError

ONE_SIGMA = 0.6826894921370859
"""Probability of a normal distribution within one standard deviation."""


class Efficiency(NamedTuple):
    """Share of those that passed, with the lengths of its error bars, pure numbers."""

    value: float
    down: float
    up: float


def efficiency(passed: int, of: int, *, level: float = ONE_SIGMA) -> Efficiency | None:
    """Efficiency with the central interval of Clopper and Pearson [Biometrika 26 (1934) 404], which covers at least the level.

    Parameters
    ----------
    passed, of : int
        How many passed, and how many there were.
    level : float
        Coverage, a pure number.

    Returns
    -------
    Efficiency or None
        None if there were none.

    Raises
    ------
    ConfigurationError
        If more passed than there were.
    """
    if not 0 <= passed <= of:
        msg = f"{passed} of {of} cannot have passed: give a number from 0 to {of}"
        raise ConfigurationError(msg)
    if not of:
        return None
    tail, value = (1 - level) / 2, passed / of
    low = float(beta.ppf(tail, passed, of - passed + 1)) if passed else 0.0
    high = float(beta.ppf(1 - tail, passed + 1, of - passed)) if passed < of else 1.0
    return Efficiency(value, value - low, high - value)
