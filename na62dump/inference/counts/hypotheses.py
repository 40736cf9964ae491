"""Measured masses that are compatible with each mass hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import UnknownNameError, nearest
from na62dump.signal import residuals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.yields import Expected


@dataclass(frozen=True, eq=False)
class Windows:
    """Mass windows of one search.

    Attributes
    ----------
    ends : float64[m, 2], MeV
        Lowest and highest measured mass; infinite where all count.
    shares : float64[m]
        Share of the selected signal inside, pure numbers.
    measured : bool
        Whether the search measures the mass.
    """

    ends: NDArray[np.float64]
    shares: NDArray[np.float64]
    measured: bool


def windows_of(expected: Expected, analysis: str, *, widths: float) -> Windows:
    """Mass windows of a search: mass plus median residual, and so many times half of the central 68% to each side.

    Parameters
    ----------
    expected : Expected
        Has the residuals. At masses where the search selects nothing they are those of its nearest mass, so that other
        searches are not counted together with all of its background there.
    analysis : str
        The search.
    widths : float
        A pure number.

    Returns
    -------
    Windows
        Infinite, with share 1, if the search measures no mass at all.

    Raises
    ------
    UnknownNameError
        If there are no yields of the search.
    """
    names = expected.names("analysis")
    if analysis not in names:
        msg = f"no expected numbers of '{expected.model}' in a search '{analysis}'; {nearest(analysis, names)}"
        raise UnknownNameError(msg)
    known = expected.residuals[names.index(analysis)]
    there = np.flatnonzero(np.isfinite(known).all(axis=1))
    masses = expected.masses
    if not there.size:
        return Windows(np.tile([-np.inf, np.inf], (len(masses), 1)), np.ones(len(masses)), measured=False)
    there = there[np.argsort(masses[there])]
    known = np.stack([np.interp(masses, masses[there], column) for column in known[there].T], axis=1)
    around = residuals.window(known, widths)
    return Windows(masses[:, None] + around, residuals.share(known, around), measured=True)
