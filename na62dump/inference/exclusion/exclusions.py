"""What limits exclude: regions and intervals of every curve, as files and as one JSON object."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.inference.exclusion.contours import (
    Extents,
    Interval,
    Polygon,
    extents,
    intervals,
    polygons,
    surface,
    to_csv,
)
from na62dump.inference.exclusion.limits import GRIDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.inference.exclusion.limits import Limits, Scan

CONTOUR, FOLDER = "contour.csv", "contours"
COUNTED = "name", "searches", "regions", "mechanisms", "limited", "missing", "remarks"
"""What is told of counts in words."""


@dataclass(frozen=True, eq=False)
class Exclusion:
    """What one curve of limits excludes.

    Attributes
    ----------
    polygons : tuple of Polygon
        Regions with their holes.
    intervals : tuple of Interval
        Couplings at each mass of the grid.
    extents : Extents or None
        How far the regions reach; None if there is none.
    points : int
        Excluded points of the grid.
    """

    polygons: tuple[Polygon, ...]
    intervals: tuple[Interval, ...]
    extents: Extents | None
    points: int


@dataclass(frozen=True)
class Best:
    """Point of the grid at one mass where the expected signal is largest over its limit.

    Attributes
    ----------
    coupling : float
        In its unit.
    events : float
        Expected signal.
    limit : float, counts
        Upper limit on it.
    """

    coupling: float
    events: float
    limit: float


def exclusion(limits: Limits, scan: Scan, *, curve: str) -> Exclusion:
    """What a curve excludes.

    Parameters
    ----------
    limits : Limits
        Has the grid.
    scan : Scan
        One of its scans.
    curve : str
        A name of `Limits.curves`.

    Returns
    -------
    Exclusion
        Excluded is where more signal is expected than the limit allows.

    Raises
    ------
    KeyError
        If there is no such curve.
    """
    height = surface(scan.events, limits.curves(scan)[curve])
    grid = {"masses": limits.masses, "couplings": limits.couplings}
    found = polygons(height, **grid)
    crossed = intervals(height, **grid)
    return Exclusion(found, crossed, extents(found, crossed), int((height > 0).sum()))


def exclusions(limits: Limits, scan: Scan) -> dict[str, Exclusion]:
    """What every curve of a scan excludes, by its name."""
    return {curve: exclusion(limits, scan, curve=curve) for curve in limits.curves(scan)}


def contour_files(limits: Limits) -> dict[str, str]:
    """Content of files of contours, by their names.

    Parameters
    ----------
    limits : Limits
        What is written.

    Returns
    -------
    dict of str to str
        ``contour.csv`` for `Limits.main`: observed, or expected while its counts are hidden. All curves of it in
        ``contours/``, and of each search in a folder of its name there, if there are several.
    """
    main, files = limits.main, {}
    folders = {FOLDER if scan is main else f"{FOLDER}/{scan.counting.name}": scan for scan in limits.scans}
    if main is not None:
        files[CONTOUR] = to_csv(exclusion(limits, main, curve=main.shown).intervals)
    for folder, scan in folders.items():
        files |= {f"{folder}/{curve}.csv": to_csv(found.intervals) for curve, found in exclusions(limits, scan).items()}
    return files


def best(limits: Limits, scan: Scan, *, curve: str) -> tuple[Best, ...]:
    """Where each mass is tested best.

    Parameters
    ----------
    limits : Limits
        Has the grid.
    scan : Scan
        One of its scans.
    curve : str
        A name of `Limits.curves`.

    Returns
    -------
    tuple of Best
        One for each mass.
    """
    limit = limits.curves(scan)[curve]
    at = surface(scan.events, limit).argmax(axis=1)
    rows = np.arange(len(limits.masses))
    return tuple(map(Best, *(of.tolist() for of in (limits.couplings[at], scan.events[rows, at], limit[rows, at]))))


def to_json(limits: Limits) -> dict[str, Any]:
    """Plain lists and objects; what is hidden is not there, and an infinite window is null."""
    plain = {key: value for key, value in vars(limits).items() if key not in {*GRIDS, "scans"}}
    plain |= {"mass_unit": "MeV", "masses": limits.masses.tolist(), "couplings": limits.couplings.tolist()}
    return {
        **plain,
        "contour": limits.main.shown if limits.main else None,
        "scans": [_scan(limits, scan) for scan in limits.scans],
    }


def _scan(limits: Limits, scan: Scan) -> dict[str, Any]:
    counting = scan.counting
    counts = {"background": counting.expected.tolist(), "background_uncertainty": counting.uncertainty.tolist()}
    seen = {} if counting.observed is None else {"counts": counting.observed.tolist()}
    if scan.p_values is not None:
        seen["p_values"] = scan.p_values.tolist()
    told = {key: getattr(counting, key) for key in COUNTED}
    return {
        **told,
        "shown": scan.shown,
        "windows": _finite(counting.windows),
        "shares": counting.shares.tolist(),
        **counts,
        **seen,
        "best": {curve: [asdict(each) for each in best(limits, scan, curve=curve)] for curve in limits.curves(scan)},
        "excluded": {curve: _excluded(found) for curve, found in exclusions(limits, scan).items()},
    }


def _excluded(found: Exclusion) -> Mapping[str, Any]:
    return {
        "extents": asdict(found.extents) if found.extents else None,
        "points": found.points,
        "intervals": [each._asdict() for each in found.intervals],
        "polygons": [
            {"outer": each.outer.tolist(), "holes": [hole.tolist() for hole in each.holes], "open": list(each.open)}
            for each in found.polygons
        ],
    }


def _finite(windows: NDArray[np.float64]) -> list[list[list[float | None]]]:
    """Ends of windows, float64[m, search, 2], MeV; None for infinite ones."""
    return [[[end if np.isfinite(end) else None for end in ends] for ends in row] for row in windows.tolist()]
