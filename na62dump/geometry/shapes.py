"""Shapes that a geometry is made of: frozen, in mm, in the NA62 frame (z along the beam, y up)."""

from __future__ import annotations

from na62dump.configuration import Angle, Length, Momentum, Settings


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


class DecayVolume(Settings):
    """The part of the vacuum tank in which a decay is looked for."""

    z_min: Length
    z_max: Length


class Chamber(Settings):
    """A STRAW chamber: a disc with, in each of four views, a band without straws for the beam."""

    z: Length
    r_max: Length
    hole_x: Length
    hole_half_width: Length


class Annulus(Settings):
    """A disc with a round hole."""

    z: Length
    r_min: Length
    r_max: Length


class Octagon(Settings):
    """A regular octagon with two sides parallel to x, with a round hole."""

    z: Length
    r_min: Length
    apothem: Length


class Square(Settings):
    """A square with sides parallel to x and y, with a round hole."""

    z: Length
    r_min: Length
    half_side: Length


class Station(Settings):
    """A LAV station: a ring of lead glass between two planes."""

    front: Length
    back: Length
    r_inner: Length
    r_outer: Length
