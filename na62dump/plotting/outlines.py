"""Shapes of regions on the plane: a mask where data are hidden, an outline elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from matplotlib import patches

from na62dump.plotting.sheet import placed_width, width_of
from na62dump.plotting.style import SMALL
from na62dump.regions import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

    from na62dump.regions import Ellipse, Plane

LAYER = 3
"""Layer of regions, above that of the contents; within it what is drawn later lies on top."""

HATCHES = ("////", "\\\\\\\\")
"""Hatches of masks that lie on each other."""

MASK, INK = "0.9", "0.5"
"""Greys of a mask: its ground, and its lines."""

NAME_SPACE = 0.09
"""Height of a name, as a fraction of that of the axes: a lower shape has its name above it."""

OFFSET = 3.0
"""Distance of a name from the line, points."""

NAME_GROUND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8}
"""What a name is written on, so that it can be read over contents and hatches."""


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


def overlay(
    axes: Axes,
    plane: Plane,
    *,
    hidden: Collection[str],
    frame: Frame,
    paint: Callable[[], QuadMesh],
    covered: bool = True,
) -> None:
    """Draw all regions of a plane over its contents.

    The first that holds a point has it: regions are drawn last first, and a visible one that lies on a hidden one
    shows its contents again.

    Parameters
    ----------
    axes : Axes
        Horizontal: the second column of the plane; vertical: the first. Its limits are set.
    plane : Plane
        The regions.
    hidden : collection of str
        Regions whose contents are covered.
    frame : Frame
        Units of the axes.
    paint : callable
        Draws the contents once more.
    covered : bool
        Whether masks cover the contents; else they are hatched only.
    """
    masks = 0
    for region in reversed(plane.region):
        extent = extent_of(region, frame)
        if region.name in hidden:
            axes.add_patch(_mask(region, extent, hatch=HATCHES[masks % len(HATCHES)], covered=covered))
            masks += 1
        else:
            if masks:
                _show_again(axes, _ground(region, extent), paint=paint)
            axes.add_patch(_outline(region, extent))
    for region in plane.region:
        write_name(axes, region, extent=extent_of(region, frame), hidden=region.name in hidden)


def view_of(axes: Axes) -> Extent:
    """What axes show, in their units."""
    return Extent(*axes.get_xlim(), *axes.get_ylim())


def extent_of(region: Box | Ellipse, frame: Frame) -> Extent:
    """Edges of a region.

    Parameters
    ----------
    region : Box or Ellipse
        With x along the vertical axis, and y along the horizontal one.
    frame : Frame
        Units of the axes.

    Returns
    -------
    Extent
        In the units of the axes.
    """
    if isinstance(region, Box):
        (bottom, top), (left, right) = region.x, region.y
    else:
        (middle, centre), (up, across) = region.centre, region.semi_axes
        bottom, top, left, right = middle - up, middle + up, centre - across, centre + across
    return Extent(left / frame.across, right / frame.across, bottom / frame.up, top / frame.up)


def patch_of(region: Box | Ellipse, extent: Extent) -> patches.Patch:
    """Shape of a region with its edges where they are drawn."""
    width, height = extent.right - extent.left, extent.top - extent.bottom
    if isinstance(region, Box):
        return patches.Rectangle((extent.left, extent.bottom), width, height)
    return patches.Ellipse((extent.left + width / 2, extent.bottom + height / 2), width, height)


def _mask(region: Box | Ellipse, extent: Extent, *, hatch: str, covered: bool) -> patches.Patch:
    patch = patch_of(region, extent)
    patch.set(
        facecolor=MASK if covered else "none",
        edgecolor=INK if covered else "black",
        hatch=hatch,
        linewidth=1.0,
        zorder=LAYER,
        gid=f"mask {region.name}",
    )
    return patch


def _outline(region: Box | Ellipse, extent: Extent) -> patches.Patch:
    patch = patch_of(region, extent)
    patch.set(facecolor="none", edgecolor="black", linewidth=1.0, zorder=LAYER, gid=f"outline {region.name}")
    return patch


def _ground(region: Box | Ellipse, extent: Extent) -> patches.Patch:
    patch = patch_of(region, extent)
    patch.set(facecolor="white", zorder=LAYER)
    return patch


def _show_again(axes: Axes, ground: patches.Patch, *, paint: Callable[[], QuadMesh]) -> None:
    axes.add_patch(ground)
    contents = paint()
    contents.set_zorder(LAYER)
    contents.set_clip_path(ground)


def write_name(axes: Axes, region: Box | Ellipse, *, extent: Extent, hidden: bool) -> None:
    """Write the name within the shape, at its top: in the corner of an outline; above the shape if it is small.

    Parameters
    ----------
    axes : Axes
        Its limits are set.
    region : Box or Ellipse
        Whose name.
    extent : Extent
        Its edges, in the units of the axes.
    hidden : bool
        Whether to say that it is hidden.
    """
    view = view_of(axes)
    left, right = max(extent.left, view.left), min(extent.right, view.right)
    bottom, top = max(extent.bottom, view.bottom), min(extent.top, view.top)
    if left >= right or bottom >= top:
        return
    text = f"{region.name} hidden" if hidden else region.name
    narrow = (right - left) / (view.right - view.left) * placed_width(axes) < width_of([text])
    low = narrow or (top - bottom) < NAME_SPACE * (view.top - view.bottom)
    central = hidden or not isinstance(region, Box)
    axes.annotate(
        text,
        xy=((left + right) / 2 if central else left, top),
        xytext=(0 if central else OFFSET, OFFSET if low else -OFFSET),
        textcoords="offset points",
        ha="center" if central else "left",
        va="bottom" if low else "top",
        fontsize=SMALL,
        zorder=LAYER + 1,
        bbox=NAME_GROUND,
    )
