"""Tables of an analysis: what it asks, and where it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump import units
from na62dump.histograms import NOMINAL
from na62dump.reconstruction import quantity
from na62dump.regions import Box, differences
from na62dump.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from na62dump.analysis import Analysis, Varied
    from na62dump.regions import Ellipse, Plane


def requirements(
    analysis: Analysis, traced: Mapping[str, tuple[str, ...]], *, columns: Mapping[str, tuple[str, ...]]
) -> Table:
    """Requirements of an analysis in order, with what each reads.

    Parameters
    ----------
    analysis : Analysis
        The search.
    traced : mapping of str to tuple of str
        Quantities that each requirement reads.
    columns : mapping of str to tuple of str
        Columns of the ntuple that each requirement reads.

    Returns
    -------
    Table
        One row per requirement.
    """
    rows = tuple((name, ", ".join(traced[name]), ", ".join(columns[name])) for name in traced)
    return Table(
        f"Requirements of {analysis.name}, in order", ("requirement", "quantities", "columns of the ntuple"), rows
    )


def region_shapes(plane: Plane, *, name: str, opened: Collection[str] = ()) -> Table:
    """Regions of an analysis, in order of precedence, with their edges and units.

    Parameters
    ----------
    plane : Plane
        The regions.
    name : str
        Name of the analysis.
    opened : collection of str
        Hidden regions that have been opened.

    Returns
    -------
    Table
        One row per region.
    """
    columns = plane.columns
    rows = tuple(
        (
            region.name,
            region.shape,
            *(_extent(region, along, unit=quantity(column).unit) for along, column in enumerate(columns)),
            ("opened" if region.name in opened else "hidden") if region.hidden else "visible",
        )
        for region in plane.region
    )
    return Table(f"Regions of {name}; the first that holds a row has it", ("region", "shape", *columns, "data"), rows)


def of_plane(plane: Plane, *, name: str, opened: Collection[str] = ()) -> tuple[Table, ...]:
    """Regions of an analysis, and its control samples if it has any.

    Parameters
    ----------
    plane : Plane
        The regions.
    name : str
        Name of the analysis.
    opened : collection of str
        Hidden regions and control samples that have been opened.

    Returns
    -------
    tuple of Table
        One row per region; one row per control sample.
    """
    shapes = region_shapes(plane, name=name, opened=opened)
    rows = tuple(
        (
            control.name,
            ", ".join(control.inside),
            control.column,
            " to ".join(_text(edge, quantity(control.column).unit) for edge in control.beyond),
            "opened" if control.name in opened else "hidden",
        )
        for control in plane.control
    )
    controls = Table(f"Control samples of {name}", ("control sample", "inside", "column", "beyond", "data"), rows)
    return (shapes, controls) if rows else (shapes,)


def _extent(region: Box | Ellipse, along: int, *, unit: str) -> str:
    if isinstance(region, Box):
        low, high = (_text(edge, unit) for edge in (region.x, region.y)[along])
        return f"{low} to {high}"
    return f"{_text(region.centre[along], unit)}, semi-axis {_text(region.semi_axes[along], unit)}"


def _text(value: float, unit: str) -> str:
    """Value with its unit; lengths from 1 m on are in m."""
    if unit == "mm" and abs(value) >= units.LENGTH["m"]:
        value, unit = value / units.LENGTH["m"], "m"
    return f"{value!r}".removesuffix(".0") + ("" if unit == "1" else f" {unit}")


def kept_with(analysis: Analysis) -> Table:
    """What else decides which events of data are hidden: other analyses of the same events, and variations."""
    others = [
        ("analysis of the same events", name, ", ".join(sorted(k.plane.hidden))) for name, k in analysis.kin.items()
    ]
    varied = [
        ("systematic variation", name, _changes(varied, analysis))
        for name, varied in analysis.variations.items()
        if name != NOMINAL
    ]
    return Table(
        f"What hides events of {analysis.name} too", ("what", "name", "regions, or changes"), (*others, *varied)
    )


def _changes(varied: Varied, analysis: Analysis) -> str:
    factors = [f"{column} x {factor:g}" for column, factor in varied.scaling.factors]
    shifts = [f"{column} {shift:+g}" for column, shift in varied.scaling.shifts]
    cuts = differences(analysis.cuts.model_dump(), varied.cuts.model_dump())
    return ", ".join([*factors, *shifts, *([cuts] if cuts else [])])
