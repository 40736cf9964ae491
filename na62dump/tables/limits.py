"""Tables of limits: how far they reach, and what is tested best at each mass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.inference.exclusion.exclusions import Exclusion, best, exclusions
from na62dump.inference.exclusion.limits import EXPECTED
from na62dump.inference.statistics.compatibility import significance
from na62dump.reach import spread
from na62dump.tables.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from na62dump.inference.exclusion.limits import Limits, Scan

SOME = 8
"""Masses that a person is shown."""


def limits(of: Limits) -> Table:
    """How far each curve of each search excludes.

    Parameters
    ----------
    of : Limits
        What ``na62dump limit`` wrote.

    Returns
    -------
    Table
        One row for each scan and curve: masses (MeV) and couplings of the excluded regions, their area (MeV times decades of
        the coupling), their number and that of allowed islands in them, excluded points of the grid, and the edges of the
        grid at which they are cut off.
    """
    name = coupling_name(of)
    head = ("search", "limit", "from mass [MeV]", "to mass [MeV]", f"from {name}", f"to {name}", "area [MeV x decades]")
    rows = (
        (scan.counting.name, curve, *_reach(found))
        for scan in of.scans
        for curve, found in exclusions(of, scan).items()
    )
    return Table(
        f"Excluded regions; {said(of)}", (*head, "regions", "islands", "points", "goes on beyond"), tuple(rows)
    )


def limits_by_mass(of: Limits, *, most: int | None = SOME) -> Table:
    """What is counted at each mass, the coupling that is tested best, and what is excluded.

    Parameters
    ----------
    of : Limits
        What ``na62dump limit`` wrote.
    most : int, optional
        Number of masses; all of the grid if None.

    Returns
    -------
    Table
        One row for each scan and mass (MeV): background, observed count, its local significance (standard deviations of an
        excess in the window, two-sided), the coupling with the most signal over its limit,
        the signal there, its limits, observed and expected, and the excluded couplings.
    """
    name = coupling_name(of)
    head = ("search", "mass [MeV]", "background", "+-", "counts", "sigma (local)", f"best {name}", "events")
    rows = tuple(row for scan in of.scans for row in _masses(of, scan, most=most))
    return Table(
        f"Upper limits on events; {said(of)}", (*head, "observed limit", "expected limit", f"excluded {name}"), rows
    )


def said(of: Limits) -> str:
    """What all limits are of, of what uncertainty, and which backgrounds count as none because nothing is known of them."""
    number = f"{of.protons:.3g} protons on target"
    if of.projected is not None:
        number = f"projected from {of.projected:.3g} to {number}"
    missing = f"; no estimate of: {', '.join(of.missing)}" if of.missing else ""
    return f"{of.model}, {of.confidence:.0%} CL ({of.method}), {number}; {of.uncertainties}{missing}"


def coupling_name(of: Limits) -> str:
    """Name of the coupling, with its unit if it has one."""
    name, unit = of.coupling["name"], of.coupling["unit"]
    return name if unit == "1" else f"{name} [{unit}]"


def _reach(found: Exclusion) -> tuple[Cell, ...]:
    reach = found.extents
    if reach is None:
        return (None, None, None, None, None, 0, 0, found.points, None)
    ends = (reach.mass_low, reach.mass_high, reach.coupling_low, reach.coupling_high)
    return (*ends, reach.area, reach.regions, reach.holes, found.points, ", ".join(reach.open) or None)


def _masses(of: Limits, scan: Scan, *, most: int | None) -> Iterator[tuple[Cell, ...]]:
    shown = exclusions(of, scan)[scan.shown].intervals
    tested, expected = (best(of, scan, curve=curve) for curve in (scan.shown, EXPECTED))
    counting, number = scan.counting, len(of.masses)
    for row in spread(number, number if most is None else most):
        mass, at = float(of.masses[row]), tested[row]
        seen = counting.observed
        counts = None if seen is None else int(seen[row])
        local = None if scan.p_values is None else significance(float(scan.p_values[row]))
        limit = None if scan.observed is None else at.limit
        excluded = tuple(f"{each.low:.3g} to {each.high:.3g}" for each in shown if each.mass == mass)
        background = float(counting.expected[row]), float(counting.uncertainty[row])
        best_point = (at.coupling, at.events) if at.events > 0 else (None, None)
        yield (
            counting.name,
            mass,
            *background,
            counts,
            local,
            *best_point,
            limit,
            expected[row].limit,
            excluded or None,
        )
