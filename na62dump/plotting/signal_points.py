"""Points of several series at the same places: beside each other, and none cut by the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.transforms import ScaledTranslation

from na62dump.plotting.sheet import placed_width
from na62dump.plotting.style import MARKER_SIZE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform
    from numpy.typing import NDArray

ALONE = 0.1
"""Free room beside the only place, over its value."""

POINT = 1 / 72
"""One point, in."""


def beside(axes: Axes, *, number: int, of: int, step: float) -> Transform:
    """Transformation that moves one of several series sideways, which are so far apart, in."""
    return axes.transData + ScaledTranslation(step * (number - (of - 1) / 2), 0, axes.figure.dpi_scale_trans)


def leave_border(axes: Axes, values: NDArray[np.float64], *, aside: float = 0.0) -> None:
    """Show all places with half a step beside the first and the last, or more if the points need it.

    Parameters
    ----------
    axes : Axes
        Their horizontal axis has its scale.
    values : float64[n]
        Places above 0, in the unit of the axis, in any order.
    aside : float
        How far `beside` moves the outermost series, in.
    """
    logarithmic = axes.get_xscale() == "log"
    at = np.unique(np.log(values) if logarithmic else values)
    steps, span = np.diff(at), float(at[-1] - at[0])
    half = float(steps[[0, -1]].max()) / 2 if steps.size else ALONE * abs(float(at[0]))
    least = aside + MARKER_SIZE * POINT
    border = max(half, span * least / (placed_width(axes) - 2 * least))
    ends = np.array([at[0] - border, at[-1] + border])
    axes.set_xlim(*(np.exp(ends) if logarithmic else ends.clip(min=0)))
