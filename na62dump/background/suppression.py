"""What the vetoes leave of prompt pairs, measured in data of visible regions by their time difference."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from pydantic import Field

from na62dump.background.limits import CONFIDENCE
from na62dump.background.observed import time_differences, visible
from na62dump.background.time_difference import Window, fit, ratio
from na62dump.configuration import Many, Settings, Time
from na62dump.errors import ConfigurationError, EstimateError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from na62dump.background.estimate import Estimate
    from na62dump.background.time_difference import Fit
    from na62dump.results import Result


SUPPRESSION = "prompt veto suppression"
"""Name of the uncertainty that comes with a measured share."""


class VetoSettings(Settings):
    """The table ``vetoes`` of a search in config/background.toml.

    Attributes
    ----------
    vetoes : tuple of str
        Loosened requirements, of which each alone and all together are measured.
    time : str
        Requirement that tracks are in time with each other; loosened, so that the flat part is seen beside the peak.
    window : str
        Key of the cut on the time difference of the two tracks.
    end : float, ns
        Largest absolute time difference that is fitted: up to there accidental pairs are flat.
    resolution : float, ns
        Gaussian width of the time difference of prompt pairs.
    least : float
        Prompt pairs before the veto, in standard deviations of their number, from which on data say something of the veto.
    """

    vetoes: Annotated[Many[str], Field(min_length=1)]
    time: str
    window: str
    end: Annotated[Time, Field(gt=0)]
    resolution: Annotated[Time, Field(gt=0)]
    least: Annotated[float, Field(ge=0)]


class Numbers(NamedTuple):
    """Rows, and accidental and prompt pairs among them with their uncertainties; the limit on the latter is at 90%."""

    rows: int
    accidental: float
    accidental_error: float
    prompt: float
    prompt_error: float
    prompt_limit: float


@dataclass(frozen=True)
class Suppression:
    """What some vetoes leave of prompt pairs that meet everything else.

    Attributes
    ----------
    vetoes : tuple of str
        Requirements, all asked together.
    regions : tuple of str
        Visible regions where it was measured.
    before, after : Numbers
        Pairs without and with the vetoes, in the fitted range of time differences.
    factor, uncertainty : float or None
        Share of prompt pairs that meets the vetoes, below 0 if the number left fluctuates so; None if data are not enough.
    limit : float or None
        Upper limit at 90% on the share if none is left beyond the error of their number; None otherwise.
    reason : str or None
        Why data are not enough; None if they are.
    """

    vetoes: tuple[str, ...]
    regions: tuple[str, ...]
    before: Numbers
    after: Numbers
    factor: float | None = None
    uncertainty: float | None = None
    limit: float | None = None
    reason: str | None = None


def suppressions(result: Result, settings: VetoSettings, *, half_window: float) -> tuple[Suppression, ...]:
    """What each veto, and all of them together, leave of prompt pairs.

    A veto alone is measured on pairs that meet the other vetoes, all together on pairs that meet any number of them. Rows
    that meet everything but the vetoes and the requirement on the time difference are fitted with what is flat and a
    peak at 0. That peak holds all pairs of one time, whatever made them.

    Parameters
    ----------
    result : Result
        With data.
    settings : VetoSettings
        Names, and the range of the fit.
    half_window : float, ns
        Largest absolute time difference of selected rows.

    Returns
    -------
    tuple of Suppression
        For each veto, then for all together if there are several.

    Raises
    ------
    ConfigurationError
        If the range of the fit does not reach beyond the window.
    UnknownNameError
        If no rows that fail one of these requirements were kept.
    """
    if not half_window < settings.end:
        msg = f"end ({settings.end:g} ns) must be above {half_window:g} ns, where selected rows end: accidental pairs are measured beyond"
        raise ConfigurationError(msg)
    window = Window(width=2 * settings.end, resolution=settings.resolution)
    after = _times(result, settings, [()])
    asked: list[tuple[str, ...]] = [(veto,) for veto in settings.vetoes]
    asked += [settings.vetoes] if len(settings.vetoes) > 1 else []
    return tuple(_suppression(result, settings, vetoes, window=window, after=after) for vetoes in asked)


class VetoTimes(NamedTuple):
    """Time differences of rows.

    Attributes
    ----------
    before, after : float64[pair], ns
        Of those that meet everything but the vetoes, and of those that meet these too.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]


def veto_times(result: Result, settings: VetoSettings) -> VetoTimes:
    """Time differences before and after all vetoes, in visible regions, in the range that is fitted.

    Parameters
    ----------
    result : Result
        With data.
    settings : VetoSettings
        Names, and the range.

    Returns
    -------
    VetoTimes
        In ns.
    """
    return VetoTimes(_times(result, settings, list(_subsets(settings.vetoes))), _times(result, settings, [()]))


def vetoed(estimate: Estimate, suppression: Suppression) -> Estimate:
    """Prompt rows that fail one veto and meet everything else, from those that meet everything.

    Of X rows before the veto f X meet it and (1 - f) X fail it; an error of f moves the two against each other.

    Parameters
    ----------
    estimate : Estimate
        Of prompt pairs that meet everything, with this share or that of all vetoes in it.
    suppression : Suppression
        Of one veto.

    Returns
    -------
    Estimate
        Without histograms.

    Raises
    ------
    EstimateError
        If no share was measured, or it is that of several vetoes.
    """
    share = left(suppression)
    if len(suppression.vetoes) > 1 or share is None:
        msg = f"what {' and '.join(suppression.vetoes)} leave does not tell how many pairs fail one veto ({suppression.reason})"
        raise EstimateError(msg)
    before = estimate.expected / share.value
    factor = (1 - share.value) / share.value
    scaled = {name: factor * shift for name, shift in estimate.systematic.items() if name != SUPPRESSION}
    return replace(
        estimate,
        method=f"{estimate.method}; times those that fail a veto over those that meet it, in data",
        expected=(1 - share.value) * before,
        covariance=factor**2 * estimate.covariance,
        systematic=scaled | {SUPPRESSION: -share.uncertainty * before},
        limit=factor * estimate.limit,
        inputs={**estimate.inputs, "inverted": list(suppression.vetoes), "share": list(share)},
        book=None,
    )


def _times(result: Result, settings: VetoSettings, failing: Collection[tuple[str, ...]]) -> NDArray[np.float64]:
    """Time differences, float64[pair] in ns, of rows that fail exactly one of some sets of vetoes, in time or not."""
    patterns = [(*vetoes, *late) for vetoes in failing for late in ((), (settings.time,))]
    found = time_differences(result, patterns=patterns, regions=visible(result.state))
    return np.asarray(found[np.abs(found) <= settings.end])


def _subsets(vetoes: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(len(vetoes) + 1):
        yield from combinations(vetoes, size)


def _suppression(
    result: Result, settings: VetoSettings, vetoes: tuple[str, ...], *, window: Window, after: NDArray[np.float64]
) -> Suppression:
    before = _times(result, settings, list(_subsets(vetoes)))
    every, left = fit(before, window), fit(after, window)
    numbers = _numbers(every, len(before)), _numbers(left, len(after))
    enough = numbers[0].prompt > settings.least * numbers[0].prompt_error
    regions = visible(result.state)
    if not enough:
        seen = (
            f"{numbers[0].prompt:.3g} +- {numbers[0].prompt_error:.2g} prompt pairs of {len(before)} without the veto"
        )
        return Suppression(vetoes, regions, *numbers, reason=f"{seen}: below {settings.least:g} standard deviations")
    found = ratio(every, left)
    gone = not numbers[1].prompt > numbers[1].prompt_error
    limit = found.limit if gone else None
    return Suppression(vetoes, regions, *numbers, found.value, found.uncertainty, limit)


def _numbers(found: Fit, rows: int) -> Numbers:
    accidental_error, prompt_error = (float(error) for error in found.uncertainties)
    return Numbers(rows, found.accidental, accidental_error, found.prompt, prompt_error, found.limit)


class Share(NamedTuple):
    """What is left of prompt pairs, above 0 and at most 1, and its uncertainty."""

    value: float
    uncertainty: float


def left(of: Suppression) -> Share | None:
    """The share of prompt pairs that vetoes leave, for who has to multiply with it.

    Parameters
    ----------
    of : Suppression
        As measured.

    Returns
    -------
    Share or None
        Where nothing is left beyond its error, an exponential distribution with the measured limit, of which mean and spread
        are equal, stands for it; where more is left than there was, by chance, all is. None if data are not enough.
    """
    if of.factor is None:
        return None
    if of.limit is not None:
        mean = min(of.limit / -math.log(1 - CONFIDENCE), 1.0)
        return Share(mean, mean)
    return Share(min(of.factor, 1.0), of.uncertainty or 0.0)


def share_left(measured: Sequence[Suppression]) -> dict[str, tuple[float, float]] | None:
    """The share of prompt pairs that all vetoes together leave, by requirement.

    Parameters
    ----------
    measured : sequence of Suppression
        As `suppressions` gives them; the last one is of all vetoes.

    Returns
    -------
    dict of str to (float, float) or None
        The share and its uncertainty under the first veto, 1 under the others: only the product is known. None if data are
        not enough.
    """
    share = left(measured[-1]) if measured else None
    if share is None:
        return None
    first, *others = measured[-1].vetoes
    return {first: (share.value, share.uncertainty), **dict.fromkeys(others, (1.0, 0.0))}
