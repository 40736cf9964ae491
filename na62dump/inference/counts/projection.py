"""Expected signal for another number of protons, and how much background that may bring."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.inference.counts.windows import together
from na62dump.inference.statistics.inputs import MOST

if TYPE_CHECKING:
    from na62dump.inference.counts.counting import Counting
    from na62dump.signal.yields import Expected

WIDTHS = 8.0
"""Counts are allowed for so many standard deviations above their mean."""


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
        If there is not one proton.
    """
    of = protons if isinstance(protons, Mapping) else dict.fromkeys(expected.names("analysis"), protons)
    for number in of.values():
        if not 1 <= number < math.inf:
            msg = f"{number:g} protons on target: give a finite number, at least 1, such as 1e18"
            raise ConfigurationError(msg)
    factors = np.array([of[part.analysis] / expected.protons for part in expected.parts]).reshape(-1, 1, 1)
    return replace(
        expected,
        protons=max(of.values()),
        events=factors * expected.events,
        statistical=factors * expected.statistical,
    )


def check_size(countings: Sequence[Counting], *, protons: float | None = None, intensity: float | None = None) -> None:
    """Refuse more background than limits can be made of.

    Parameters
    ----------
    countings : sequence of Counting
        Of each search.
    protons, intensity : float, optional
        What it is projected to, for the message.

    Raises
    ------
    ConfigurationError
        If there is, at any mass, in a search or in all together; with room for what counts and their uncertainty fluctuate.
    """
    for counting in (*countings, together(countings)):
        most = counting.expected + WIDTHS * np.sqrt(counting.expected + counting.uncertainty**2)
        if most.max() > MOST:
            raise ConfigurationError(_too_large(counting, int(most.argmax()), protons=protons, intensity=intensity))


def _too_large(counting: Counting, worst: int, *, protons: float | None, intensity: float | None) -> str:
    given = {"--protons": protons, "--intensity": intensity}
    options = " ".join(f"{option} {value:g}" for option, value in given.items() if value is not None)
    return (
        f"{counting.name}: {counting.expected[worst]:.3g} +- {counting.uncertainty[worst]:.3g} background events are expected"
        f"{f' with {options}' if options else ''} at the mass {counting.masses[worst]:g} MeV; with what they fluctuate limits are "
        f"made of up to {MOST:g} counts: {'take less of that' if options else 'take tighter requirements'}"
    )
