"""Vector particles that couple like the photon, times epsilon: widths into leptons, decays of mesons into them, mixing with mesons."""

from __future__ import annotations

import math


def leptonic_width(mass: float, lepton: float, *, alpha: float) -> float:
    """Width of X -> l+ l- at epsilon 1: alpha m/3 (1 + 2 ml^2/m^2) sqrt(1 - 4 ml^2/m^2) [arXiv:0906.0580, equation 2].

    Parameters
    ----------
    mass, lepton : float, MeV
        Masses of the particle and of the lepton.
    alpha : float
        Fine-structure constant, a pure number.

    Returns
    -------
    float
        MeV; 0 below the threshold.
    """
    ratio = (lepton / mass) ** 2
    return alpha * mass / 3 * (1 + 2 * ratio) * math.sqrt(1 - 4 * ratio) if 4 * ratio < 1 else 0.0


def from_pseudoscalar(mass: float, *, parent: float) -> float:
    """BR(P -> gamma X)/BR(P -> gamma gamma) at epsilon 1: 2 (1 - m^2/mP^2)^3 [arXiv:0906.5614, equation 5].

    Parameters
    ----------
    mass, parent : float, MeV
        Masses of the particle and of the pseudoscalar meson.

    Returns
    -------
    float
        A pure number; 2 for a massless particle, which is either of the photons; 0 above the threshold.
    """
    return 2 * (1 - (mass / parent) ** 2) ** 3 if mass < parent else 0.0


def from_vector(mass: float, *, parent: float, partner: float) -> float:
    """BR(V -> P X)/BR(V -> P gamma) at epsilon 1: (p(X)/p(gamma))^3, a P wave [arXiv:0906.5614].

    Which is lambda(mV^2, mP^2, m^2)^(3/2)/(mV^2 - mP^2)^3, with lambda = ((mV + mP)^2 - m^2) ((mV - mP)^2 - m^2).

    Parameters
    ----------
    mass, parent, partner : float, MeV
        Masses of the particle, of the vector meson and of the pseudoscalar meson.

    Returns
    -------
    float
        A pure number; 1 for a massless particle; 0 above the threshold.
    """
    if mass >= parent - partner:
        return 0.0
    return math.sqrt((1 - (mass / (parent + partner)) ** 2) * (1 - (mass / (parent - partner)) ** 2)) ** 3


def mixing(mass: float, *, meson: float, width: float, electrons: float, alpha: float) -> float:
    """Probability at epsilon 1 that a vector meson appears as the particle: |e/g m_V^2/(m_V^2 - m^2 - i m_V G)|^2.

    Vector meson dominance [arXiv:1801.04847, section 2]; the coupling follows from the width into electrons:
    e^2/g^2 = 3 G(V -> e+ e-)/(alpha m_V).

    Parameters
    ----------
    mass : float, MeV
        Of the particle.
    meson, width, electrons : float, MeV
        Mass of the meson, its width and its width into e+ e-.
    alpha : float
        Fine-structure constant, a pure number.

    Returns
    -------
    float
        A pure number.
    """
    propagator = meson**2 / complex(meson**2 - mass**2, -meson * width)
    return 3 * electrons / (alpha * meson) * abs(propagator) ** 2
