"""Bursts of the beam, and the exposure that a set of them adds up to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, AllowInfNan, ConfigDict

from na62dump.configuration import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable


Measured = Annotated[
    float, AllowInfNan(allow_inf_nan=True), AfterValidator(lambda value: math.nan if math.isnan(value) else value)
]
"""A number that may be NaN: always the same NaN, so that equal bursts compare equal."""


class Burst(Settings):
    """One extraction from the SPS, as a file's table of bursts gives it; of one not good, POT may be NaN."""

    model_config = ConfigDict(ser_json_inf_nan="constants")

    run: int
    burst: int
    pot: Measured
    duration_ns: Measured
    good: bool


class Exposure(Settings):
    """Sum over good bursts.

    Attributes
    ----------
    bursts : int
        Good bursts.
    pot : float
        Protons on target, summed over them in order of (run, burst).
    duration_ns : float
        Summed spill time, ns.
    """

    bursts: int
    pot: float
    duration_ns: float

    @classmethod
    def of(cls, bursts: Iterable[Burst]) -> Exposure:
        """Exposure of the good ones among some bursts.

        Parameters
        ----------
        bursts : iterable of Burst
            In any order.

        Returns
        -------
        Exposure
            The same sums for the same bursts in any order.
        """
        good = sorted((b for b in bursts if b.good), key=lambda b: (b.run, b.burst))
        return cls(
            bursts=len(good),
            pot=float(sum(b.pot for b in good)),
            duration_ns=float(sum(b.duration_ns for b in good)),
        )
