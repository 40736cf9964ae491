"""Published counts and backgrounds of the searches for two leptons, computed again from what is printed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import ndtri

from na62dump import configuration as conf
from na62dump.inference.published import (
    load_exclusions,
    load_expectations,
    load_inconsistencies,
    load_side_bands,
)
from na62dump.inference.statistics.compatibility import compare
from na62dump.inference.statistics.joint import compare_jointly
from na62dump.regions import Box, Planes
from na62dump.studies.reproduction.comparison import Section, numbers, words
from na62dump.units import LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from na62dump.inference.published import Expectations, Printed, SideBands
    from na62dump.inference.published.counts import Expectation
    from na62dump.regions.shapes import Region
    from na62dump.studies.reproduction.comparison import Line

CONTROL, SIGNAL = "CR", "SR"

M = LENGTH["m"]

CHOSEN_BY = "outside CR"
"""Side band whose printed p-value decided what an uncertainty of the background means."""


def side_bands() -> Section:
    """p-values of the side bands of the search for two muons.

    Returns
    -------
    Section
        Printed and computed p-values of each region, where both are given; those of two regions at their right place.
    """
    table = load_side_bands()
    lines = [line for printed in table.corrected() for line in _p_values(printed, table)]
    chosen_by = next(row for row in table.row if row.region == CHOSEN_BY)
    known = compare(chosen_by.observed, chosen_by.expected).p_n
    notes = (
        (
            "Probability of a count: Poisson, averaged over a Gaussian of the expectation cut off at 0. p_N: of at least as many "
            "as observed; p_L: of all counts that are at most as probable as the observed one, for several regions jointly."
        ),
        (
            f"That the average is over a Gaussian was chosen because p_N of {CHOSEN_BY} needs it ({known:.2f} without, "
            f"{chosen_by.p_n:g} printed); that p_L of several regions is that of their joint probability, because that of their sum is another."
        ),
        f"The p-values of {' and '.join(table.exchanged)} are printed exchanged, which was inferred from computing them; they are compared at their right place.",
    )
    return Section("Side bands of the search for two muons", tuple(lines), notes)


def _p_values(printed: Printed, table: SideBands) -> Iterator[Line]:
    found = compare(printed.observed, printed.expected, uncertainty=printed.uncertainty)
    ours = {"p_n": found.p_n, "p_l": _joint(printed, table) if printed.together else found.p_l}
    told = f"{printed.expected:g} +- {printed.uncertainty:g} expected, {printed.observed} observed"
    exchanged = "; printed in the line of the other region" if printed.region in table.exchanged else ""
    for name, title in (("p_n", "p_N"), ("p_l", "p_L")):
        said: float | None = getattr(printed, name)
        if said is not None:
            chosen = printed.region == CHOSEN_BY and name == "p_n"
            jointly = bool(printed.together) and name == "p_l"
            yield numbers(
                f"{printed.region}: {title}",
                published=said,
                ours=ours[name],
                tolerance=printed.rounding,
                remark=told + exchanged,
                kind="fitted" if chosen or exchanged or jointly else "predicted",
            )


def _joint(printed: Printed, table: SideBands) -> float:
    rows = {row.region: row for row in table.row}
    parts = [rows[name] for name in printed.together]
    common = printed.uncertainty / printed.expected
    joint = compare_jointly([row.observed for row in parts], [row.expected for row in parts], common=common)
    return joint.p_l


def expectations() -> Section:
    """Background of the search for two muons as a flat density of events in the plane of the regions.

    Returns
    -------
    Section
        The density is that of the published control region; the signal region is predicted from it.
    """
    published, areas = load_expectations(), _areas("mumu")
    control, signal = published.of("mumu", CONTROL), published.of("mumu", SIGNAL)
    density = control.expected / areas[CONTROL]
    bands = {row.region: row for row in load_side_bands().row}
    lines = [
        words(
            f"{CONTROL}: expected",
            published=control.expected,
            ours=None,
            kind="input",
            remark=f"gives the density, {density * M:.3g} per mm m",
        ),
        numbers(
            f"{SIGNAL}: expected",
            published=signal.expected,
            ours=density * areas[SIGNAL],
            tolerance=signal.rounding + control.rounding * areas[SIGNAL] / areas[CONTROL],
            remark="density times area; the regions are published. Tolerance: rounding of both printed numbers",
        ),
        *_rings(bands, areas, density=density),
    ]
    outside = bands[CHOSEN_BY]
    needed = outside.expected / density / M
    remark = f"the area of the plane is not published: the density would need {needed:.3g} mm m"
    lines.append(words(f"{CHOSEN_BY}: expected", published=outside.expected, ours=None, remark=remark))
    notes = (
        (
            f"Counts of {load_exclusions().protons:g} protons on target. Random pairs of halo muons fill the plane of CDA_TAX and "
            "Z_TAX evenly."
        ),
    )
    return Section("Expected background of the search for two muons", tuple(lines), notes)


def _rings(bands: Mapping[str, Printed], areas: Mapping[str, float], *, density: float) -> Iterator[Line]:
    """Validation regions: density in 1/mm^2, areas in mm^2."""
    remark = "the shape is not published: its area was chosen to give this number. Tolerance: the published error"
    for name in [name for name in areas if name in bands and name not in (CONTROL, SIGNAL)]:
        yield numbers(
            f"{name}: expected",
            published=bands[name].expected,
            ours=density * areas[name],
            tolerance=bands[name].uncertainty,
            remark=remark,
            kind="fitted",
        )


def _areas(search: str) -> Mapping[str, float]:
    """Area of each region of a search without those inside of it, mm^2."""
    plane = conf.load(conf.find("regions"), Planes)[search]
    found, inside = {}, 0.0
    for region in plane.region:
        whole = _area(region)
        found[region.name], inside = whole - inside, whole
    return found


def _area(region: Region) -> float:
    """What a region covers, mm^2; distances from the beam are not below 0, so that of an ellipse around it half counts."""
    if isinstance(region, Box):
        return (region.x[1] - region.x[0]) * (region.y[1] - region.y[0])
    return math.pi / 2 * math.prod(region.semi_axes)


def electrons() -> Section:
    """Backgrounds of the search for two electrons: what their asymmetric errors say.

    Returns
    -------
    Section
        Probability of the observed zero, and widths of a log-normal law from the errors at both levels.
    """
    table = load_expectations()
    rows = [row for row in table.row if row.search == "ee"]
    none = [
        words(
            f"{row.region}: probability of no event",
            published=None,
            ours=math.exp(-row.expected),
            remark=f"{_told(row)}; {row.observed} observed",
        )
        for row in rows
        if row.observed is not None
    ]
    signal, control, areas = table.of("ee", SIGNAL), table.of("ee", CONTROL), _areas("ee")
    laws = [
        numbers(
            f"{row.region}: log-normal width from the upper error at {row.level:.0%}",
            published=_width(signal),
            ours=_width(row),
            tolerance=table.agreement.log_normal,
            remark=f"{_told(row)}; beside that of {_told(signal)}",
        )
        for row in rows
        if row is not signal
    ]
    notes = (
        (
            f"The background of two electrons is not flat: {SIGNAL} has {signal.expected / control.expected:.2g} times that of "
            f"{CONTROL}, whose area is {areas[CONTROL] / areas[SIGNAL]:.3g} times its own. Nothing predicts it from the side bands."
        ),
        (
            "A log-normal law with the printed value as median has one width: ln(1 + upper error / value) over the two-sided "
            "standard deviations of the level."
        ),
    )
    return Section("Expected background of the search for two electrons", (*none, *laws, *_misprints(table)), notes)


def _misprints(table: Expectations) -> Iterator[Line]:
    for row in table.misprint:
        right = table.of(row.search, row.region)
        yield numbers(
            f"{row.region}: upper error at {row.level:.0%}",
            published=row.up,
            ours=right.up,
            tolerance=row.rounding,
            remark=f"{row.source}: a digit is missing, and the level is that of other errors; ours: {_told(right)}",
            kind="input",
        )


def _told(row: Expectation) -> str:
    return f"{row.expected:g} +{row.up:g} -{row.down:g} at {row.level:.0%} ({row.source})"


def _width(row: Expectation) -> float:
    return row.log_width / float(ndtri((1 + row.level) / 2))


def disagreements() -> Section:
    """Where the published texts disagree.

    Returns
    -------
    Section
        Notes only: what is printed, and what is used here.
    """
    notes = tuple(f"{each.what}: printed {each.printed}. Used: {each.used}." for each in load_inconsistencies())
    return Section("Where the published texts disagree", (), notes)
