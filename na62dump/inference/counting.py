"""What a search counts at each mass hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Counting:
    """One search, or several added up, at each mass of a grid.

    Attributes
    ----------
    name : str
        Such as ``"mumu"``; of several, ``"mumu + ee"``.
    searches : tuple of str
        The searches that are in it.
    regions : tuple of str
        Where events are counted.
    masses : float64[m], MeV
        Hypotheses.
    windows : float64[m, search, 2], MeV
        Lowest and highest measured mass that each search counts; infinite where all count.
    shares : float64[m, search]
        Share of the selected signal of each search inside of its window, pure numbers.
    expected, uncertainty : float64[m], counts
        Background inside of the windows.
    mechanisms : tuple of str
        Mechanisms of background, such as ``"mumu combinatorial"``.
    by_mechanism, by_uncertainty : float64[mechanism, m], counts
        The same of each mechanism.
    limited : tuple of str
        Mechanisms of which only an upper limit is known: they are not in the background.
    keys : int64[event, 3]
        Run, burst and number of each observed event; an event that two searches count is there once.
    seen : float64[event, search], MeV
        Its measured mass in each search; NaN where that search does not have it.
    observed : int64[m] or None
        Events inside of the windows; None while a region that counts is hidden.
    remarks : tuple of str
        What a person should know of these counts.
    """

    name: str
    searches: tuple[str, ...]
    regions: tuple[str, ...]
    masses: NDArray[np.float64]
    windows: NDArray[np.float64]
    shares: NDArray[np.float64]
    expected: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    mechanisms: tuple[str, ...]
    by_mechanism: NDArray[np.float64]
    by_uncertainty: NDArray[np.float64]
    limited: tuple[str, ...]
    keys: NDArray[np.int64]
    seen: NDArray[np.float64]
    observed: NDArray[np.int64] | None
    remarks: tuple[str, ...]
