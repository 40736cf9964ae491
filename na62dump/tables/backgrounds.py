"""Tables of backgrounds: estimates, where their uncertainties come from, what they were made from, cross-checks."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from na62dump.background.closures import closure
from na62dump.inference import validation_of
from na62dump.regions import UNDEFINED
from na62dump.tables.samples import opened
from na62dump.tables.table import Cell, Single, Table, ratio
from na62dump.tables.validation import beside, validation
from na62dump.tables.vetoes import suppression, veto_fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.background.checks import Check
    from na62dump.background.estimate import Estimate

TOGETHER = "all of these"
"""What stands for the regions of a check together."""


def of_backgrounds(found: Backgrounds) -> list[Table]:
    """All that a file of backgrounds says.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    list of Table
        Validation, estimates, systematic uncertainties, inputs, checks, vetoes, remarks; those without rows are left out,
        but not the first two.
    """
    compared = validation_of(found)
    first = [validation(compared), backgrounds(found)]
    rest = [
        *(beside(compared), systematics(found), inputs(found), checks(found)),
        *(veto_fits(found), suppression(found), remarks(found)),
    ]
    return [*first, *(table for table in rest if table.rows)]


def backgrounds(found: Backgrounds) -> Table:
    """Expected counts by region and mechanism.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Table
        Counts with their uncertainties; a limit is at 90% CL.
    """
    rows = tuple(
        (
            *(region, estimate.mechanism, float(estimate.expected[at]), float(estimate.statistical[at])),
            *(_systematic(estimate, at), _limit(estimate, at)),
            "yes" if region in estimate.sized_by else "no",
        )
        for region, estimate, at in _places(found)
    )
    head = (
        "region",
        "mechanism",
        "expected",
        "statistical",
        "systematic",
        "upper limit (90% CL)",
        "scaled to its data",
    )
    return Table(f"Expected candidates of background in {found.state.analysis}; {opened(found)}", head, rows)


def systematics(found: Backgrounds) -> Table:
    """Systematic uncertainties by mechanism, source and region.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Table
        Counts, and the share of the expected ones.
    """
    rows = tuple(
        (estimate.mechanism, source, region, float(widths[at]), ratio(float(widths[at]), float(estimate.expected[at])))
        for region, estimate, at in _places(found)
        for source, widths in estimate.systematic.items()
    )
    head = ("mechanism", "source", "region", "uncertainty", "relative")
    return Table("Systematic uncertainties; one source moves all regions together", head, _sorted(rows, found))


def inputs(found: Backgrounds) -> Table:
    """What the estimates were made from, those of cross-checks too.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Table
        The method, and one row for each input; lists stay lists.
    """
    rows = tuple(
        (estimate.mechanism, name, value)
        for estimate in (*found.estimates, *found.inverted)
        for name, value in (("method", estimate.method), *_flat(estimate.inputs))
    )
    return Table("Inputs of the estimates; mm, ns, MeV", ("mechanism", "input", "value"), rows)


def checks(found: Backgrounds) -> Table:
    """Cross-checks in visible regions.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Table
        Counts, and observed over expected ones with its error, for each region and then for those of a check together.
    """
    named: dict[tuple[str, str], list[Check]] = {}
    for check in found.checks:
        named.setdefault((check.name, check.what), []).append(check)
    rows = tuple(row for of_one in named.values() for row in _check_rows(of_one))
    head = (
        "check",
        "region",
        "observed",
        "expected",
        "uncertainty",
        "observed / expected",
        "error",
        "what is compared",
    )
    return Table("Cross-checks; the error of the ratio takes no count for less than 1", head, rows)


def remarks(found: Backgrounds) -> Table:
    """What was not estimated, and why."""
    undescribed = (f"{name}: not described in config/background.toml for this search" for name in found.undescribed)
    return Table("Remarks", ("remark",), tuple((text,) for text in (*found.remarks, *undescribed)))


def _places(found: Backgrounds) -> Iterator[tuple[str, Estimate, int]]:
    """Every region with each mechanism that knows it."""
    for region in found.state.regions:
        for estimate in found.estimates:
            if region in estimate.regions and region != UNDEFINED:
                yield region, estimate, estimate.regions.index(region)


def _systematic(estimate: Estimate, at: int) -> float:
    return math.hypot(*(float(widths[at]) for widths in estimate.systematic.values()))


def _limit(estimate: Estimate, at: int) -> float | None:
    limit = float(estimate.limit[at])
    return None if math.isnan(limit) else limit


def _sorted(rows: tuple[tuple[Cell, ...], ...], found: Backgrounds) -> tuple[tuple[Cell, ...], ...]:
    """By mechanism and source, instead of by region."""
    order = {(e.mechanism, source): None for e in found.estimates for source in e.systematic}
    return tuple(row for pair in order for row in rows if row[:2] == pair)


def _check_rows(of_one: Sequence[Check]) -> Iterator[tuple[Cell, ...]]:
    """Rows of one check; regions share no rows."""
    for check in of_one:
        one = closure([check])
        found = (one.ratio, one.error) if one else (None, None)
        yield (check.name, check.region, check.observed, check.expected, check.uncertainty, *found, check.what)
    whole = closure(of_one)
    if whole and len(of_one) > 1:
        numbers = (whole.observed, whole.expected, whole.uncertainty, whole.ratio, whole.error)
        yield (of_one[0].name, TOGETHER, *numbers, of_one[0].what)


def _flat(given: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Cell]]:
    """Inputs with names of all levels; what is deeper than a list is JSON."""
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list | tuple):
            yield f"{before}{name}", tuple(_single(each) for each in value)
        else:
            yield f"{before}{name}", _single(value)


def _single(value: object) -> Single:
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)
