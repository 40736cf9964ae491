"""How likely a particle reaches the decay volume and decays in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.flux import Flux
    from na62dump.signal.model import Model
    from na62dump.signal.parents import Production


def decays_between(
    begin: float, end: float, *, momentum: NDArray[np.float64], mass: float, ctau: float
) -> NDArray[np.float64]:
    """Probability to reach a volume and to decay in it: exp(-d/lambda) (1 - exp(-L/lambda)), lambda = (p/m) c tau.

    NA62, arXiv:2312.17188, P_RD.

    Parameters
    ----------
    begin, end : float, mm
        Distances of the two ends of the volume from where the particle is made, along its flight.
    momentum : float64[n], MeV
        Of the particles.
    mass : float, MeV
        Of the particles.
    ctau : float, mm
        Proper decay length.

    Returns
    -------
    float64[n]
        Probabilities.
    """
    length = momentum / mass * ctau
    return np.asarray(np.exp(-begin / length) * -np.expm1(-(end - begin) / length))


def decaying(flux: Flux, begin: float, *, end: float, mass: float, ctau: float) -> float:
    """Share of the particles of a flux that decays between two distances from the dump.

    Parameters
    ----------
    flux : Flux
        Momenta and angles; what is outside of its cells does not count.
    begin, end : float, mm
        Distances.
    mass : float, MeV
        Of the particles.
    ctau : float, mm
        Proper decay length.

    Returns
    -------
    float
        A pure number.
    """
    middle = np.sqrt(flux.grid.momentum[1:] * flux.grid.momentum[:-1])
    probability = decays_between(begin, end, momentum=middle, mass=mass, ctau=ctau)
    return float(flux.weight.sum(axis=1) @ probability) / (flux.inside + flux.outside)


def decays(model: Model, mass: float, *, coupling: float, production: Production) -> float:
    """Particles that decay in the decay volume, whether or not anything sees them: N_POT chi <P_RD>.

    Parameters
    ----------
    model : Model
        What decays.
    mass : float, MeV
        Of the particle.
    coupling : float
        In its unit.
    production : Production
        Protons on target, and where the volume begins and ends, mm.

    Returns
    -------
    float
        Their number, of all channels and modes; only those within the cells of the fluxes.
    """
    if not model.width(mass) > 0:
        return 0.0
    ctau = model.ctau(mass, coupling)
    per_proton = sum(
        channel.number(mass)
        * decaying(channel.flux(mass), production.decay_begin, end=production.decay_end, mass=mass, ctau=ctau)
        for channel in model.channels
        if channel.makes(mass)
    )
    return production.protons_on_target * coupling**model.coupling.production_power * per_proton
