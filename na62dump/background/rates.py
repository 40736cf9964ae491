"""What a pair of recorded single tracks stands for.

In a burst of duration T with N+ and N- tracks, flat in time, N+ N- W / T pairs of opposite charge meet within a full window W.
A trigger line that writes one of D events with efficiency e shows n = N e / D of them, so each pair of recorded tracks of one
burst stands for D^2 W / (T e^2) pairs that meet [inferred; the method is that of JHEP 09 (2023) 035]. The rate cancels, because
both tracks come from the same burst. In a spill with structure the integral of the squared profile of the rate takes the place
of 1/T.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from na62dump import units
from na62dump.background.profile import flat, overlap
from na62dump.configuration import Settings, Time
from na62dump.errors import ConfigurationError, EstimateError
from na62dump.events import column
from na62dump.hashing import uniform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.background.mixing import Pool
    from na62dump.datasets import TriggerLine, TriggerLines


class RateSettings(Settings):
    """Of the rate of accidental pairs.

    Attributes
    ----------
    window_uncertainty : float, ns
        Of the full window.
    profile : str
        Of the rate in the spill: ``"flat"``, where what the tracks show beyond chance is an uncertainty, or ``"measured"``
        from the times of the single tracks.
    bin : float, ns
        Width of the bins of a measured profile.
    """

    window_uncertainty: Annotated[Time, Field(ge=0)]
    profile: Literal["flat", "measured"]
    bin: Annotated[Time, Field(gt=0)]


@dataclass(frozen=True)
class Rate:
    """What a pair of recorded tracks stands for.

    Attributes
    ----------
    window : float, ns
        Full width of the time difference: W.
    per_pair : float, ns
        D^2 W / e^2, divided by the downscaling of H2 and by the square of the share of the tracks that is used.
    inverse : float64[single], 1/ns
        1/T of the burst of each track, or the integral of the squared profile.
    uncertainties : mapping of str to float
        Relative ones, by source.
    """

    window: float
    per_pair: float
    inverse: NDArray[np.float64]
    uncertainties: Mapping[str, float]

    @property
    def largest(self) -> float:
        """What a pair stands for at most, rows."""
        return self.per_pair * float(self.inverse.max())

    def weight(self, track: NDArray[np.int64]) -> NDArray[np.float64]:
        """What pairs stand for that have the tracks int64[pair]: float64[pair], rows."""
        return np.asarray(self.per_pair * self.inverse[track])


def rate(
    analysis: Analysis, tracks: Pool, *, settings: RateSettings, lines: TriggerLines, window: float, share: float
) -> Rate:
    """What a pair of recorded tracks stands for.

    Parameters
    ----------
    analysis : Analysis
        Says of which line the tracks are.
    tracks : Pool
        Those that are used.
    settings : RateSettings
        Window and profile.
    lines : TriggerLines
        Downscaling and efficiency of that line, and of H2.
    window : float, ns
        Full width of the time difference.
    share : float
        Of the recorded tracks that are used.

    Returns
    -------
    Rate
        Times in ns.

    Raises
    ------
    ConfigurationError
        If a burst has no duration.
    EstimateError
        If no burst has two tracks.
    """
    if not (tracks.duration > 0).all():
        run, burst = tracks.key[np.flatnonzero(~(tracks.duration > 0))[0], 1:3]
        msg = f"run {run}, burst {burst}: its duration is not known, and accidental pairs need it; mend the table of bursts, or declare it not good"
        raise ConfigurationError(msg)
    control, h2, together = _control(analysis, lines), lines["H2"], _together(tracks, settings.bin)
    if settings.profile == "measured" and not together.value > 0.0:
        msg = f"no two of {len(tracks)} single tracks are in one bin of the spill: too few to measure its profile; take the flat one"
        raise EstimateError(msg)
    written = h2.efficiency / h2.downscaling
    return Rate(
        window=window,
        per_pair=(stands_for(analysis, lines) / share) ** 2 * window * written,
        inverse=(together.value if settings.profile == "measured" else 1.0) / tracks.duration,
        uncertainties={
            "time window": settings.window_uncertainty / window,
            "rate profile": together.unknown if settings.profile == "measured" else together.not_flat,
            "trigger efficiency": float(
                np.hypot(2 * control.uncertainty / control.efficiency, h2.uncertainty / h2.efficiency)
            ),
        },
    )


class _Together(NamedTuple):
    """How much oftener tracks are together than in a flat spill.

    Attributes
    ----------
    value, uncertainty : float
        The ratio, and its statistical uncertainty.
    unresolved : float
        Its relative change with narrower bins.
    """

    value: float
    uncertainty: float
    unresolved: float

    @property
    def unknown(self) -> float:
        """Relative uncertainty of the ratio if it is used."""
        return math.hypot(self.uncertainty / self.value, self.unresolved)

    @property
    def not_flat(self) -> float:
        """What is missed, beyond chance, if the spill is taken to be flat."""
        return math.sqrt(max((self.value - 1.0) ** 2 - self.uncertainty**2, 0.0))


def _together(tracks: Pool, width: float) -> _Together:
    bursts = tracks.bursts
    of = np.empty(len(tracks), dtype=np.int64)
    for number, burst in enumerate(bursts):
        of[burst] = number
    durations = np.array([tracks.duration[burst[0]] for burst in bursts])
    even = flat(np.array([len(burst) for burst in bursts]), durations)
    clock = units.parse(column("burst_time").unit, "time")
    found = overlap(of, tracks.events["burst_time"], clock=clock, durations=durations, width=width)
    # no spill is more even than a flat one: less is chance
    return _Together(max(found.value / even.value, 1.0), found.uncertainty / even.value, found.unresolved)


def stands_for(analysis: Analysis, lines: TriggerLines) -> float:
    """True tracks that each recorded one stands for: the downscaling over the efficiency of its line, and over the share kept.

    Parameters
    ----------
    analysis : Analysis
        Says of which line the tracks are, and which share of them is kept.
    lines : TriggerLines
        Downscaling and efficiency of that line.

    Returns
    -------
    float
        A pure number.

    Raises
    ------
    ConfigurationError
        If the analysis keeps no single tracks.
    """
    control, kept = _control(analysis, lines), analysis.file.keep.singles
    return control.downscaling / control.efficiency / (kept.share if kept else 1.0)


def _control(analysis: Analysis, lines: TriggerLines) -> TriggerLine:
    kept = analysis.file.keep.singles
    if kept is None:
        msg = f"{analysis.path}: there is no table [keep.singles], so no single tracks; write it, and run again"
        raise ConfigurationError(msg)
    return lines[kept.trigger]


def thinned(tracks: Pool, *, most: int, seed: int) -> tuple[Pool, float]:
    """As many tracks as make no more than a number of pairs.

    Parameters
    ----------
    tracks : Pool
        All.
    most : int
        Pairs of opposite charge of one burst, over all bursts.
    seed : int
        Of the hash of their events, by which they are chosen.

    Returns
    -------
    Pool
        Those chosen.
    float
        Their expected share.
    """
    charge = tracks.events["Track_charge"]
    pairs = sum(int((charge[burst] > 0).sum()) * int((charge[burst] < 0).sum()) for burst in tracks.bursts)
    if pairs <= most:
        return tracks, 1.0
    share = float(np.sqrt(most / pairs))
    return tracks.where(uniform(seed, tracks.key) < share), share
