"""What may be drawn of a histogram: of data, only what lies in regions that are not hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.cutflow import SUM
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.results import Result, State


@dataclass(frozen=True)
class Seen:
    """Sums over the regions that may be seen, with flow bins: float64[bin + 2], or one index a variable.

    Attributes
    ----------
    values : float64[bin + 2]
        Sums of weights, without unit.
    variances : float64[bin + 2]
        Sums of squared weights, without unit.
    """

    values: NDArray[np.float64]
    variances: NDArray[np.float64]

    @property
    def inside(self) -> tuple[slice, ...]:
        """Which bins are no flow bins."""
        return (slice(1, -1),) * self.values.ndim

    @property
    def in_range(self) -> float:
        """Sum of weights in range, without unit."""
        return float(self.values[self.inside].sum())

    @property
    def out_of_range(self) -> float:
        """Sum of weights in flow bins, without unit."""
        return float(self.values.sum()) - self.in_range


def is_data(state: State, sample: str) -> bool:
    """Whether a sample was declared data, simulated or not."""
    return state.samples[sample].kind == "data"


def hidden_in(state: State, sample: str) -> frozenset[str]:
    """Regions of which nothing may be drawn: those of data that were not opened."""
    return state.plane.hidden - set(state.opened) if is_data(state, sample) else frozenset()


def of_kind(result: Result, *, data: bool) -> list[str]:
    """Samples of a result that are data, or those that are not, in order."""
    return [name for name in result.state.samples if is_data(result.state, name) is data]


def seen(result: Result, histogram: str, *, sample: str) -> Seen:
    """What may be drawn of one sample in one histogram.

    Data of hidden regions never come this far; were one to, it would not be drawn.

    Parameters
    ----------
    result : Result
        What a run gave.
    histogram, sample : str
        Which.

    Returns
    -------
    Seen
        Data: the regions that are not hidden. Simulation: all.
    """
    contents = result.book.contents[histogram]
    index = result.book.samples.index(sample)
    data = is_data(result.state, sample)
    closed = hidden_in(result.state, sample) | ({UNDEFINED} if data else set())
    # the last place is that of rows in no region: nobody knows whether they are hidden
    visible = np.array([*(name not in closed for name in result.book.regions), not data])
    return Seen(contents.values[index][visible].sum(axis=0), contents.variances[index][visible].sum(axis=0))


def selected(result: Result, sample: str) -> float:
    """Sum of weights, without unit, of the selected rows of a sample in all regions."""
    return float(result.counts[sample].regions[:, SUM].sum()) if sample in result.counts else 0.0
