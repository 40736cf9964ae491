"""What our limits exclude, beside what published texts say of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.contours import surface
from na62dump.inference.exclusions import exclusion
from na62dump.studies.reproduction.comparison import Line, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from na62dump.inference.contours import Interval
    from na62dump.inference.limits import Limits, Scan
    from na62dump.inference.published import Extent
    from na62dump.studies.reproduction.comparison import Verdict
    from na62dump.studies.reproduction.settings import Agreement

TOGETHER = "combined"
"""Name of several searches together."""

HOLDS = "the contour has to hold what is published, of which others had excluded nothing before; it may reach further"


def name_of(scan: Scan) -> str:
    """Name of a search in files, or of all together."""
    return scan.counting.name if len(scan.counting.searches) == 1 else TOGETHER


def reach(limits: Limits) -> Iterator[Line]:
    """How far each scan excludes; nothing is published.

    Parameters
    ----------
    limits : Limits
        Of one model.

    Yields
    ------
    Line
        One for each scan: masses in MeV, couplings in their unit.
    """
    unit = limits.coupling["unit"]
    for scan in limits.scans:
        found = exclusion(limits, scan, curve=scan.shown).extents
        ours = None
        if found is not None:
            told = f"{found.coupling_low:.2g} to {found.coupling_high:.2g}{'' if unit == '1' else f' {unit}'}"
            ours = f"{found.mass_low:.4g} to {found.mass_high:.4g} MeV, {limits.coupling['name']} {told}"
        cut = f"; goes on beyond {', '.join(found.open)}" if found is not None and found.open else ""
        what = f"{name_of(scan)}: {scan.shown} exclusion at {limits.confidence:.0%} CL"
        nothing = "" if found is not None else "; nothing is excluded"
        yield words(what, published=None, ours=ours, remark=f"{limits.protons:.2g} protons on target{cut}{nothing}")


def compared(limits: Limits, extent: Extent, *, agreement: Agreement) -> Iterator[Line]:
    """A published extent beside our contour of the same searches.

    Parameters
    ----------
    limits : Limits
        Of the model.
    extent : Extent
        As printed.
    agreement : Agreement
        Within what the contour has to hold it.

    Yields
    ------
    Line
        For each end of the masses (MeV), and of the couplings where they are published.
    """
    scan = next((each for each in limits.scans if set(each.counting.searches) == set(extent.searches)), None)
    if scan is None or extent.couplings is None:
        return
    slack = agreement.order if extent.order else agreement.coupling
    within = [
        each
        for each in exclusion(limits, scan, curve=scan.shown).intervals
        if extent.masses[0] <= each.mass <= extent.masses[1]
        and each.low <= max(extent.couplings) * 10**slack
        and each.high >= min(extent.couplings) / 10**slack
    ]
    name = f"{name_of(scan)}, {scan.shown}"
    meant = 10**slack if extent.order else 1.0
    band = min(extent.couplings) / meant, max(extent.couplings) * meant
    yield from _masses(limits, scan, extent, band=band, name=name, slack=math.log10(1 + agreement.mass))
    yield from _couplings(limits, within, extent, name=name, slack=slack)
    yield _filled(limits, within, extent, name=name)


def _masses(
    limits: Limits, scan: Scan, extent: Extent, *, band: tuple[float, float], name: str, slack: float
) -> Iterator[Line]:
    """Lowest and highest mass (MeV) with a coupling between two excluded."""
    low, high = _reached(limits, scan, band)
    remark = f"where {limits.coupling['name']} is {band[0]:.2g} to {band[1]:.2g}; {extent.source}; {HOLDS}"
    ends = ("lowest", extent.masses[0], low), ("highest", extent.masses[1], high)
    for end, published, ours in ends:
        yield _held(f"{name}: {end} mass, MeV", published, ours, slack=slack, remark=remark, low=end == "lowest")


def _reached(limits: Limits, scan: Scan, band: tuple[float, float]) -> tuple[float, float] | tuple[None, None]:
    """First and last mass (MeV) at which the contour holds a coupling of a band; linear between masses, as contours are."""
    height = surface(scan.events, limits.curves(scan)[scan.shown])
    couplings = np.log(limits.couplings)
    ends = np.log(np.clip(band, limits.couplings[0], limits.couplings[-1]))
    inside = (couplings >= ends[0]) & (couplings <= ends[1])
    most = np.array([max(*np.interp(ends, couplings, row), *row[inside]) for row in height])
    some = np.flatnonzero(most > 0)
    if not some.size:
        return None, None
    masses = limits.masses
    crossings = []
    for last, beyond in ((some[0], some[0] - 1), (some[-1], some[-1] + 1)):
        if 0 <= beyond < len(masses):
            part = most[last] / (most[last] - most[beyond])
            crossings.append(float(masses[last] + part * (masses[beyond] - masses[last])))
        else:
            crossings.append(float(masses[last]))
    return crossings[0], crossings[1]


def _couplings(
    limits: Limits, within: Sequence[Interval], extent: Extent, *, name: str, slack: float
) -> Iterator[Line]:
    """Lowest and highest coupling that is excluded at any of the published masses."""
    couplings = extent.couplings or ()
    order = "; published is an order of magnitude" if extent.order else ""
    at = f"at any mass from {extent.masses[0]:g} to {extent.masses[1]:g} MeV{order}"
    ends = ("lowest", min, [each.low for each in within]), ("highest", max, [each.high for each in within])
    for end, of, found in ends:
        what, remark = f"{name}: {end} {limits.coupling['name']}", f"{at}; {extent.source}; {HOLDS}"
        yield _held(what, of(couplings), of(found, default=None), slack=slack, remark=remark, low=of is min)


def _held(what: str, published: float, ours: float | None, *, slack: float, remark: str, low: bool) -> Line:
    """An end of a range that has to be held: reached within so many decades, or passed."""
    allowed = published * (10**slack - 1) if low else published * (1 - 10**-slack)
    if ours is None:
        return Line(what, published, None, None, allowed, "differs", f"nothing is excluded; {remark}", "predicted")
    short = ours - published if low else published - ours
    verdict: Verdict = "differs" if short > allowed else "agrees" if short >= -allowed else "reaches further"
    return Line(what, published, ours, ours - published, allowed, verdict, remark, "predicted")


def _filled(limits: Limits, within: Sequence[Interval], extent: Extent, *, name: str) -> Line:
    """Share of the masses of a published range at which something is excluded."""
    grid = limits.masses[(limits.masses >= extent.masses[0]) & (limits.masses <= extent.masses[1])]
    share = len({each.mass for each in within}) / max(len(grid), 1)
    missing = np.setdiff1d(grid, [each.mass for each in within])
    gap = f"none at {missing.min():.4g} to {missing.max():.4g} MeV" if missing.size else "no gap"
    return Line(f"{name}: share of the published masses with an exclusion there", 1.0, share, share - 1.0, 0.0,
                "agrees" if share >= 1 else "differs", gap, "predicted")  # fmt: skip
