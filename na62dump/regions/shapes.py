"""Shapes over two columns of the candidates; a boundary belongs to the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from na62dump.configuration import Settings, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pair = Annotated[tuple[Value, Value], Field(strict=False)]


class _Region(Settings):
    """What every region has.

    Attributes
    ----------
    name : str
        Its name.
    hidden : bool
        Whether data in it stay hidden until it is opened by record.
    opens_after : tuple of str
        Regions that must be open before it.
    """

    name: str
    hidden: bool
    opens_after: Annotated[tuple[str, ...], Field(strict=False)]


class Box(_Region):
    """A rectangle: low and high edge in x and in y, in the base units of the two columns."""

    shape: Literal["box"]
    x: Pair
    y: Pair

    def contains(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points, float64[row] in the base units of the two columns, are inside: bool[row]; NaN is not."""
        inside: NDArray[np.bool_] = (x >= self.x[0]) & (x <= self.x[1]) & (y >= self.y[0]) & (y <= self.y[1])
        return inside


class Ellipse(_Region):
    """An ellipse: centre and semi-axes in x and y, in the base units of the two columns."""

    shape: Literal["ellipse"]
    centre: Pair
    semi_axes: Pair

    def contains(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points, float64[row] in the base units of the two columns, are inside: bool[row]; NaN is not."""
        u = (x - self.centre[0]) / self.semi_axes[0]
        v = (y - self.centre[1]) / self.semi_axes[1]
        inside: NDArray[np.bool_] = u * u + v * v <= 1
        return inside


Region = Annotated[Box | Ellipse, Field(discriminator="shape")]
"""A named shape."""
