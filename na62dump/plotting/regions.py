"""Figures of regions alone: what an analysis hides, before there is a result."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from na62dump import units
from na62dump.plotting.heading import HEIGHT, write_heading
from na62dump.plotting.legend import GAP, LINE, legend
from na62dump.plotting.outlines import HATCHES, MASK, Extent, Frame, extent_of, patch_of, view_of, write_name
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet, write
from na62dump.plotting.style import SMALL, of_simulation, styled
from na62dump.reconstruction import PAIR
from na62dump.regions import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    from na62dump.regions import Ellipse, Plane

WIDTH, DOWN = 6.0, 4.0
"""Size of the axes of one panel, in."""

BORDER = 0.08
"""Free room around the regions, as a fraction of their size."""

MUCH_LARGER = 3.0
"""How much larger all regions must be than the hidden ones for these to have a panel of their own."""

LEAST = 10.0
"""Coordinates are shown in the largest unit in which the farthest is no less than this."""

RARE = frozenset({"cm", "um"})
"""Units that no axis has."""

LETTERS = 42
"""Longest line of the label of an axis."""


class Scale(NamedTuple):
    """How a column is shown: its label, the unit, and what its values in base units are divided by."""

    label: str
    unit: str
    factor: float

    def length(self, size: float) -> str:
        """Size in base units, with its unit."""
        return f"{size / self.factor:.4g} {self.unit}".strip()


def draw_regions(planes: Mapping[str, Plane]) -> dict[str, Figure]:
    """Draw the regions of some analyses.

    Parameters
    ----------
    planes : mapping of str to Plane
        By the name of the analysis.

    Returns
    -------
    dict of str to Figure
        ``"regions_"`` and the name of the analysis to its figure. To be written by `save`.
    """
    with styled():
        return {f"regions_{name}": regions_figure(plane, name=name) for name, plane in planes.items()}


def regions_figure(plane: Plane, *, name: str) -> Figure:
    """Draw the regions of one analysis.

    Parameters
    ----------
    plane : Plane
        Its regions; the second column is drawn along the horizontal axis, as in the papers.
    name : str
        The analysis.

    Returns
    -------
    Figure
        Regions as they take precedence, with names; hidden ones are hatched. If they are much smaller than the rest,
        they have a second panel. To be shown or written within `styled`, as `save` does.
    """
    extents = [extent_of(region, Frame(1, 1)) for region in plane.region]
    whole = _around(extents)
    hidden = _around(extent for region, extent in zip(plane.region, extents, strict=True) if region.hidden)
    scales = _scale(plane.columns[1], whole.left, whole.right), _scale(plane.columns[0], whole.bottom, whole.top)
    views = [whole, hidden] if _much_larger(whole, hidden) else [whole]
    top = HEIGHT + LINE * len(plane.region) + GAP
    across, below = LEFT + LINE + WIDTH + MARGIN, BELOW + LINE
    figure = sheet(len(views) * across, top + DOWN + below)
    _head(figure, plane, name=name)
    for number, view in enumerate(views):
        axes = place(figure, left=number * across + LEFT + LINE, top=top, width=WIDTH, height=DOWN)
        handles = _panel(axes, plane, view=view, scales=scales)
        if number == 0:
            legend(axes, height=DOWN, handles=handles)
        else:
            write(
                figure, "Around the hidden regions", left=number * across + LEFT + LINE, top=top - LINE, fontsize=SMALL
            )
    return figure


def _around(extents: Iterable[Extent]) -> Extent:
    """What holds them all."""
    lefts, rights, bottoms, tops = zip(*extents, strict=True)
    return Extent(min(lefts), max(rights), min(bottoms), max(tops))


def _much_larger(whole: Extent, part: Extent) -> bool:
    return (whole.right - whole.left) > MUCH_LARGER * (part.right - part.left) or (
        whole.top - whole.bottom
    ) > MUCH_LARGER * (part.top - part.bottom)


def _scale(column: str, low: float, high: float) -> Scale:
    """How a column is shown, by the range that its values have, in base units."""
    quantity = PAIR[column]
    known = next((known for known in units.DIMENSIONS.values() if quantity.unit in known), {"": 1.0})
    fitting = {u: f for u, f in known.items() if u not in RARE and max(abs(low), abs(high)) >= LEAST * f}
    unit = max(fitting, key=fitting.__getitem__, default=min(known, key=lambda u: abs(known[u] - 1)))
    title = f"{column} [{unit}]" if unit else column
    return Scale(f"{title}\n{fill(quantity.meaning, LETTERS)}", unit, known[unit])


def _head(figure: Figure, plane: Plane, *, name: str) -> None:
    hidden = ", ".join(region.name for region in plane.region if region.hidden)
    line = f"Data in {hidden} are hidden until opened by record; where regions overlap, the first of the list counts."
    write_heading(figure, kinds=f"Regions of {name}", what=line)


def _panel(axes: Axes, plane: Plane, *, view: Extent, scales: tuple[Scale, Scale]) -> list[Patch]:
    """Draw all regions that lie in view, last first; give their patches, first first."""
    across, up = scales
    frame = Frame(across.factor, up.factor)
    axes.set(xlim=_bordered(view.left, view.right, across.factor), ylim=_bordered(view.bottom, view.top, up.factor))
    axes.set(xlabel=across.label, ylabel=up.label)
    shown = {region.name: extent_of(region, frame) for region in plane.region}
    patches = [_patch(region, shown[region.name], number=n) for n, region in enumerate(plane.region)]
    for region, patch in zip(reversed(plane.region), reversed(patches), strict=True):
        axes.add_patch(patch)
        patch.set_label(f"{region.name}: {_size(region, scales)}; {_fate(region)}")
    for region in plane.region:
        # names of rings around what is shown would lie on each other
        if _starts_in(shown[region.name], view_of(axes)):
            write_name(axes, region, extent=shown[region.name], hidden=region.hidden)
    return patches


def _bordered(low: float, high: float, factor: float) -> tuple[float, float]:
    border = BORDER * (high - low)
    return (low - border) / factor, (high + border) / factor


def _starts_in(extent: Extent, view: Extent) -> bool:
    """Whether the upper or the left edge is shown, where the name is."""
    return extent.top <= view.top or extent.left >= view.left


def _patch(region: Box | Ellipse, extent: Extent, *, number: int) -> Patch:
    patch = patch_of(region, extent)
    look = of_simulation(number)
    hatch = HATCHES[number % len(HATCHES)] if region.hidden else None
    patch.set(
        facecolor=MASK if region.hidden else "white",
        edgecolor=look["color"],
        linestyle=look["linestyle"],
        linewidth=look["linewidth"],
        hatch=hatch,
        gid=f"region {region.name}",
    )
    return patch


def _size(region: Box | Ellipse, scales: tuple[Scale, Scale]) -> str:
    across, up = scales
    if isinstance(region, Box):
        width, height = region.y[1] - region.y[0], region.x[1] - region.x[0]
    else:
        height, width = region.semi_axes
    size = f"{across.length(width)} \N{MULTIPLICATION SIGN} {up.length(height)}"
    return size if isinstance(region, Box) else f"ellipse, semi-axes {size}"


def _fate(region: Box | Ellipse) -> str:
    """Whether it is hidden, in words."""
    if not region.hidden:
        return "visible"
    return f"hidden, opens after {', '.join(region.opens_after)}" if region.opens_after else "hidden"
