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

    from na62dump.inference.limits import Limits, Scan

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
    reference : float
        The product at which signal is expected, a pure number.
    events : float64[m, c]
        Signal expected there, pure numbers.
    expected : float64[m, c]
        Limits for the median count of the background alone, pure numbers; infinite where no signal is expected. A limit above
        1 excludes nothing.
    bands : float64[width, m, c]
        The same at each number of standard deviations, pure numbers.
    observed : float64[m, c] or None
        The same for the observed counts; None while they are hidden.
    """

    search: str
    product: str
    label: str
    masses: NDArray[np.float64]
    lifetimes: NDArray[np.float64]
    reference: float
    events: NDArray[np.float64]
    expected: NDArray[np.float64]
    bands: NDArray[np.float64]
    observed: NDArray[np.float64] | None

    @property
    def shown(self) -> NDArray[np.float64]:
        """The observed limits, or while counts are hidden the expected ones: float64[m, c], pure numbers."""
        return self.expected if self.observed is None else self.observed

    def best(self) -> NDArray[np.int64]:
        """Index of the lifetime with the lowest limit at each mass, int64[m]; 0 where no signal is expected."""
        return np.asarray(self.shown.argmin(axis=1), dtype=np.int64)

    def excludes(self, place: int) -> tuple[float, float] | None:
        """First and last lifetime (ns) of the grid at which the mass with an index has a limit below 1; None if there is none."""
        some = np.flatnonzero(self.shown[place] < 1)
        return (float(self.lifetimes[some[0]]), float(self.lifetimes[some[-1]])) if some.size else None


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
    coupling = limits.coupling
    if not has_product(coupling):
        msg = (
            f"limits of '{limits.model}' say nothing of a product of branching ratios: its file has no table [product], or the "
            "yields are older; make them again with 'na62dump yields'"
        )
        raise InputFileError(msg)
    reference = float(coupling["product_value"])
    return tuple(
        _of(scan, limits, reference=reference) for scan in limits.scans if len(scan.counting.searches) == 1
    )


def _of(scan: Scan, limits: Limits, *, reference: float) -> ProductLimits:
    def scaled(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        infinite = np.full(counts.shape, np.inf)
        return np.divide(reference * counts, scan.events, where=np.broadcast_to(scan.events > 0, counts.shape), out=infinite)

    return ProductLimits(
        search=scan.counting.name,
        product=limits.coupling["product"],
        label=limits.coupling["product_label"],
        masses=limits.masses,
        lifetimes=limits.couplings,
        reference=reference,
        events=scan.events,
        expected=scaled(scan.expected),
        bands=scaled(scan.bands),
        observed=None if scan.observed is None else scaled(scan.observed),
    )


def to_csv(found: ProductLimits, *, curves: Mapping[str, NDArray[np.float64]]) -> str:
    """Rows of a file: mass, lifetime, and the limit of each curve.

    Parameters
    ----------
    found : ProductLimits
        Has the grid.
    curves : mapping of str to float64[m, c]
        Limits by the name of their column, pure numbers.

    Returns
    -------
    str
        A heading and one row for each point of the grid; a limit that there is not is ``inf``.
    """
    text = io.StringIO()
    text.write(",".join([*GRID, *curves]) + "\n")
    for row, mass in enumerate(found.masses.tolist()):
        for column, lifetime in enumerate(found.lifetimes.tolist()):
            values = (mass, lifetime, *(float(of[row, column]) for of in curves.values()))
            text.write(",".join(map(repr, values)) + "\n")
    return text.getvalue()
