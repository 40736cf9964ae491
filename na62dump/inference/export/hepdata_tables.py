"""Limits as tables of numbers, as HEPData has them: columns that are given, and columns that depend on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.inference.exclusion import contours
from na62dump.inference.exclusion.lifetimes import has_product, product_limits
from na62dump.inference.exclusion.limits import EXPECTED, OBSERVED, band_name
from na62dump.inference.export.accepted import check_acceptance
from na62dump.inference.export.workspace import most_sensitive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.inference.counts.counting import Counting
    from na62dump.inference.exclusion.lifetimes import ProductLimits
    from na62dump.inference.exclusion.limits import Limits, Scan
    from na62dump.signal.acceptance import Acceptance


@dataclass(frozen=True, eq=False)
class Column:
    """Numbers of one kind.

    Attributes
    ----------
    name, unit : str
        What they are; the unit is empty for pure numbers.
    values : float64[row], int64[row] or sequence of str
        In the unit.
    errors : mapping of str to float64[row]
        Symmetric errors by name, in the unit.
    """

    name: str
    unit: str
    values: NDArray[Any] | Sequence[str]
    errors: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table.

    Attributes
    ----------
    name, about : str
        A title of at most 64 characters, and what a reader has to know.
    observable : str
        Kind of the numbers, for those who search.
    given, found : tuple of Column
        Independent and dependent variables.
    confidence : float or None
        Level of limits, a pure number; None for what is no limit.
    """

    name: str
    about: str
    observable: str
    given: tuple[Column, ...]
    found: tuple[Column, ...]
    confidence: float | None = None


def sheets(
    limits: Limits, acceptances: Sequence[Acceptance] = (), *, decay_lengths: NDArray[np.float64]
) -> tuple[Sheet, ...]:
    """All tables of a submission.

    Parameters
    ----------
    limits : Limits
        What is exported; what is hidden in it has no column.
    acceptances : sequence of Acceptance
        Of its searches.
    decay_lengths : float64[c], mm
        Proper decay lengths of the tables of accepted decays.

    Returns
    -------
    tuple of Sheet
        For each search, and for all together: excluded couplings, or limits on a free product of branching ratios, upper limits
        and counts; then accepted decays.

    Raises
    ------
    ConfigurationError
        If an acceptance is not that of the limits.
    """
    product = has_product(limits.coupling)
    found = [_product(limits, each) for each in product_limits(limits)] if product else []
    for scan in limits.scans:
        found.extend(() if product else _excluded(limits, scan))
        if scan.events.any():
            found.append(_upper_limits(limits, scan))
        found.append(_counts(scan))
    for acceptance in acceptances:
        found.extend(_accepted(limits, acceptance, decay_lengths=decay_lengths))
    return tuple(found)


def _title(counting: Counting) -> str:
    return counting.name if len(counting.searches) == 1 else "all searches"


def _excluded(limits: Limits, scan: Scan) -> Iterator[Sheet]:
    """Intervals of excluded couplings; a version of the limit that excludes nothing has no table."""
    meanings = _meanings(limits)
    for version, bound in limits.curves(scan).items():
        height = contours.surface(scan.events, bound)
        rows = contours.intervals(height, masses=limits.masses, couplings=limits.couplings)
        if not rows:
            continue
        name, unit = _coupling(limits)
        ends = ["beyond the grid" if row.open_low or row.open_high else "inside" for row in rows]
        yield Sheet(
            f"{_title(scan.counting)} excluded {name} {version}",
            f"Excluded interval of {limits.coupling['label']} at each mass, {meanings[version]}; a mass with several intervals has "
            f"several rows. {_how(limits)} {_remarks(scan.counting)}",
            limits.method.upper(),
            (Column("Mass", "MEV", np.array([row.mass for row in rows])),),
            (
                Column(f"Lowest excluded {name}", unit, np.array([row.low for row in rows])),
                Column(f"Highest excluded {name}", unit, np.array([row.high for row in rows])),
                Column("The exclusion ends", "", ends),
            ),
            limits.confidence,
        )


def _product(limits: Limits, found: ProductLimits) -> Sheet:
    """Limits on a product of branching ratios, where signal is expected."""
    rows, columns = np.nonzero(np.isfinite(found.result))
    return Sheet(
        f"{found.search} limits on the product",
        f"Upper limits on {found.product} at each mass and lifetime. {_how(limits)}",
        limits.method.upper(),
        (Column("Mass", "MEV", found.masses[rows]), Column("Lifetime", "ns", found.lifetimes[columns])),
        tuple(
            Column(f"Limit on {found.product}, {version}", "", curve[rows, columns])
            for version, curve in found.curves.items()
        ),
        limits.confidence,
    )


def _upper_limits(limits: Limits, scan: Scan) -> Sheet:
    """Against mass, at the coupling with the most signal per excluded signal."""
    some = np.flatnonzero(scan.events.any(axis=1))
    at = (some, most_sensitive(scan)[some])
    name, unit = _coupling(limits)
    versions = tuple((version, bound[at]) for version, bound in limits.curves(scan).items())
    return Sheet(
        f"{_title(scan.counting)} upper limits",
        f"Upper limits on the number of signal events, and on the signal in units of that of {limits.label}, at the {name} that "
        f"is the most sensitive one at each mass. {_how(limits)} {_remarks(scan.counting)}",
        "N",
        (Column("Mass", "MEV", limits.masses[some]),),
        (
            Column(name, unit, limits.couplings[at[1]]),
            Column("Expected signal", "events", scan.events[at], {"uncertainty": scan.relative[at] * scan.events[at]}),
            *(Column(f"Limit on events, {version}", "events", bound) for version, bound in versions),
            *(
                Column(f"Limit on signal strength, {version}", "", bound / scan.events[at])
                for version, bound in versions
            ),
        ),
        limits.confidence,
    )


def _counts(scan: Scan) -> Sheet:
    """Windows, background and observation against mass."""
    counting = scan.counting
    windows = [
        Column(f"{end} measured mass, {search}", "MEV", counting.windows[:, n, side])
        for n, search in enumerate(counting.searches)
        for side, end in enumerate(("Lowest", "Highest"))
    ]
    mechanisms = zip(counting.mechanisms, counting.by_mechanism, counting.by_uncertainty, strict=True)
    seen = () if counting.observed is None else (Column("Observed", "events", counting.observed),)
    return Sheet(
        f"{_title(counting)} counts",
        f"Background {'and observed events ' if seen else ''}in the mass window of each hypothesis, in {', '.join(counting.regions)}. "
        f"{_remarks(counting)}",
        "N",
        (Column("Mass", "MEV", counting.masses),),
        (
            *(column for column in windows if np.isfinite(column.values).all()),
            *(
                Column(f"Signal in the window, {one}", "", counting.shares[:, n])
                for n, one in enumerate(counting.searches)
            ),
            Column("Background", "events", counting.expected, {"uncertainty": counting.uncertainty}),
            *(
                Column(f"Background, {name}", "events", each, {"uncertainty": error})
                for name, each, error in mechanisms
            ),
            *seen,
        ),
    )


def _accepted(limits: Limits, acceptance: Acceptance, *, decay_lengths: NDArray[np.float64]) -> Iterator[Sheet]:
    """Against mass and lifetime, one table for each production channel and final state."""
    regions = _regions(limits, acceptance)
    for (channel, final_state), samples in acceptance.series.items():
        masses = np.array([sample.mass for sample in samples])
        each = [acceptance.fractions(channel, final_state, mass=mass, ctau=decay_lengths) for mass in masses.tolist()]
        share, error = (np.stack(tables, axis=1) for tables in zip(*each, strict=True))
        yield Sheet(
            f"{acceptance.analysis} accepted {final_state} from {channel}",
            f"Share of all particles from {channel} that decay to {final_state} where {acceptance.analysis} selects them, for each "
            "that is made and decays so: decay probability times acceptance times efficiencies; the errors are those of the "
            "simulation. Another model with the same production and decay needs its own numbers of particles, branching ratio "
            "and lifetime only.",
            "ACC",
            (
                Column("Mass", "MEV", np.repeat(masses, len(decay_lengths))),
                Column("Proper decay length", "MM", np.tile(decay_lengths, len(masses))),
            ),
            tuple(
                Column(f"Accepted in {region}", "", share[n].ravel(), {"simulation": error[n].ravel()})
                for n, region in enumerate(acceptance.regions)
                if region in regions
            ),
        )


def _regions(limits: Limits, acceptance: Acceptance) -> tuple[str, ...]:
    """Regions where the limits count the decays of an acceptance."""
    found = {search: scan.counting.regions for scan in limits.scans for search in scan.counting.searches}
    check_acceptance(acceptance, limits.model, searches=found, digests=limits.digests)
    return found[acceptance.analysis]


def _coupling(limits: Limits) -> tuple[str, str]:
    """Name and unit of the coupling."""
    unit = limits.coupling["unit"]
    return limits.coupling["name"], "" if unit == "1" else unit.upper()


def _meanings(limits: Limits) -> dict[str, str]:
    """What the names of `Limits.curves` stand for."""
    bands = {band_name(width): f"expected at {width:+g} standard deviations" for width in limits.widths}
    return {OBSERVED: OBSERVED, EXPECTED: "expected from background alone", **bands}


def _how(limits: Limits) -> str:
    """What the limits are, in words."""
    included = " and ".join(limits.included) or "nothing"
    what = f"Method: {limits.method}, {limits.confidence:.0%} CL; uncertainties of the signal that are included: {included}."
    if limits.projected is None:
        return what
    return f"{what} Projected to {limits.protons:g} protons from {limits.projected:g}."


def _remarks(counting: Counting) -> str:
    limited = f"Only an upper limit is known of {', '.join(counting.limited)}, not counted." if counting.limited else ""
    return " ".join([limited, *(f"{remark}." for remark in counting.remarks)]).strip()
