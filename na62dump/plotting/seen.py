"""What may be drawn of a histogram: of data, only what lies in regions that are not hidden; nominal and varied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.cutflow import SUM
from na62dump.histograms.declaration import DATASET, NOMINAL, VARIATION
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.cutflow import Cutflow
    from na62dump.histograms import Book
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
    return state.closed if is_data(state, sample) else frozenset()


def of_kind(result: Result, *, data: bool) -> list[str]:
    """Samples of a result that are data, or those that are not, in order."""
    return [name for name in result.state.samples if is_data(result.state, name) is data]


def seen(result: Result, histogram: str, *, sample: str) -> Seen:
    """What may be drawn of one sample in one histogram, nominally; arguments and regions as for `views`."""
    return views(result, histogram, sample=sample)[NOMINAL]


def views(result: Result, histogram: str, *, sample: str) -> dict[str, Seen]:
    """What may be drawn of one sample in one histogram, in each variation.

    Data of hidden regions never come this far; were one to, it would not be drawn.

    Parameters
    ----------
    result : Result
        What a run gave.
    histogram, sample : str
        Which.

    Returns
    -------
    dict of str to Seen
        By variation, `NOMINAL` among them. Data: the regions that are not hidden. Simulation: all.
    """
    data = is_data(result.state, sample)
    closed = hidden_in(result.state, sample) | ({UNDEFINED} if data else set())
    # the last place is that of rows in no region: nobody knows whether they are hidden
    visible = np.array([*(name not in closed for name in result.book.regions), not data])
    return {
        name: Seen(sums["value"][visible].sum(axis=0), sums["variance"][visible].sum(axis=0))
        for name, sums in _variations(result.book, histogram, sample=sample).items()
    }


def varied_flows(result: Result, sample: str) -> dict[str, Cutflow]:
    """Cutflows of one sample in the variations other than the nominal one, by name."""
    return {name: varied.cutflow for name, varied in result.varied.get(sample, {}).items()}


def selected(result: Result, sample: str) -> float:
    """Sum of weights, without unit, of the selected rows of a sample in all regions."""
    return float(result.counts[sample].regions[:, SUM].sum()) if sample in result.counts else 0.0


def _variations(book: Book, histogram: str, *, sample: str) -> dict[str, Any]:
    """Sums of one sample by variation, over (region, variables), with flow."""
    own = book[histogram][{DATASET: sample}]
    return {name: own[{VARIATION: name}].view(flow=True) for name in own.axes[VARIATION]}
