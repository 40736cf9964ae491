"""What counts at each mass hypothesis: events and backgrounds whose measured mass is compatible with it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from na62dump.background.observed import visible
from na62dump.errors import ConfigurationError
from na62dump.inference.counts.agreement import check_agreement, check_alike, check_regions
from na62dump.inference.counts.candidates import Candidates, found, merged
from na62dump.inference.counts.components import Growth, added, component, grown, quadrature, spread
from na62dump.inference.counts.counting import Counting
from na62dump.inference.counts.hypotheses import windows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.inference.counts.components import Component
    from na62dump.inference.counts.hypotheses import Windows
    from na62dump.inference.counts.shapes import Shape
    from na62dump.inference.settings import Inference
    from na62dump.results import Result
    from na62dump.signal.yields import Expected

SIGNAL = ("SR",)
"""Regions that count unless asked otherwise."""

NOBODY = -1
"""Run of an event that has no key."""


def counting(
    expected: Expected,
    analysis: str,
    *,
    result: Result | None,
    backgrounds: Backgrounds,
    settings: Inference,
    regions: Sequence[str] = SIGNAL,
    scale: float = 1.0,
    intensity: float = 1.0,
) -> Counting:
    """What a search counts, from its results and backgrounds.

    Parameters
    ----------
    expected : Expected
        Yields of a model: masses and residuals.
    analysis : str
        The search.
    result : Result or None
        Merged result of data; None if only expected limits are asked for.
    backgrounds : Backgrounds
        Of this result.
    settings : Inference
        Width of the windows, and how backgrounds grow.
    regions : sequence of str
        Where events are counted.
    scale, intensity : float
        Protons and intensity of a projection, relative to those of the data; then nothing is observed.

    Returns
    -------
    Counting
        With an observed number if there are data, all regions are open, and nothing is projected.

    Raises
    ------
    UnknownNameError
        If there are no yields of the search, or there is no such region.
    ConfigurationError
        If regions are not named once each, a ratio is not above 0, or a mechanism has no law of growth.
    MergeError
        If yields, result and backgrounds were not made with the same analysis, data and open regions.
    """
    growth = Growth(scale, intensity)
    windows = windows_of(expected, analysis, widths=settings.window.widths)
    check_agreement(expected, analysis, result=result, backgrounds=backgrounds)
    check_regions(regions, backgrounds.state)
    parts, limited, remarks = [], [], []
    for estimate in backgrounds.estimates:
        measured = [name for name in regions if name in estimate.measured]
        limited += [estimate.mechanism] if set(regions) & set(estimate.regions) - set(measured) else []
        if measured:
            part, remark = component(estimate, measured, windows=windows.ends, entries=settings.window.entries)
            parts.append(grown(part, name=f"{analysis} {part.name}", factor=growth.of(estimate.mechanism, settings)))
            remarks += [f"{estimate.mechanism}: {remark}"] if remark else []
    seen, why = (None, "") if growth.projects or result is None else _seen(result, regions, windows)
    about = [*backgrounds.remarks, *remarks, why, _projected(growth)]
    return _counting(
        expected, analysis, windows=windows, regions=regions, parts=parts, seen=seen,
        limited=[f"{analysis} {name}" for name in limited],
        missing=[f"{analysis} {name}" for name in backgrounds.missing],
        remarks=[f"{analysis}: {remark}" for remark in about if remark],
    )  # fmt: skip


def given(
    expected: Expected,
    analysis: str,
    *,
    background: float,
    uncertainty: float | tuple[float, float] = 0.0,
    events: Sequence[float] | None = (),
    shape: Shape | None = None,
    settings: Inference,
    mechanism: str = "background",
    scale: float = 1.0,
) -> Counting:
    """What a search counts, from numbers alone, such as published ones.

    Parameters
    ----------
    expected : Expected
        Yields of a model: masses and residuals.
    analysis : str
        The search.
    background : float, counts
        Expected in the signal region.
    uncertainty : float or (float, float), counts
        Its standard deviation; of a downward and an upward one the mean is taken.
    events : sequence of float, MeV, or None
        Measured masses of the observed events, each another one; None if the number is not known.
    shape : Shape, optional
        Distribution of the background over the mass. Without it all of the background counts at every mass.
    settings : Inference
        Width of the windows, and how the background grows.
    mechanism : str
        What the background is, by whose law it grows.
    scale : float
        Protons of a projection, relative to those of the data; then nothing is observed.

    Returns
    -------
    Counting
        With one mechanism, none of whose uncertainty is shared with other searches.

    Raises
    ------
    UnknownNameError
        If there are no yields of the search.
    ConfigurationError
        If a number of counts is negative or not finite, a ratio is not above 0, or the mechanism has no law of growth.
    """
    growth = Growth(scale)
    windows = windows_of(expected, analysis, widths=settings.window.widths)
    errors = np.atleast_1d(np.asarray(uncertainty, dtype=np.float64))
    numbers = np.array([background, *errors])
    if not (np.isfinite(numbers) & (numbers >= 0)).all():
        msg = f"{analysis}: background {background:g} with uncertainty {uncertainty}: give finite counts of at least 0"
        raise ConfigurationError(msg)
    inside = shape if windows.measured else None
    part = spread(mechanism, background, error=float(errors.mean()), moved={}, shape=inside, windows=windows.ends)
    about = [
        ""
        if inside or not windows.measured
        else f"{mechanism}: no distribution of the mass: all of it counts at every mass",
        f"{mechanism}: uncertainty is the mean of -{errors[0]:g} and +{errors[-1]:g}"
        if errors[0] != errors[-1]
        else "",
        _projected(growth),
    ]
    return _counting(
        expected, analysis, windows=windows, regions=SIGNAL,
        parts=[grown(part, name=f"{analysis} {mechanism}", factor=growth.of(mechanism, settings))],
        seen=None if events is None or growth.projects else _without_keys(analysis, events, windows),
        remarks=[f"{analysis}: {remark}" for remark in about if remark],
    )  # fmt: skip


def together(countings: Sequence[Counting]) -> Counting:
    """Several searches as one: backgrounds add up, and an event that several searches have in their windows counts once.

    Parameters
    ----------
    countings : sequence of Counting
        Of one search each, or of several; equal masses and regions.

    Returns
    -------
    Counting
        What backgrounds of different searches have by a source of one name moves together; all else is independent.
        Nothing is observed if that is so for any of them.

    Raises
    ------
    ConfigurationError
        If there are none, a search is there twice, or masses or regions differ.
    """
    check_alike(countings)
    seen = merged([Candidates(each.keys, each.seen) for each in countings])
    windows = np.concatenate([each.windows for each in countings], axis=1)
    systematic = added(each.systematic for each in countings)
    squares = sum(each.uncertainty**2 - quadrature(np.zeros(1), each.systematic) ** 2 for each in countings)
    known = all(each.observed is not None for each in countings)
    return Counting(
        name=" + ".join(each.name for each in countings),
        searches=tuple(name for each in countings for name in each.searches),
        regions=countings[0].regions,
        masses=countings[0].masses,
        windows=windows,
        shares=np.concatenate([each.shares for each in countings], axis=1),
        expected=np.sum([each.expected for each in countings], axis=0),
        uncertainty=quadrature(np.sqrt(np.maximum(squares, 0.0)), systematic),
        mechanisms=tuple(name for each in countings for name in each.mechanisms),
        by_mechanism=np.concatenate([each.by_mechanism for each in countings]),
        by_uncertainty=np.concatenate([each.by_uncertainty for each in countings]),
        limited=tuple(name for each in countings for name in each.limited),
        missing=tuple(name for each in countings for name in each.missing),
        keys=seen.keys,
        seen=seen.seen,
        observed=seen.inside(windows) if known else None,
        remarks=tuple(dict.fromkeys(remark for each in countings for remark in each.remarks)),
        systematic=systematic,
    )


def _counting(
    expected: Expected,
    analysis: str,
    *,
    windows: Windows,
    regions: Sequence[str],
    parts: Sequence[Component],
    seen: Candidates | None,
    limited: Sequence[str] = (),
    missing: Sequence[str] = (),
    remarks: Sequence[str],
) -> Counting:
    nothing = np.zeros((0, len(expected.masses)))
    by_mechanism = np.array([part.expected for part in parts]).reshape(-1, len(expected.masses))
    statistical = np.sqrt(np.sum([part.statistical**2 for part in parts] or nothing, axis=0))
    systematic = added(part.systematic for part in parts)
    shown = seen or Candidates.of(np.zeros((0, 3), dtype=np.int64), np.zeros(0))
    return Counting(
        name=analysis,
        searches=(analysis,),
        regions=tuple(regions),
        masses=expected.masses,
        windows=windows.ends[:, None, :],
        shares=windows.shares[:, None],
        expected=by_mechanism.sum(axis=0),
        uncertainty=quadrature(statistical, systematic),
        mechanisms=tuple(part.name for part in parts),
        by_mechanism=by_mechanism,
        by_uncertainty=np.array([part.uncertainty for part in parts]).reshape(-1, len(expected.masses)),
        limited=tuple(limited),
        missing=tuple(missing),
        keys=shown.keys,
        seen=shown.seen,
        observed=None if seen is None else seen.inside(windows.ends[:, None, :]),
        remarks=(*remarks, *_between(analysis, shown, windows)),
        systematic=systematic,
    )


def _between(analysis: str, seen: Candidates, windows: Windows) -> list[str]:
    """Says which rows (masses in MeV) no hypothesis counts, if there are any."""
    low, high = windows.ends.T[:, :, None]
    nowhere = ~((low <= seen.seen[:, 0]) & (seen.seen[:, 0] <= high)).any(axis=0)
    lost = ", ".join(f"{mass:.4g}" for mass in seen.seen[nowhere, 0])
    return [f"{analysis}: observed at {lost} MeV, in the window of no mass of the grid"] if lost else []


def seen_masses(result: Result, regions: Sequence[str]) -> list[float]:
    """Measured masses (MeV) of the rows of data in some regions; none if one of them is hidden."""
    if any(name not in visible(result.state) for name in regions):
        return []
    return list(map(float, found(result, regions, measures=True).seen[:, 0]))


def _seen(result: Result, regions: Sequence[str], windows: Windows) -> tuple[Candidates | None, str]:
    """Observed rows, and why there are none."""
    hidden = [name for name in regions if name not in visible(result.state)]
    if hidden:
        return None, f"data in {', '.join(hidden)} are hidden"
    if not result.state.data:
        return None, "the result has no data"
    return found(result, regions, measures=windows.measured), ""


def _without_keys(analysis: str, masses: Sequence[float], windows: Windows) -> Candidates:
    """Events of one search, each different from all others (masses in MeV)."""
    search = zlib.crc32(analysis.encode())
    keys = np.array([(NOBODY, search, number) for number in range(len(masses))], dtype=np.int64).reshape(-1, 3)
    return Candidates.of(keys, np.asarray(masses, dtype=np.float64) if windows.measured else np.full(len(keys), np.inf))


def _projected(growth: Growth) -> str:
    if not growth.projects:
        return ""
    return f"projected to {growth.scale:g} times the protons at {growth.intensity:g} times the intensity of the data"
