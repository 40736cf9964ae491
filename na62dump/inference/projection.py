"""Expected signal for another number of protons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from na62dump.signal.yields import Expected


def scaled(expected: Expected, *, protons: float | Mapping[str, float]) -> Expected:
    """Expected numbers, which go with the protons, for another number of these.

    Parameters
    ----------
    expected : Expected
        Numbers.
    protons : float or mapping of str to float
        On target; or those of the data of each search, by its name.

    Returns
    -------
    Expected
        With statistical errors that are as large relative to the numbers as before; its protons are the most of any search.

    Raises
    ------
    ConfigurationError
        If there are no protons.
    """
    of = protons if isinstance(protons, Mapping) else dict.fromkeys(expected.names("analysis"), protons)
    for number in of.values():
        if not 0 < number < math.inf:
            msg = f"{number:g} protons on target: give a finite number above 0"
            raise ConfigurationError(msg)
    factors = np.array([of[part.analysis] / expected.protons for part in expected.parts]).reshape(-1, 1, 1)
    return replace(
        expected,
        protons=max(of.values()),
        events=factors * expected.events,
        statistical=factors * expected.statistical,
    )
