"""Expected signal for another number of protons."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from na62dump.signal.yields import Expected


def scaled(expected: Expected, *, protons: float) -> Expected:
    """Expected numbers, which go with the protons, for another number of these.

    Parameters
    ----------
    expected : Expected
        Numbers.
    protons : float
        On target.

    Returns
    -------
    Expected
        With statistical errors that are as large relative to the numbers as before.

    Raises
    ------
    ConfigurationError
        If there are no protons.
    """
    if not 0 < protons < math.inf:
        msg = f"{protons:g} protons on target: give a finite number above 0"
        raise ConfigurationError(msg)
    factor = protons / expected.protons
    return replace(
        expected, protons=protons, events=factor * expected.events, statistical=factor * expected.statistical
    )
