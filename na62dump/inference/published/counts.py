"""Published backgrounds and counts of signal and control regions."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from na62dump.configuration import Many, Settings
from na62dump.errors import UnknownNameError

NotNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Level = Annotated[float, Field(gt=0.0, lt=1.0)]


class Background(Settings):
    """An expected number with its errors.

    Attributes
    ----------
    expected : float, counts
        As printed.
    up, down : float, counts
        Its errors to either side.
    """

    expected: Positive
    up: NotNegative
    down: NotNegative

    @property
    def log_width(self) -> float:
        """Width of a log-normal law whose upper error this is, a pure number: ln(1 + up / expected)."""
        return math.log1p(self.up / self.expected)


class Expectation(Background):
    """Expected and observed number of one region.

    Attributes
    ----------
    search, region : str
        Where.
    source : str
        Where it is printed.
    rounding : float, counts
        Half a unit of the last printed digit of the expected number.
    level : float
        Confidence level of the errors, a pure number.
    observed : int or None
        Counts seen, where the text says so.
    """

    search: str
    region: str
    source: str
    rounding: Positive
    level: Level
    observed: Annotated[int, Field(ge=0)] | None = None


class Agreement(Settings):
    """Largest differences that agree, where no printed digit says so; pure numbers."""

    log_normal: Positive


class Expectations(Settings):
    """Searches for two leptons.

    Attributes
    ----------
    agreement : Agreement
        What counts as equal.
    row : tuple of Expectation
        What holds.
    misprint : tuple of Expectation
        What is printed elsewhere, and is wrong.
    """

    agreement: Agreement
    row: Many[Expectation]
    misprint: Many[Expectation] = ()

    def of(self, search: str, region: str) -> Expectation:
        """First line of a region.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        found = next((row for row in self.row if (row.search, row.region) == (search, region)), None)
        if found is None:
            known = ", ".join(f"{row.search} {row.region}" for row in self.row)
            msg = f"no published background of '{search}' in the region '{region}'; there are {known}"
            raise UnknownNameError(msg)
        return found


class HadronicChannel(Settings):
    """One final state.

    Attributes
    ----------
    final_state : str
        Its name.
    CR, SR : Background
        Backgrounds.
    minimum_signal, minimum_both : int
        Printed fewest events for the significance, in the signal region and in both.
    """

    final_state: str
    CR: Background
    SR: Background
    minimum_signal: Annotated[int, Field(gt=0)]
    minimum_both: Annotated[int, Field(gt=0)]


class Hadronic(Settings):
    """Searches for decays into hadrons.

    Attributes
    ----------
    source : str
        Where they are printed.
    sigmas : float
        Significance of the fewest events, standard deviations.
    level : float
        Confidence level of the errors, a pure number.
    channel : tuple of HadronicChannel
        In the printed order.
    """

    source: str
    sigmas: Positive
    level: Level
    channel: Many[HadronicChannel]
