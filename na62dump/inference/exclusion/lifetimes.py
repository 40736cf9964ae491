"""Model-independent limits: on a product of branching ratios at each mass and lifetime."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.inference.exclusion.limits import Limits, Scan

KEYS = ("product", "product_label", "product_value")
"""What the coupling of a model with a free product says of it."""

GRID = ("mass_mev", "lifetime_ns")
"""First columns of a file."""


@dataclass(frozen=True, eq=False)
class ProductLimits:
    """Limits of one search on a product of branching ratios.

    Attributes
    ----------
    search : str
        Whose counts they are.
    product, label : str
        Name of the product, and in mathtext.
    masses : float64[m], MeV
        Grid.
    lifetimes : float64[c], ns
        Grid.
    curves : mapping of str to float64[m, c]
        Limits by the names of `Limits.curves`, pure numbers: infinite where no signal is expected; one above 1 excludes nothing.
    shown : str
        Name of the curve that stands for the result.
    """

    search: str
    product: str
    label: str
    masses: NDArray[np.float64]
    lifetimes: NDArray[np.float64]
    curves: Mapping[str, NDArray[np.float64]]
    shown: str

    @property
    def result(self) -> NDArray[np.float64]:
        """The observed limits, or while counts are hidden the expected ones: float64[m, c], pure numbers."""
        return self.curves[self.shown]

    def excludes(self, place: int) -> tuple[float, float] | None:
        """First and last lifetime (ns) of the grid with a limit below 1, at the mass with an index; None if there is none."""
        some = np.flatnonzero(self.result[place] < 1)
        return (float(self.lifetimes[some[0]]), float(self.lifetimes[some[-1]])) if some.size else None

    def to_csv(self) -> str:
        """Rows of a file: mass, lifetime and the limit of each curve at every point; a limit that there is not is ``inf``."""
        text = io.StringIO()
        text.write(",".join([*GRID, *self.curves]) + "\n")
        for row, mass in enumerate(self.masses.tolist()):
            for column, lifetime in enumerate(self.lifetimes.tolist()):
                values = (mass, lifetime, *(float(curve[row, column]) for curve in self.curves.values()))
                text.write(",".join(map(repr, values)) + "\n")
        return text.getvalue()


def has_product(coupling: Mapping[str, str]) -> bool:
    """Whether the coupling of yields or limits says that a product of branching ratios is free."""
    return all(key in coupling for key in KEYS)


def product_limits(limits: Limits) -> tuple[ProductLimits, ...]:
    """Limits on a product of branching ratios from those on the number of signal events.

    limit on the product = product at which signal is expected x limit on the signal / expected signal. Relative uncertainties
    do not change with the product, so none is lost. Several searches together are left out: their final states are
    alternatives, and each has a product of its own.

    Parameters
    ----------
    limits : Limits
        Of a model with a free product, whose coupling is the lifetime.

    Returns
    -------
    tuple of ProductLimits
        One for each search.

    Raises
    ------
    InputFileError
        If no product is free in the model, or the yields were made before it was.
    """
    if not has_product(limits.coupling):
        msg = (
            f"limits of '{limits.model}' say nothing of a product of branching ratios: its file has no table [product], or the "
            "yields are older; make them again with 'na62dump yields'"
        )
        raise InputFileError(msg)
    return tuple(_of(scan, limits) for scan in limits.scans if len(scan.counting.searches) == 1)


def _of(scan: Scan, limits: Limits) -> ProductLimits:
    coupling, some = limits.coupling, scan.events > 0
    # the product with which one event is expected
    single = np.divide(
        float(coupling["product_value"]), scan.events, where=some, out=np.full(scan.events.shape, np.inf)
    )
    return ProductLimits(
        search=scan.counting.name,
        product=coupling["product"],
        label=coupling["product_label"],
        masses=limits.masses,
        lifetimes=limits.couplings,
        curves={name: single * counts for name, counts in limits.curves(scan).items()},
        shown=scan.shown,
    )
