"""Shapes of regions on the plane: a mask where data are hidden, an outline elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from matplotlib import patches

from na62dump.plotting.style import SMALL
from na62dump.regions import Box

if TYPE_CHECKING:
    from collections.abc import Collection

    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

    from na62dump.regions import Ellipse, Plane

FIRST_LAYER = 3.0
"""Layer of the lowest region: above the contents, below frame and ticks."""

TEXT_LAYER = 50.0

HATCHES = ("////", "\\\\\\\\")
"""Hatches of masks that lie on each other."""

MASK, INK = "0.88", "0.45"
"""Greys of a mask: its ground, and its lines."""

NAME_SPACE = 0.075
"""Height of a name, as a fraction of that of the axes: a lower shape has its name above it."""

INSET = 0.008
"""Distance of a name from the line, as a fraction of the axes."""


class Frame(NamedTuple):
    """What coordinates in base units are divided by: along the horizontal axis (second column), and the vertical."""

    across: float
    up: float


class Extent(NamedTuple):
    """Edges of a shape, in the units of the axes."""

    left: float
    right: float
    bottom: float
    top: float


def draw_regions(axes: Axes, plane: Plane, *, hidden: Collection[str], frame: Frame, mesh: QuadMesh) -> None:
    """Draw all regions of a plane.

    The first that holds a point has it: regions are drawn last first, and a visible one that lies on a hidden one
    shows its contents again.

    Parameters
    ----------
    axes : Axes
        Horizontal: the second column of the plane; vertical: the first.
    plane : Plane
        The regions.
    hidden : collection of str
        Regions whose contents are covered.
    frame : Frame
        Units of the axes.
    mesh : QuadMesh
        The contents.
    """
    masks = 0
    for layer, region in enumerate(reversed(plane.region)):
        height = FIRST_LAYER + layer
        extent = extent_of(region, frame)
        if region.name in hidden:
            hatch = HATCHES[masks % len(HATCHES)]
            look = {"facecolor": MASK, "edgecolor": INK, "hatch": hatch, "linewidth": 1.2, "gid": f"mask {region.name}"}
            axes.add_patch(shape(region, extent, zorder=height, **look))
            _name_mask(axes, f"{region.name} hidden", extent)
            masks += 1
            continue
        if masks:
            _show_again(axes, mesh, within=shape(region, extent, zorder=height, facecolor="white"))
        look = {"facecolor": "none", "edgecolor": "black", "linewidth": 1.0, "gid": f"outline {region.name}"}
        axes.add_patch(shape(region, extent, zorder=height + 2 / (2 + 1), **look))
        _name_outline(axes, region.name, extent)


def extent_of(region: Box | Ellipse, frame: Frame) -> Extent:
    """Edges of a region, in the units of the axes."""
    if isinstance(region, Box):
        (bottom, top), (left, right) = region.x, region.y
    else:
        (y, x), (up, across) = region.centre, region.semi_axes
        left, right, bottom, top = x - across, x + across, y - up, y + up
    return Extent(left / frame.across, right / frame.across, bottom / frame.up, top / frame.up)
