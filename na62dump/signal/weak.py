"""A fermion decays into another and what the weak current makes: a meson, or a pair of fermions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump.signal.kinematics import momenta, momentum
from na62dump.signal.species import LEPTONS
from na62dump.signal.standard import mass

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

POINTS = 64
"""Points of the quadrature over the mass of a pair."""


class Vectors(conf.Settings):
    """Strengths with which the vector current makes vector mesons, MeV^2."""

    rho: conf.EnergySquared
    omega: conf.EnergySquared
    phi: conf.EnergySquared
    Kstar: conf.EnergySquared


class Neutrals(conf.Settings):
    """Decay constants of neutral pseudoscalar mesons, MeV."""

    eta: conf.Energy
    etap: conf.Energy


class Inclusive(conf.Settings):
    """Hadrons as quarks: from which mass (MeV), and the strong coupling at the mass of the tau."""

    mass_min: conf.Energy
    alpha_s: float


class TauSources(conf.Settings):
    """Branching ratios of mesons to tau and neutrino, pure numbers."""

    Ds: float
    D: float


class Uncertainties(conf.Settings):
    """Relative uncertainties of branching ratios by theory, pure numbers."""

    charm_form_factors: float
    beauty_form_factors: float
    tau_modes: float


class Weak(conf.Settings):
    """Numbers of config/signal/weak.toml, MeV and pure numbers."""

    vectors: Vectors
    neutrals: Neutrals
    inclusive: Inclusive
    tau_sources: TauSources
    uncertainties: Uncertainties


def weak(near: Path | None = None) -> Weak:
    """Numbers of config/signal/weak.toml, MeV; ``near`` is a folder looked into first."""
    return conf.load(conf.find("signal/weak", near=near), Weak)


@cache
def rule(points: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quadrature over (0, 1) that is exact enough where the integrand begins and ends as a root.

    Parameters
    ----------
    points : int
        How many.

    Returns
    -------
    place, weight : float64[points]
        Without unit: those of Gauss and Legendre in t with the place (1 - cos(pi t))/2.
    """
    nodes, weights = np.polynomial.legendre.leggauss(points)
    angle = np.pi * (nodes + 1) / 2
    return (1 - np.cos(angle)) / 2, weights * np.pi * np.sin(angle) / 4


def to_pseudoscalar(parent: float, other: float, *, meson: float, constant: float, fermi: float) -> float:
    """Width of a fermion into another and a pseudoscalar meson.

    G^2 f^2 M^3/(16 pi) [(1 - x)^2 - y (1 + x)] sqrt(lambda(1, x, y)), x = m^2/M^2, y = m_P^2/M^2: 1805.08567, section 3.2.1, for
    a heavy neutral lepton, and the same for the tau (0705.1729).

    Parameters
    ----------
    parent, other, meson : float, MeV
        Masses.
    constant : float, MeV
        Decay constant times the element of the mixing matrix.
    fermi : float, 1/MeV^2
        Fermi constant.

    Returns
    -------
    float
        MeV; 0 below the threshold.
    """
    if parent <= other + meson:
        return 0.0
    x, y = (other / parent) ** 2, (meson / parent) ** 2
    shape = ((1 - x) ** 2 - y * (1 + x)) * 2 * momentum(parent, (other, meson)) / parent
    return float((fermi * constant) ** 2 * parent**3 / (16 * np.pi) * shape)


def to_vector(parent: float, other: float, *, meson: float, constant: float, fermi: float) -> float:
    """Width of a fermion into another and a vector meson.

    G^2 g^2 M^3/(16 pi m_V^2) [(1 - x)^2 + y (1 + x) - 2 y^2] sqrt(lambda(1, x, y)): 1805.08567, section 3.2.1; without
    masses of leptons that of tau -> rho nu.

    Parameters
    ----------
    parent, other, meson : float, MeV
        Masses.
    constant : float, MeV^2
        Strength of the meson times the element of the mixing matrix.
    fermi : float, 1/MeV^2
        Fermi constant.

    Returns
    -------
    float
        MeV; 0 below the threshold.
    """
    if parent <= other + meson:
        return 0.0
    x, y = (other / parent) ** 2, (meson / parent) ** 2
    shape = ((1 - x) ** 2 + y * (1 + x) - 2 * y**2) * 2 * momentum(parent, (other, meson)) / parent
    return float((fermi * constant / meson) ** 2 * parent**3 / (16 * np.pi) * shape)


@dataclass(frozen=True)
class Pairs:
    """Pairs of fermions by their mass.

    Attributes
    ----------
    square : float64[n], MeV^2
        Squared masses of the pair.
    width : float64[n], MeV
        Width of each; their sum is the partial width.
    """

    square: NDArray[np.float64]
    width: NDArray[np.float64]

    @property
    def total(self) -> float:
        """Partial width, MeV."""
        return float(self.width.sum())


NONE = Pairs(np.zeros(0), np.zeros(0))


def to_pair(
    parent: float,
    other: float,
    *,
    pair: tuple[float, float],
    fermi: float,
    left: float = 1.0,
    right: float = 0.0,
    lowest: float = 0.0,
) -> Pairs:
    """Width of a fermion into another and a pair, G/sqrt(2) times V-A for the former, left and right for the latter.

    The pair is a vector and a scalar of squared mass s, with the densities sqrt(lambda(1, a, b)) / (6 pi^2) times
    (l^2 + r^2) [1 - (a + b)/2 - (a - b)^2/2] + 6 l r sqrt(a b), and sqrt(lambda(1, a, b)) / (4 pi^2) times
    (l^2 + r^2) [a + b - (a - b)^2] - 4 l r sqrt(a b), a and b the squared masses over s. With l = 1, r = 0 it is the integral
    I(x_u, x_d, x_l) of 1805.08567, section 3.1.1; a charged and a neutral current to the same leptons add in l (Fierz).

    Parameters
    ----------
    parent, other : float, MeV
        Masses.
    pair : (float, float), MeV
        Masses.
    fermi : float, 1/MeV^2
        Fermi constant.
    left, right : float
        Couplings of the pair; the charged current is 1 and 0.
    lowest : float, MeV
        Mass below which there is no pair: that of the lightest hadrons for quarks.

    Returns
    -------
    Pairs
        Squared masses and widths; nothing below the threshold.
    """
    low, high = max(pair[0] + pair[1], lowest), parent - other
    if high <= low:
        return NONE
    place, weight = rule(POINTS)
    s = low**2 + (high**2 - low**2) * place
    a, b, x, y = pair[0] ** 2 / s, pair[1] ** 2 / s, (other / parent) ** 2, s / parent**2
    root = 4 * momenta(1, (np.sqrt(a), np.sqrt(b))) * momenta(1, (np.sqrt(x), np.sqrt(y)))
    chiral, mixed = left**2 + right**2, left * right * np.sqrt(a * b)
    vector = (chiral * (1 - (a + b) / 2 - (a - b) ** 2 / 2) + 6 * mixed) / (6 * np.pi**2)
    scalar = (chiral * (a + b - (a - b) ** 2) - 4 * mixed) / (4 * np.pi**2)
    density = ((1 - x) ** 2 + y * (1 + x) - 2 * y**2) * vector + ((1 - x) ** 2 - y * (1 + x)) * scalar
    scale = fermi**2 * parent**3 / (16 * np.pi) * (high**2 - low**2)
    return Pairs(s, scale * weight * root * density)


def lepton(flavour: str) -> float:
    """Mass of a charged lepton by its flavour (e, mu, tau), MeV."""
    return mass(LEPTONS[flavour])
