"""Bursts of the beam, and the exposure that a set of them adds up to."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AfterValidator, AllowInfNan, ConfigDict

from na62dump.configuration import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

BURST = np.dtype([("run", "<u4"), ("burst", "<u4"), ("pot", "<f8"), ("duration_ns", "<f8"), ("good", "?")])
"""One burst in a row of a table; the duration in ns."""

_DIGEST_BYTES = 4

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


@dataclass(frozen=True, eq=False, slots=True)
class Bursts:
    """Bursts of some files, as one small table; equal if they list the same in the same order.

    Attributes
    ----------
    rows : BURST[burst]
        Run, burst, POT, duration (ns) and whether it is good.
    """

    rows: NDArray[Any]

    @classmethod
    def of(cls, bursts: Iterable[Burst]) -> Bursts:
        """Table of some bursts, in their order."""
        rows = [(b.run, b.burst, b.pot, b.duration_ns, b.good) for b in bursts]
        return cls(np.array(rows, dtype=BURST))

    @classmethod
    def joined(cls, several: Iterable[Bursts]) -> Bursts:
        """One table of several, in their order."""
        # numpy compares the types of all tables that it joins, which takes seconds for 1e5 of them
        return cls(np.frombuffer(b"".join(bursts.rows.tobytes() for bursts in several), BURST))

    def __len__(self) -> int:
        """Return the number of bursts."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Burst]:
        """Go through the bursts."""
        for run, burst, pot, duration, good in self.rows.tolist():
            yield Burst(run=run, burst=burst, pot=pot, duration_ns=duration, good=good)

    def __eq__(self, other: object) -> bool:
        """Compare bit by bit: NaN is always the same NaN here."""
        return isinstance(other, Bursts) and self.rows.tobytes() == other.rows.tobytes()

    def __hash__(self) -> int:
        """Of the content."""
        return hash(self.rows.tobytes())

    def good(self) -> frozenset[tuple[int, int]]:
        """Run and burst numbers of the good ones."""
        return frozenset(self.durations())

    def durations(self) -> dict[tuple[int, int], float]:
        """Durations (ns) of the good ones by run and burst number."""
        good = self.rows[self.rows["good"]]
        keys = zip(good["run"].tolist(), good["burst"].tolist(), strict=True)
        return dict(zip(keys, good["duration_ns"].tolist(), strict=True))

    def mark(self) -> str:
        """Few letters that differ where which bursts are good differs, or how long these last; empty without bursts."""
        if not len(self):
            return ""
        good = np.sort(self.rows[self.rows["good"]], order=("run", "burst"))
        content = b"".join(good[name].tobytes() for name in ("run", "burst", "duration_ns"))
        return hashlib.sha256(content).hexdigest()[: 2 * _DIGEST_BYTES]


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
    def of(cls, bursts: Iterable[Burst] | Bursts) -> Exposure:
        """Exposure of the good ones among some bursts.

        Parameters
        ----------
        bursts : iterable of Burst, or Bursts
            In any order.

        Returns
        -------
        Exposure
            The same sums for the same bursts in any order.
        """
        rows = (bursts if isinstance(bursts, Bursts) else Bursts.of(bursts)).rows
        good = rows[rows["good"]]
        good = good[np.lexsort((good["burst"], good["run"]))]
        return cls(
            bursts=len(good),
            pot=float(sum(good["pot"].tolist())),
            duration_ns=float(sum(good["duration_ns"].tolist())),
        )
