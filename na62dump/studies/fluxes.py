"""A flux as the simulation draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump import simulation
from na62dump.signal.flux import Flux

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Drawn:
    """A flux as the simulation draws it: with an additional weight, which is taken back event by event.

    Attributes
    ----------
    spectrum : simulation.Spectrum
        Cells for the simulation, MeV and rad.
    edges : float64[p+1], MeV
        Momenta.
    back : float64[p]
        Weight that a particle of each row of cells has, a pure number.
    """

    spectrum: simulation.Spectrum
    edges: NDArray[np.float64]
    back: NDArray[np.float64]

    def weights(self, momentum: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weight of each particle, float64[n], a pure number, by its momentum, float64[n], MeV."""
        row = np.clip(np.searchsorted(self.edges, momentum, side="right") - 1, 0, len(self.back) - 1)
        return np.asarray(self.back[row])


def drawn(flux: Flux, mass: float, *, bias: float) -> Drawn:
    """Cells that particles are drawn from, more of the fast ones.

    Parameters
    ----------
    flux : Flux
        Momenta and angles.
    mass : float, MeV
        Of the particle.
    bias : float
        Power of the momentum that is put on the weights.

    Returns
    -------
    Drawn
        Cells, and what takes the bias back.
    """
    edges = flux.grid.momentum
    pull = np.sqrt(edges[1:] * edges[:-1]) ** bias
    biased = Flux(flux.grid, flux.weight * pull[:, None])
    return Drawn(simulation.from_flux(biased, mass), edges, biased.inside / flux.inside / pull)
