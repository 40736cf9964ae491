"""A mechanism of background whose shape is simulated, and whose size data of visible side regions give."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from na62dump.background.estimate import Estimate
from na62dump.background.limits import upper_limit
from na62dump.background.mechanisms import added
from na62dump.background.observed import largest_weight, numbers, visible, weights
from na62dump.configuration import Many, Settings
from na62dump.errors import BlindingError, EstimateError, MergeError, UnknownNameError, nearest
from na62dump.histograms import NOMINAL, Book
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.results import Result


class Extrapolation(Settings):
    """How the size of one mechanism is found.

    Attributes
    ----------
    sample : str
        Simulated sample that has its shape.
    side : tuple of str
        Regions, all of them visible, where data give its size.
    inverted : tuple of str
        Loosened requirements that rows there fail, all of them and no other; none: selected rows.
    normalisation : float
        Relative systematic uncertainty of its size.
    least : float
        Excess, in standard deviations, from which on it has a size; below, it has a limit.
    """

    sample: str
    side: Annotated[Many[str], Field(min_length=1)]
    inverted: Many[str] = ()
    normalisation: Annotated[float, Field(ge=0)]
    least: Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class Size:
    """Data and the sample in the side.

    Attributes
    ----------
    observed : int
        Rows of data.
    others, others_error : float, rows
        Expected of the other mechanisms.
    others_variance : float, rows squared
        The statistical part of its error.
    moved : mapping of str to float, rows
        Its systematic uncertainties by source.
    weight, weight2 : float, without unit
        Sum of weights of the sample, and of their squares.
    """

    observed: int
    others: float
    others_error: float
    others_variance: float
    moved: Mapping[str, float]
    weight: float
    weight2: float

    @property
    def excess(self) -> float:
        """Rows of data beyond those expected of the other mechanisms."""
        return self.observed - self.others

    @property
    def variance(self) -> float:
        """Of the excess, rows squared: of a Poisson number and of the other mechanisms."""
        return self.observed + self.others_error**2

    @property
    def scale(self) -> float:
        """Rows of data for one unit of weight; 0 where less is seen than expected of the others."""
        return max(0.0, self.excess) / self.weight

    @property
    def scale_limit(self) -> float:
        """Upper limit on the scale at 90% CL, the other mechanisms one standard deviation below what is expected of them."""
        return upper_limit(self.observed, max(0.0, self.others - self.others_error)) / self.weight


def extrapolated(
    result: Result,
    settings: Extrapolation,
    *,
    mechanism: str,
    simulated: Result | None = None,
    others: Sequence[Estimate] = (),
    failing: Collection[str] = (),
) -> Estimate:
    """Extrapolate a mechanism from visible side regions to all regions.

    With N rows of data in the side, B expected there of the other mechanisms, and w the sum of weights of the sample
    there, a region where the sample has W gets (N - B) W / w. The covariance is that of this product to first order,
    from the errors of N (Poisson), B, W and w; systematic uncertainties of B keep their names, with the
    opposite sign: what moves B up takes from this mechanism.

    Where N - B is less than ``least`` of its errors above 0, and where the sample has no row, ``limit`` is the upper limit on
    N - B at 90% CL (`upper_limit`, beside B less its error), over w, times W; instead of W stands the limit on a mean of
    which nothing was seen, 2.303, times the largest weight of the sample where it has no row. The uncertainty of the
    normalisation does not enter limits.

    Parameters
    ----------
    result : Result
        With data.
    settings : Extrapolation
        Sample, side and systematic uncertainty.
    mechanism : str
        Name of the mechanism.
    simulated : Result, optional
        Another result of the same analysis, that has the sample.
    others : sequence of Estimate
        The other mechanisms, for rows that fail what is inverted.
    failing : collection of str
        Estimate rows that fail exactly these loosened requirements, instead of selected ones.

    Returns
    -------
    Estimate
        In all regions and outside of them. Its ``inputs`` name the side, of which it is no prediction, and what rows there fail.

    Raises
    ------
    BlindingError
        If a side region is hidden.
    MergeError
        If the simulated result is of another analysis.
    UnknownNameError
        If there is no such region or sample, or no rows that fail a requirement were kept.
    EstimateError
        If the sample has no weight in the side, or far less is seen there than expected of the others.
    """
    source = result if simulated is None else simulated
    _same_analysis(result, source)
    regions = tuple(name for name in result.state.regions if name != UNDEFINED)
    side = np.isin(regions, _visible_side(result, settings, mechanism))
    beside = weights(source, settings.sample, failing=settings.inverted)[: len(regions)][side]
    size = _size(result, settings, beside=beside, others=others, mechanism=mechanism)
    there = weights(source, settings.sample, failing=failing)[: len(regions)]
    expected = size.scale * there[:, 1]
    shared = np.where(side & (set(failing) == set(settings.inverted)), there[:, 2], 0.0)
    return Estimate(
        mechanism=mechanism,
        method="simulated shape, size from data of side regions",
        regions=regions,
        expected=expected,
        covariance=_covariance(size, there, shared=shared),
        systematic=_systematic(size, there, expected, mechanism=mechanism, settings=settings),
        limit=_limits(size, there, least=settings.least, largest=largest_weight(source, settings.sample)),
        inputs=_inputs(source, settings, failing) | asdict(size) | {"rows": there[:, 0].tolist()},
        book=None if failing else _book(source.book, settings.sample, mechanism),
        scale=size.scale,
    )


def _inputs(source: Result, settings: Extrapolation, failing: Collection[str]) -> dict[str, Any]:
    return {
        "sample": settings.sample,
        "analysis_digest": source.state.digest,
        "side": list(settings.side),
        "side_inverted": sorted(settings.inverted),
        "inverted": sorted(failing),
    }


def _same_analysis(result: Result, simulated: Result) -> None:
    one, other = result.state, simulated.state
    if (one.analysis, one.digest) != (other.analysis, other.digest):
        msg = (
            f"data are of '{one.analysis}' ({one.digest[:16]}), the simulated result is of '{other.analysis}' "
            f"({other.digest[:16]}): run both with the same files"
        )
        raise MergeError(msg)


def _visible_side(result: Result, settings: Extrapolation, mechanism: str) -> list[str]:
    state = result.state
    for name in settings.side:
        if name not in state.regions:
            msg = f"{mechanism}: no side region '{name}'; {nearest(name, state.regions)}"
            raise UnknownNameError(msg)
        if name not in visible(state):
            msg = (
                f"{mechanism}: data of the side region '{name}' are hidden; take visible ones, such as "
                f"{', '.join(visible(state))}"
            )
            raise BlindingError(msg)
    return list(settings.side)


def _size(
    result: Result,
    settings: Extrapolation,
    *,
    beside: NDArray[np.float64],
    others: Sequence[Estimate],
    mechanism: str,
) -> Size:
    if not beside[:, 1].sum() > 0:
        failing = f" of rows that fail {', '.join(settings.inverted)}" if settings.inverted else ""
        msg = (
            f"{mechanism}: the sample '{settings.sample}' has no weight in {', '.join(settings.side)}{failing}, so data "
            "there say nothing of its size; simulate more, or take another side"
        )
        raise EstimateError(msg)
    observed = numbers(result, failing=settings.inverted)
    side = sorted(set(settings.side))
    beyond = added(others, tuple(side))
    expected, error = beyond.of(side)
    moved = {source: float(shift.sum()) for source, shift in beyond.systematic.items()}
    total = sum(observed[name] or 0 for name in side)
    weight, weight2 = (float(beside[:, column].sum()) for column in (1, 2))
    return Size(total, expected, error, float(beyond.covariance.sum()), moved, weight, weight2)


def _systematic(
    size: Size, there: NDArray[np.float64], expected: NDArray[np.float64], *, mechanism: str, settings: Extrapolation
) -> dict[str, NDArray[np.float64]]:
    """What moves the other mechanisms up takes from this one: shifts have a sign, and cancel in a sum of all."""
    share = there[:, 1] / size.weight if size.excess > 0 else np.zeros(len(there))
    own = {f"{mechanism} normalisation": settings.normalisation * expected}
    return {**{source: -shift * share for source, shift in size.moved.items()}, **own}


def _covariance(size: Size, there: NDArray[np.float64], *, shared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of scale times weight; ``shared``: covariance of the sample's weight in each region with that in the side."""
    share = there[:, 1] / size.weight
    of_ratio = (
        np.diag(there[:, 2]) - np.outer(share, shared) - np.outer(shared, share) + size.weight2 * np.outer(share, share)
    )
    covariance: NDArray[np.float64] = (size.observed + size.others_variance) * np.outer(share, share)
    covariance += size.scale**2 * of_ratio
    return covariance


def _limits(size: Size, there: NDArray[np.float64], *, least: float, largest: float) -> NDArray[np.float64]:
    empty = there[:, 0] == 0
    limit = size.scale_limit * np.where(empty, upper_limit(0) * largest, there[:, 1])
    significant = size.excess > least * math.sqrt(size.variance)
    return np.where(empty | (not significant), limit, np.nan)


def _book(book: Book, sample: str, mechanism: str) -> Book:
    """Nominal histograms of one sample, under the name of the mechanism."""
    at = book.samples.index(sample), book.variations.index(NOMINAL)
    alone = {
        name: replace(
            contents,
            shape=(2, 2, *contents.shape[2:]),  # one sample and one variation, each with its flow bin
            filled={(0, 0): contents.filled[at]} if at in contents.filled else {},
        )
        for name, contents in book.contents.items()
    }
    return Book(book.declarations, (mechanism,), (NOMINAL,), book.regions, alone)
