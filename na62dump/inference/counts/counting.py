"""What a search counts at each mass hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    keys : int64[row, 3]
        Run, burst and number of the event of each observed row, in their order. An event is there once, whatever searches
        have it, unless one of them has several rows of it: then once for each.
    seen : float64[row, search], MeV
        Its measured mass in each search; infinite where the search measures none, NaN where it does not have it.
    observed : int64[m] or None
        Distinct events of which any row is inside of the window of any search; None while a region that counts is hidden,
        and where there are no data.
    remarks : tuple of str
        What a person should know of these counts.
    systematic : mapping of str to float64[m], counts
        The part of the uncertainty that has a source by name: it moves all backgrounds that have it together.
    missing : tuple of str
        Mechanisms that could not be estimated: they are not in the background either.
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
    systematic: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
