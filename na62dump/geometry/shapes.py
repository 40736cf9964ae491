"""Shapes that a geometry is made of: frozen, in mm, in the NA62 frame (z along the beam, y up)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from na62dump.configuration import Angle, Length, Momentum, Settings

Size = Annotated[Length, Field(gt=0)]
"""A length above zero, mm."""
Hole = Annotated[Length, Field(ge=0)]
"""Radius of a hole, mm; zero if there is none."""


class Line(Settings):
    """A straight line through (x, y, z) with slopes dx/dz and dy/dz: the axis of the proton beam."""

    x: Length
    y: Length
    z: Length
    dxdz: Angle
    dydz: Angle


class Magnet(Settings):
    """A dipole as a thin lens: a momentum kick in x at its centre."""

    z: Length
    kick: Momentum


class Chamber(Settings):
    """A STRAW chamber: a disc with, in each of four views, a band without straws for the beam."""

    z: Length
    r_max: Size
    hole_x: Length
    hole_half_width: Size


class Annulus(Settings):
    """A disc with a round hole."""

    z: Length
    r_min: Hole
    r_max: Size


class Octagon(Settings):
    """A regular octagon with two sides parallel to x, with a round hole."""

    z: Length
    r_min: Hole
    apothem: Size


class Square(Settings):
    """A square with sides parallel to x and y, with a round hole."""

    z: Length
    r_min: Hole
    half_side: Size


class Station(Settings):
    """A LAV station: a ring of lead glass between two planes."""

    front: Length
    back: Length
    r_inner: Size
    r_outer: Size
