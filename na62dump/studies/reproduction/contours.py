"""What our limits exclude, beside what published texts say of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.exclusion.exclusions import exclusion
from na62dump.studies.reproduction.comparison import Line, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from na62dump.inference.exclusion.contours import Interval
    from na62dump.inference.exclusion.limits import Limits, Scan
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
    couplings = extent.couplings
    slack = agreement.order if extent.order else agreement.coupling
    wide = (min(couplings) / 10**slack, max(couplings) * 10**slack)
    band = wide if extent.order else (min(couplings), max(couplings))
    found = exclusion(limits, scan, curve=scan.shown)
    inside = [each for each in found.intervals if each.low <= wide[1] and each.high >= wide[0]]
    within = [each for each in inside if extent.masses[0] <= each.mass <= extent.masses[1]]
    name = f"{name_of(scan)}, {scan.shown}"
    reached = [mass for each in found.polygons for mass in _masses_inside(each.outer, band)]
    where = f"where {limits.coupling['name']} is {band[0]:.2g} to {band[1]:.2g}"
    yield from _masses(reached, extent, name=name, slack=math.log10(1 + agreement.mass), where=where)
    yield from _couplings(limits, within, extent, name=name, slack=slack)
    yield _filled(limits, within, extent, name=name)


def _masses_inside(border: NDArray[np.float64], band: tuple[float, float]) -> list[float]:
    """Masses (MeV) where a border float64[corner, 2] has a corner within a band of couplings, or crosses an end of it."""
    mass, coupling = border.T
    found: list[float] = mass[(coupling >= band[0]) & (coupling <= band[1])].tolist()
    for end in band:
        height = np.log(coupling / end)  # edges are straight in the logarithm
        at = np.flatnonzero(height[:-1] * height[1:] < 0)
        found += (mass[at] + (mass[at + 1] - mass[at]) * height[at] / (height[at] - height[at + 1])).tolist()
    return found


def _masses(masses: Sequence[float], extent: Extent, *, name: str, slack: float, where: str) -> Iterator[Line]:
    """Lowest and highest mass (MeV) with a published coupling excluded."""
    remark = f"{where}; {extent.source}; {HOLDS}"
    ends = ("lowest", extent.masses[0], min), ("highest", extent.masses[1], max)
    for end, published, of in ends:
        ours = of(masses, default=None)
        yield _held(f"{name}: {end} mass, MeV", published, ours, slack=slack, remark=remark, low=of is min)


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
    beyond = math.log10(published / ours) * (1 if low else -1)  # decades by which ours reaches further
    verdict: Verdict = "differs" if beyond < -slack else "reaches further" if beyond > slack else "agrees"
    return Line(what, published, ours, ours - published, allowed, verdict, remark, "predicted")


def _filled(limits: Limits, within: Sequence[Interval], extent: Extent, *, name: str) -> Line:
    """Share of the masses of a published range at which something is excluded."""
    grid = limits.masses[(limits.masses >= extent.masses[0]) & (limits.masses <= extent.masses[1])]
    share = len({each.mass for each in within}) / max(len(grid), 1)
    missing = np.setdiff1d(grid, [each.mass for each in within])
    gap = f"none at {missing.min():.4g} to {missing.max():.4g} MeV" if missing.size else "no gap"
    return Line(f"{name}: share of the published masses with an exclusion there", 1.0, share, share - 1.0, 0.0,
                "agrees" if share >= 1 else "differs", gap, "predicted")  # fmt: skip
