"""What systematic variations change: bands around the nominal values, in a panel of their own."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.plotting.legend import LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

TITLE = "Varied / nominal"

LEAST, MOST = 0.02, 1.0
"""Smallest and largest half-width of the range of a panel around 1."""

HEADROOM = 1.2
"""Half-width of the range over the largest change."""

OPACITY = 0.35
"""Of bands: where two lie on each other both are seen."""


@dataclass(frozen=True)
class Band:
    """Envelope of the variations of one sample, relative to its nominal values.

    Attributes
    ----------
    low, high : float64[bin]
        Lowest and highest of all variations, the nominal one among them, as a fraction of it; NaN where it is 0.
    colour : str
        Of its sample.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    colour: str

    @property
    def largest(self) -> float:
        """Largest change, as a fraction; 0 if there is none."""
        change = np.abs(np.array([self.low, self.high]) - 1)
        return float(change[~np.isnan(change)].max(initial=0))


def envelope(nominal: NDArray[np.float64], varied: Iterable[NDArray[np.float64]], *, look: Mapping[str, Any]) -> Band:
    """Envelope of some variations.

    Parameters
    ----------
    nominal : float64[bin]
        Sums of weights, without unit.
    varied : iterable of float64[bin]
        The same in each variation; at least one.
    look : mapping
        Properties of matplotlib that the sample is drawn with.

    Returns
    -------
    Band
        Of the ratios.
    """
    some = nominal != 0
    ratios = [np.divide(sums, nominal, out=np.full(nominal.shape, np.nan), where=some) for sums in varied]
    every = [np.where(some, 1.0, np.nan), *ratios]
    return Band(np.min(every, axis=0), np.max(every, axis=0), str(look["color"]))


def draw_bands(
    axes: Axes,
    bands: Sequence[Band],
    *,
    edges: NDArray[np.float64],
    orientation: Literal["vertical", "horizontal"] = "vertical",
) -> None:
    """Draw bands around 1.

    Parameters
    ----------
    axes : Axes
        Empty.
    bands : sequence of Band
        One a sample.
    edges : float64[bin + 1]
        Edges of the bins, in the unit of the axis.
    orientation : str
        Which way the ratio is: up, or across for ``"horizontal"``.
    """
    upright = orientation == "vertical"
    for band in bands:
        axes.stairs(
            band.high, edges, baseline=band.low, fill=True, orientation=orientation, color=band.colour, alpha=OPACITY
        )
    (axes.axhline if upright else axes.axvline)(1, color="black", linewidth=1)
    half = min(max([LEAST, *(HEADROOM * band.largest for band in bands)]), MOST)
    axes.set(**{"ylim" if upright else "xlim": (1 - half, 1 + half), "ylabel" if upright else "xlabel": TITLE})


def listed(names: Iterable[str]) -> str:
    """Which variations a band holds, in words, on one line."""
    unique = list(dict.fromkeys(names))
    return shorten(
        f"envelope of {len(unique)} {'variation' if len(unique) == 1 else 'variations'}: {', '.join(unique)}",
        LETTERS,
        placeholder="...",
    )
