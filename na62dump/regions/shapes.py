"""Shapes over two columns of the candidates; a boundary belongs to the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from na62dump.configuration import Settings

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pair = Annotated[tuple[float, float], Field(strict=False)]
"""Two numbers in base units; in a file, text with a unit, which `Plane` reads as the unit of its columns asks."""

_Sizes = Annotated[tuple[Positive, Positive], Field(strict=False)]


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

    @field_validator("x", "y")
    @classmethod
    def _ordered(cls, edges: tuple[float, float]) -> tuple[float, float]:
        if not edges[0] < edges[1]:
            msg = f"the low edge {edges[0]} must be below the high edge {edges[1]} (base units): nothing is inside"
            raise ValueError(msg)
        return edges

    def contains(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points, float64[row] in the base units of the two columns, are inside: bool[row]; NaN is not."""
        inside: NDArray[np.bool_] = (x >= self.x[0]) & (x <= self.x[1]) & (y >= self.y[0]) & (y <= self.y[1])
        return inside


class Ellipse(_Region):
    """An ellipse: centre and semi-axes in x and y, in the base units of the two columns."""

    shape: Literal["ellipse"]
    centre: Pair
    semi_axes: _Sizes

    def contains(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points, float64[row] in the base units of the two columns, are inside: bool[row]; NaN is not."""
        u = (x - self.centre[0]) / self.semi_axes[0]
        v = (y - self.centre[1]) / self.semi_axes[1]
        inside: NDArray[np.bool_] = u * u + v * v <= 1
        return inside


Region = Annotated[Box | Ellipse, Field(discriminator="shape")]
"""A named shape."""
