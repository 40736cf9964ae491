"""The published event, and what follows from its momenta."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from na62dump.configuration import Energy, Length, Many, Momentum, Settings, Time
from na62dump.errors import ConfigurationError

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class Event(Settings):
    """The event, as printed; each ``rounding`` is half of the last printed digit.

    Attributes
    ----------
    source : str
        Where it is printed.
    mass, mass_rounding : float, MeV
        Of the pair.
    time_difference : float, ns
        Of the tracks.
    time_widths, time_widths_rounding : float
        Its distance from 0, standard deviations.
    momentum_plus, momentum_minus, momentum_rounding : float, MeV
        Of the tracks.
    vertex_z : float, mm
        Where the tracks meet.
    e_over_p_plus, e_over_p_minus : float
        Energy in the calorimeter over momentum, pure numbers.
    cda_tax : float, mm
        Distance of its line from the beam, as deduced.
    probability, probability_rounding : float
        Printed probability of so many events or more.
    significance, significance_rounding : float
        Printed standard deviations.
    garbled : tuple of str
        Lines that cannot be as printed.
    """

    source: str
    mass: Energy
    mass_rounding: Energy
    time_difference: Time
    time_widths: Positive
    time_widths_rounding: Positive
    momentum_plus: Momentum
    momentum_minus: Momentum
    momentum_rounding: Momentum
    vertex_z: Length
    e_over_p_plus: float
    e_over_p_minus: float
    cda_tax: Length
    probability: Annotated[float, Field(gt=0.0, lt=1.0)]
    probability_rounding: Positive
    significance: Positive
    significance_rounding: Positive
    garbled: Many[str]


def opening_angle(momenta: tuple[float, float], *, mass: float, particle: float) -> float:
    """Angle between two equal particles that have an invariant mass: m^2 = 2 mu^2 + 2 (E1 E2 - p1 p2 cos angle) [PDG, kinematics].

    Parameters
    ----------
    momenta : two floats, MeV
        Of the particles.
    mass, particle : float, MeV
        Of the pair, and of each particle.

    Returns
    -------
    float
        rad.

    Raises
    ------
    ConfigurationError
        If no angle gives that mass.
    """
    first, second = momenta
    energies = math.hypot(first, particle) * math.hypot(second, particle)
    # 1 - cos = 2 sin^2 of half the angle: no digits are lost at small ones
    half = (mass**2 - 2 * particle**2 - 2 * (energies - first * second)) / (4 * first * second)
    if not 0 <= half <= 1:
        msg = f"two particles of {particle:g} MeV with {first:g} and {second:g} MeV cannot have a mass of {mass:g} MeV"
        raise ConfigurationError(msg)
    return 2 * math.asin(math.sqrt(half))
