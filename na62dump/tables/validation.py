"""Tables of expected against observed counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.inference.statistics.discovery import minimum_counts
from na62dump.tables.samples import HIDDEN
from na62dump.tables.table import Table

if TYPE_CHECKING:
    from na62dump.inference.validation import Row, Validation

DISCOVERY = 5.0
"""Standard deviations, two-sided, that an observation takes."""


def validation(found: Validation) -> Table:
    """Expected and observed counts with their p-values, of regions and then of sets of regions.

    Parameters
    ----------
    found : Validation
        The comparison.

    Returns
    -------
    Table
        Counts, p-values and standard deviations; hidden counts are named so. The fewest counts that would make 5 standard
        deviations, where something is expected.
    """
    rows = tuple(
        (
            *(row.region, row.expected, row.uncertainty, HIDDEN if row.observed is None else row.observed),
            *(row.p_n, row.p_l, row.significance, _fewest(row), ", ".join(row.sizes)),
        )
        for row in (*found.rows, *found.joint)
    )
    head = (
        "region",
        "expected",
        "uncertainty",
        "observed",
        "p (as many or more)",
        "p (as probable or less)",
        "sigma",
        f"fewest for {DISCOVERY:g} sigma",
        "no test of",
    )
    return Table("Expected and observed counts; sigma: two-sided, of an excess", head, rows)


def _fewest(row: Row) -> int | None:
    """Counts of an excess of `DISCOVERY`, over a Gaussian of the expectation as the p-values."""
    if not row.expected > 0:
        return None
    return int(minimum_counts(row.expected, uncertainty=row.uncertainty, prior="gaussian", deviations=DISCOVERY))


def beside(found: Validation) -> Table:
    """What is not in the expected counts: upper limits, and mechanisms that no Gaussian describes.

    Parameters
    ----------
    found : Validation
        The comparison.

    Returns
    -------
    Table
        Counts; a limit is at 90% CL.
    """
    rows = tuple((b.mechanism, b.region, b.expected, b.uncertainty, b.limit) for b in found.beside)
    return Table("Not added", ("mechanism", "region", "expected", "uncertainty", "upper limit (90% CL)"), rows)
