"""Momenta and angles of the exotic particles themselves, counted in cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NODES = 4
"""Points of Gauss and Legendre along each side of a cell: exact for polynomials of degree 7."""


@dataclass(frozen=True)
class Grid:
    """Cells in momentum and in the angle to the proton axis.

    Attributes
    ----------
    momentum : float64[p+1], MeV
        Edges, increasing.
    theta : float64[t+1], rad
        Edges, from 0.
    """

    momentum: NDArray[np.float64]
    theta: NDArray[np.float64]

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of cells."""
        return len(self.momentum) - 1, len(self.theta) - 1


@dataclass(frozen=True)
class Flux:
    """Exotic particles in cells; flat in momentum and in solid angle within each.

    Attributes
    ----------
    grid : Grid
        The cells, MeV and rad.
    weight : float64[p, t]
        Share of the particles in each, a pure number.
    outside : float
        Share that is in no cell, a pure number.

    Raises
    ------
    ConfigurationError
        If a share is not finite, is negative, or all are 0.
    """

    grid: Grid
    weight: NDArray[np.float64]
    outside: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        good = self.weight.shape == self.grid.shape and bool(np.all(np.isfinite(self.weight) & (self.weight >= 0)))
        if not good or not 0 <= self.outside < np.inf or not self.inside + self.outside > 0:
            msg = f"a flux needs {self.grid.shape} finite weights, none negative, not all 0; got {self.weight.shape}"
            raise ConfigurationError(msg)

    @property
    def inside(self) -> float:
        """Share of the particles that is in a cell, a pure number."""
        return float(self.weight.sum())

    def normalised(self) -> Flux:
        """The same, with all shares and what is outside adding up to 1."""
        total = self.inside + self.outside
        return Flux(self.grid, self.weight / total, self.outside / total)

    def __add__(self, other: Flux) -> Flux:
        """Both together.

        Raises
        ------
        ConfigurationError
            If their cells differ.
        """
        ours, theirs = self.grid, other.grid
        if not (np.array_equal(ours.momentum, theirs.momentum) and np.array_equal(ours.theta, theirs.theta)):
            msg = f"fluxes in different cells, {ours.shape} and {theirs.shape}, cannot be added: count both in one grid"
            raise ConfigurationError(msg)
        return Flux(self.grid, self.weight + other.weight, self.outside + other.outside)

    def times(self, factor: float) -> Flux:
        """All shares times a factor, a pure number."""
        return Flux(self.grid, factor * self.weight, factor * self.outside)


def counted(
    momentum: NDArray[np.float64],
    theta: NDArray[np.float64],
    *,
    weight: NDArray[np.float64],
    grid: Grid,
) -> Flux:
    """Particles counted in their cells.

    Parameters
    ----------
    momentum : float64[n], MeV
        Of each particle.
    theta : float64[n], rad
        Angle of each to the proton axis.
    weight : float64[n]
        What each stands for, a pure number.
    grid : Grid
        Cells.

    Returns
    -------
    Flux
        With the sum of the weights.
    """
    cells = np.histogram2d(momentum, theta, bins=(grid.momentum, grid.theta), weights=weight)[0]
    return Flux(grid, cells, max(float(weight.sum() - cells.sum()), 0.0))


def integrated(
    density: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]], *, grid: Grid, total: float
) -> Flux:
    """A density integrated over each cell.

    Parameters
    ----------
    density : callable
        Particles per MeV of momentum and MeV^2 of squared transverse momentum, float64[p, t], for arrays of the
        momentum (MeV) and of the squared transverse momentum (MeV^2) of that shape.
    grid : Grid
        Cells.
    total : float
        Integral over all momenta and angles, in particles.

    Returns
    -------
    Flux
        Shares of the total, pure numbers.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    p, wp = _nodes(np.log(grid.momentum), nodes, weights)
    t, wt = _nodes(grid.theta, nodes, weights)
    momentum = np.exp(p)[:, None]
    pt2 = (momentum * np.sin(t)[None, :]) ** 2
    jacobian = momentum**3 * np.sin(2 * t)[None, :]  # dp d(pT^2) = p dlog(p) p^2 sin(2 theta) dtheta
    values = density(np.broadcast_to(momentum, pt2.shape), pt2) * jacobian * wp[:, None] * wt[None, :]
    rows, columns = grid.shape
    cells = values.reshape(rows, NODES, columns, NODES).sum(axis=(1, 3)) / total
    return Flux(grid, cells, max(1.0 - float(cells.sum()), 0.0))


def _nodes(
    edges: NDArray[np.float64], nodes: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and weights of the quadrature in all cells along one axis: float64[cell * node] each, in its unit."""
    half, middle = np.diff(edges)[:, None] / 2, ((edges[1:] + edges[:-1]) / 2)[:, None]
    return (middle + half * nodes).ravel(), np.broadcast_to(half * weights, (len(edges) - 1, len(nodes))).ravel()
