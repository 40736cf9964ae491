"""What every mechanism of background gives: one number per region, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import UnknownNameError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.histograms import Book


@dataclass(frozen=True)
class Estimate:
    """Expected rows of one mechanism of background.

    Attributes
    ----------
    mechanism : str
        Such as ``"combinatorial"``.
    method : str
        How it was found, in one line.
    regions : tuple of str
        Names of the regions.
    expected : float64[region], rows
        Expected numbers.
    covariance : float64[region, region], rows squared
        Statistical covariance of these numbers.
    systematic : mapping of str to float64[region], rows
        Uncertainties by source; each moves all regions, and all mechanisms that have it, together. They have a sign.
    limit : float64[region], rows
        Upper limit at 90% CL where nothing is left to estimate from; NaN elsewhere.
    inputs : mapping
        What it was made from; JSON only.
    book : Book or None
        Histograms of the analysis, one sample named as the mechanism, in units of ``scale``.
    scale : float, rows
        What one unit of weight in the histograms stands for.
    """

    mechanism: str
    method: str
    regions: tuple[str, ...]
    expected: NDArray[np.float64]
    covariance: NDArray[np.float64]
    systematic: Mapping[str, NDArray[np.float64]]
    limit: NDArray[np.float64]
    inputs: Mapping[str, Any]
    book: Book | None = field(default=None, compare=False)
    scale: float = 1.0

    @property
    def statistical(self) -> NDArray[np.float64]:
        """Statistical uncertainty of each region: float64[region], rows."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def uncertainty(self) -> NDArray[np.float64]:
        """Statistical and systematic uncertainties in quadrature: float64[region], rows."""
        return np.asarray(np.sqrt(np.diag(self.covariance) + sum(s**2 for s in self.systematic.values())))

    @property
    def measured(self) -> tuple[str, ...]:
        """Regions with more than an upper limit."""
        return tuple(name for name, limit in zip(self.regions, self.limit, strict=True) if np.isnan(limit))

    @property
    def sized_by(self) -> tuple[str, ...]:
        """Regions whose selected rows of data gave its size: there it is no prediction."""
        return () if self.inputs.get("side_inverted") else tuple(self.inputs.get("side", ()))

    def of(self, names: Sequence[str]) -> tuple[float, float]:
        """Expected number of some regions together, and its uncertainty.

        Parameters
        ----------
        names : sequence of str
            Regions.

        Returns
        -------
        expected, uncertainty : float, rows
            The statistical part follows the covariance, each systematic one moves all regions together.

        Raises
        ------
        UnknownNameError
            If there is no such region.
        """
        at = [self._place(name) for name in names]
        squares = self.covariance[np.ix_(at, at)].sum() + sum(s[at].sum() ** 2 for s in self.systematic.values())
        return float(self.expected[at].sum()), float(np.sqrt(squares))

    def _place(self, name: str) -> int:
        if name not in self.regions:
            msg = f"no region '{name}' in this estimate; {nearest(name, self.regions)}"
            raise UnknownNameError(msg)
        return self.regions.index(name)
