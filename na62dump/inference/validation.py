"""Estimates of background against observed counts, region by region and for regions together."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.background.estimate import Estimate
from na62dump.background.mechanisms import added
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.inference.statistics.compatibility import compare, whole
from na62dump.inference.statistics.joint import compare_jointly
from na62dump.inference.statistics.marginal import marginal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


@dataclass(frozen=True)
class Row:
    """One region, or several together.

    Attributes
    ----------
    region : str
        Its name, or that of the set.
    expected, statistical, systematic, uncertainty : float, counts
        Expected number, its two uncertainties, and both in quadrature.
    observed : int or None
        Counts seen; None if hidden, and then nothing follows.
    p_n : float or None
        Probability of at least as many.
    p_l : float or None
        Probability of what is at most as probable: of counts, or for a set of joint outcomes.
    significance : float or None
        Two-sided standard deviations of an excess, from `p_n`.
    sizes : tuple of str
        Mechanisms whose size its own counts gave, so that it is no test of these.
    """

    region: str
    expected: float
    statistical: float
    systematic: float
    uncertainty: float
    observed: int | None = None
    p_n: float | None = None
    p_l: float | None = None
    significance: float | None = None
    sizes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beside:
    """What a mechanism says about a region without being added: no Gaussian describes it.

    Attributes
    ----------
    mechanism, region : str
        Names.
    expected, uncertainty : float, counts
        As estimated.
    limit : float or None, counts
        Upper limit at 90% CL, if that is what there is.
    """

    mechanism: str
    region: str
    expected: float
    uncertainty: float
    limit: float | None


@dataclass(frozen=True)
class Validation:
    """Observed against expected counts.

    Attributes
    ----------
    rows : tuple of Row
        One per region.
    joint : tuple of Row
        One per set of regions.
    beside : tuple of Beside
        What is not in the expected numbers.
    """

    rows: tuple[Row, ...]
    joint: tuple[Row, ...]
    beside: tuple[Beside, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and objects; a hidden number is null."""
        return {name: [asdict(entry) for entry in getattr(self, name)] for name in ("rows", "joint", "beside")}


def validate(
    estimates: Sequence[Estimate],
    observed: Mapping[str, int | None],
    *,
    joint: Mapping[str, Sequence[str]],
    beside: Collection[str] = (),
) -> Validation:
    """Compare the sum of all mechanisms with what was observed.

    The joint p_L splits the covariance of the set, statistical and systematic, into a relative uncertainty that is common to
    its regions, by their mean correlation, and what each region has beside it. Where every mechanism has an upper
    limit only, no p-value follows.

    Parameters
    ----------
    estimates : sequence of Estimate
        One per mechanism. Where one has an upper limit only, it is listed beside and not added.
    observed : mapping of str to int or None
        Counts of each region to compare; None if they are hidden.
    joint : mapping of str to sequence of str
        Named sets of these regions.
    beside : collection of str
        Mechanisms to list beside and not add, such as one with an asymmetric uncertainty.

    Returns
    -------
    Validation
        Rows in the order of `observed` and `joint`.

    Raises
    ------
    UnknownNameError
        If a region is in no estimate, or a set names one that is not compared, or `beside` names no mechanism.
    ConfigurationError
        If a number cannot be compared, a set is empty or names a region twice, or its joint sum has too many terms.
    """
    _check(estimates, observed, joint=joint, beside=beside)
    total = added([e for e in estimates if e.mechanism not in beside], tuple(observed))
    sets = [*((region, (region,)) for region in observed), *((name, tuple(among)) for name, among in joint.items())]
    rows = [
        replace(_row(total, name, regions=regions, observed=observed), sizes=_sizes(estimates, regions))
        for name, regions in sets
    ]
    return Validation(
        rows=tuple(rows[: len(observed)]),
        joint=tuple(rows[len(observed) :]),
        beside=tuple(entry for e in estimates for entry in _beside(e, observed, whole=e.mechanism in beside)),
    )


def compare_numbers(
    observed: Sequence[float], expected: Sequence[float], *, uncertainty: Sequence[float], common: float = 1.0
) -> Validation:
    """Compare counts and expectations that are just numbers; several regions also jointly.

    Parameters
    ----------
    observed : sequence of float
        Counts of each region, which have to be whole.
    expected, uncertainty : sequence of float, counts
        Expectation of each region.
    common : float
        Share of the uncertainties that moves all regions together; what is left of each in quadrature is its own.

    Returns
    -------
    Validation
        Regions are called 1, 2, ... and their set ``"all"``.

    Raises
    ------
    ConfigurationError
        If numbers of regions differ, the share is not between 0 and 1, or a number cannot be compared.
    """
    if not len(observed) == len(expected) == len(uncertainty):
        msg = f"{len(expected)} expected, {len(uncertainty)} uncertainties and {len(observed)} observed: give one of each for every region"
        raise ConfigurationError(msg)
    if not 0 <= common <= 1:
        msg = f"common share {common:g} of the uncertainties: it has to be between 0 and 1"
        raise ConfigurationError(msg)
    counts = [whole(count) for count in observed]
    for mean, width in zip(expected, uncertainty, strict=True):
        marginal(mean, width)  # refuses what is no expectation, before anything is summed
    widths = np.asarray(uncertainty, dtype=np.float64)
    given = Estimate(
        mechanism="given",
        method="numbers of the user",
        regions=tuple(str(place) for place in range(1, len(expected) + 1)),
        expected=np.asarray(expected, dtype=np.float64),
        covariance=np.diag((1 - common**2) * widths**2),
        systematic={"common": common * widths},
        limit=np.full(len(expected), np.nan),
        inputs={},
    )
    together = {"all": given.regions} if len(given.regions) > 1 else {}
    return validate([given], dict(zip(given.regions, counts, strict=True)), joint=together)


def _sizes(estimates: Sequence[Estimate], regions: Collection[str]) -> tuple[str, ...]:
    return tuple(e.mechanism for e in estimates if set(regions) & set(e.sized_by) & set(e.measured))


def _row(total: Estimate, name: str, *, regions: tuple[str, ...], observed: Mapping[str, int | None]) -> Row:
    at = [total.regions.index(region) for region in regions]
    expected, uncertainty = total.of(regions)
    systematic = math.hypot(*(float(widths[at].sum()) for widths in total.systematic.values()))
    statistical = math.sqrt(float(total.covariance[np.ix_(at, at)].sum()))
    row = Row(name, expected, statistical, systematic, uncertainty)
    seen = [count for region in regions if (count := observed[region]) is not None]
    if len(seen) < len(regions) or not expected > 0:
        return replace(row, observed=sum(seen) if len(seen) == len(regions) else None)
    found = compare(sum(seen), expected, uncertainty=uncertainty)
    p_l = found.p_l  # of a set: jointly, below
    if len(regions) > 1:
        common, separate = _shared(total, at)
        p_l = compare_jointly(seen, total.expected[at].tolist(), common=common, separate=separate).p_l
    return Row(name, expected, statistical, systematic, uncertainty, sum(seen), found.p_n, p_l, found.significance)


def _shared(total: Estimate, at: list[int]) -> tuple[float, list[float]]:
    """Relative uncertainty that regions have in common, by their mean correlation, and what each has beside it."""
    moved = np.array([widths[at] for widths in total.systematic.values()]).reshape(-1, len(at))
    covariance = total.covariance[np.ix_(at, at)] + moved.T @ moved
    errors, apart = np.sqrt(np.diag(covariance)), ~np.eye(len(at), dtype=np.bool_)
    products = np.outer(errors, errors)[apart].sum()
    correlation = min(max(float(covariance[apart].sum() / products), 0.0), 1.0) if products > 0 else 0.0
    common = math.sqrt(correlation) * float(errors.sum() / total.expected[at].sum())
    return common, (math.sqrt(1 - correlation) * errors).tolist()


def _beside(estimate: Estimate, regions: Collection[str], *, whole: bool) -> list[Beside]:
    added_up = () if whole else estimate.measured
    return [
        Beside(estimate.mechanism, name, float(expected), float(width), None if math.isnan(limit) else float(limit))
        for name, expected, width, limit in zip(
            estimate.regions, estimate.expected, estimate.uncertainty, estimate.limit, strict=True
        )
        if name in regions and name not in added_up
    ]


def _check(
    estimates: Sequence[Estimate],
    observed: Mapping[str, int | None],
    *,
    joint: Mapping[str, Sequence[str]],
    beside: Collection[str],
) -> None:
    known = {region for estimate in estimates for region in estimate.regions}
    mechanisms = {estimate.mechanism for estimate in estimates}
    for what, names, among in (
        ("region", observed, known),
        ("mechanism", beside, mechanisms),
        *((f"region of the set '{name}'", regions, observed) for name, regions in joint.items()),
    ):
        for name in names:
            if name not in among:
                msg = f"no {what} '{name}' to compare; {nearest(name, among)}"
                raise UnknownNameError(msg)
    for name, regions in joint.items():
        if not regions or len(set(regions)) < len(regions):
            msg = f"set '{name}' has the regions {list(regions)}: name at least one, and each once"
            raise ConfigurationError(msg)
