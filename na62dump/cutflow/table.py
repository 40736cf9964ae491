"""The cutflow as data: it adds up over units, and goes to JSON and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.cutflow.coincidences import coincidences
from na62dump.cutflow.tally import COUNT, count
from na62dump.errors import MergeError
from na62dump.sums import on_grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.cutflow.selection import Selection

ROWS, EVENTS = 0, 1
"""First index of a tally."""

_NUMBERS = 3  # number, sum of weights, sum of squared weights
_TALLIES = ("cumulative", "alone", "all_but", "both")


@dataclass(frozen=True)
class Cutflow:
    """Numbers of rows and events that requirements leave.

    An event counts where any of its rows does. The last index, but for ``both``, is number, sum of weights, sum of squared
    weights.

    Attributes
    ----------
    names : tuple of str
        Requirements, in order.
    cumulative : float64[2, requirement + 1, 3]
        For rows and events: what came through the door, then what is left after each requirement.
    alone : float64[2, requirement, 3]
        What meets each requirement by itself.
    all_but : float64[2, requirement, 3]
        What meets all other requirements (N-1).
    both : float64[requirement, requirement]
        Number of rows, without weights, that meet both requirements.
    """

    names: tuple[str, ...]
    cumulative: NDArray[np.float64]
    alone: NDArray[np.float64]
    all_but: NDArray[np.float64]
    both: NDArray[np.float64]

    @classmethod
    def zero(cls, names: tuple[str, ...]) -> Cutflow:
        """Cutflow of nothing, for the given requirements."""
        n = len(names)
        cumulative, alone, all_but = (np.zeros((2, steps, _NUMBERS)) for steps in (n + 1, n, n))
        return cls(names, cumulative, alone, all_but, np.zeros((n, n)))

    @classmethod
    def of(cls, selection: Selection) -> Cutflow:
        """Cutflow of a selection.

        Parameters
        ----------
        selection : Selection
            Masks over visible rows, whose weights are summed on the exact grid.

        Returns
        -------
        Cutflow
            Of its rows and events.
        """
        rows = selection.visible.rows
        flow = cls.zero(selection.names)
        weight = rows.weight.astype(np.float64)
        masks = np.array(list(selection.masks.values()), dtype=np.bool_).reshape(len(selection.names), len(rows))
        count(masks, rows.index, on_grid(weight), on_grid(weight * weight), flow.cumulative, flow.alone, flow.all_but)
        flow.both[:] = coincidences(masks)
        return flow

    def __add__(self, other: Cutflow) -> Cutflow:
        """Cutflow of both inputs together.

        Raises
        ------
        MergeError
            If the requirements differ.
        """
        if self.names != other.names:
            msg = f"cutflows of different requirements do not add up: {self.names} and {other.names}"
            raise MergeError(msg)
        return Cutflow(self.names, *(getattr(self, tally) + getattr(other, tally) for tally in _TALLIES))

    def __eq__(self, other: object) -> bool:
        """Whether every number is equal, bit for bit."""
        return isinstance(other, Cutflow) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        """Hash of the requirements' names."""
        return hash(self.names)

    def first_failure(self) -> NDArray[np.float64]:
        """What each requirement is the first to remove: float64[2, requirement, 3]."""
        removed: NDArray[np.float64] = self.cumulative[:, :-1] - self.cumulative[:, 1:]
        return removed

    def only_failure(self) -> NDArray[np.float64]:
        """What each requirement alone removes: float64[2, requirement, 3]."""
        removed: NDArray[np.float64] = self.all_but - self.cumulative[:, -1:]
        return removed

    def correlation(self) -> NDArray[np.float64]:
        """Correlation of requirements over the rows that came through the door: how they go together, cut by cut.

        Returns
        -------
        float64[requirement, requirement]
            Phi coefficient, a pure number from -1 to 1: 1 if both always agree, 0 if they are independent; NaN where
            a requirement is met by all rows or by none.
        """
        rows, alone = self.cumulative[ROWS, 0, COUNT], np.diag(self.both)
        spread = np.sqrt(alone * (rows - alone))
        norm = np.outer(spread, spread)
        together = rows * self.both - np.outer(alone, alone)
        phi: NDArray[np.float64] = np.divide(together, norm, out=np.full_like(norm, np.nan), where=norm > 0)
        return phi

    def to_json(self) -> dict[str, Any]:
        """Plain lists; every float has its shortest exact text."""
        return {"names": list(self.names), **{tally: getattr(self, tally).tolist() for tally in _TALLIES}}

    @classmethod
    def from_json(cls, tables: Mapping[str, Any]) -> Cutflow:
        """Read what `to_json` gave."""
        zero = cls.zero(tuple(tables["names"]))
        return cls(
            zero.names,
            *(np.array(tables[t], dtype=np.float64).reshape(getattr(zero, t).shape) for t in _TALLIES),
        )
