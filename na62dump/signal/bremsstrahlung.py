"""Vector particles radiated by the proton of the beam: bremsstrahlung in collisions with nucleons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import model_validator

from na62dump import configuration as conf
from na62dump.signal.flux import Flux, Grid, integrated
from na62dump.signal.species import PROTON
from na62dump.signal.standard import mass as mass_of
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.parents import ProtonFit

GEV2 = ENERGY["GeV"] ** 2
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
"""Points of Gauss and Legendre: along z and along the logarithm of H they give the number to better than 1e-6."""


class Poles(conf.Settings):
    """Mesons of one isospin that couple to the nucleon: masses and widths (MeV), couplings (pure numbers)."""

    masses: conf.Many[conf.Energy]
    widths: conf.Many[conf.Energy]
    couplings: conf.Many[float]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        numbers = len(self.masses), len(self.widths), len(self.couplings)
        if len(set(numbers)) != 1:
            msg = "poles have {} masses, {} widths and {} couplings: write as many of each".format(*numbers)
            raise ValueError(msg)
        return self


class BremsstrahlungSettings(conf.Settings):
    """How protons radiate: range of z and of pT (MeV/c), cutoff (MeV), form factor, relative uncertainty.

    ``method`` is that of arXiv:1311.3870 (``"Weizsaecker-Williams"``) or of arXiv:2108.05900 (``"quasi-real"``). For the
    first, ``term`` says which T stands in its third term: ``"code"`` is that of the public codes, ``"paper"`` the paper's.
    For the second, ``cutoff`` is the scale above which a proton off its mass shell does not radiate.
    """

    method: Literal["Weizsaecker-Williams", "quasi-real"]
    term: Literal["code", "paper"]
    cutoff: conf.Energy
    z_min: float
    z_max: float
    pt_max: conf.Momentum
    uncertainty: float
    form_factor: bool
    isovector: Poles
    isoscalar: Poles

    @model_validator(mode="after")
    def _range(self) -> Self:
        if not 0 < self.z_min < self.z_max < 1:
            msg = f"z_min = {self.z_min:g} and z_max = {self.z_max:g} are no range of z: write 0 < z_min < z_max < 1"
            raise ValueError(msg)
        return self


def pp_cross_section(s: NDArray[np.float64], *, fit: ProtonFit) -> NDArray[np.float64]:
    """Total cross section of two protons: Z + B ln^2(s/s0) + Y1 s^-n1 - Y2 s^-n2, s in GeV^2 [PDG 2010, used by arXiv:1311.3870].

    Parameters
    ----------
    s : float64[n], MeV^2
        Square of the energy in their centre of mass.
    fit : ProtonFit
        Z, B, s0, Y1, n1, Y2, n2 in this order; mm^2, MeV^2 and pure numbers.

    Returns
    -------
    float64[n], mm^2
    """
    x = s / GEV2
    falling = fit.even * x**-fit.even_power - fit.odd * x**-fit.odd_power
    return np.asarray(fit.constant + fit.growth * np.log(s / fit.scale) ** 2 + falling)


def form_factor(mass: float, *, isovector: Poles, isoscalar: Poles) -> float:
    """Time-like form factor of the nucleon by vector mesons [arXiv:0910.5589, used by arXiv:2108.05900].

    |sum over rhos of f m_i^2/(m_i^2 - m^2 - i m G_i)| + the same of the omegas.

    Parameters
    ----------
    mass : float, MeV
        Of the radiated particle.
    isovector, isoscalar : Poles
        Mesons of isospin 1 and 0, MeV.

    Returns
    -------
    float
        A pure number; 1 for a photon.
    """
    found = 0.0
    for poles in (isovector, isoscalar):
        m, width, coupling = (np.array(column) for column in (poles.masses, poles.widths, poles.couplings))
        found += abs(complex(np.sum(coupling * m**2 / (m**2 - mass**2 - 1j * mass * width))))
    return found


@dataclass(frozen=True)
class Bremsstrahlung:
    """Particles radiated by protons.

    Attributes
    ----------
    settings : BremsstrahlungSettings
        Method and ranges, MeV.
    alpha : float
        Fine-structure constant, a pure number.
    momentum : float, MeV
        Of the protons of the beam.
    cross_section : ProtonFit
        Of two protons, mm^2, MeV^2 and pure numbers.
    """

    settings: BremsstrahlungSettings
    alpha: float
    momentum: float
    cross_section: ProtonFit

    def number(self, mass: float) -> float:
        """Particles per inelastic collision of a proton at coupling 1, a pure number, for a mass in MeV."""
        low, high = self.settings.z_min, self.settings.z_max
        z = (low + high + (high - low) * NODES[:, None]) / 2
        least = _h(z, 0.0, mass)
        span = np.log1p(self.settings.pt_max**2 / least)
        h = least * np.exp(span * (1 + NODES) / 2)  # dpT^2 = H dlog(H), of which the integrand is a smooth function
        weights = (high - low) / 2 * WEIGHTS[:, None] * span / 2 * WEIGHTS
        return float(np.sum(self.density(z, h - least, mass=mass) * h * weights))

    def flux(self, mass: float, *, grid: Grid) -> Flux:
        """Their momenta (MeV) and angles (rad) in the cells of a grid; shares, pure numbers, that add up to 1 with outside.

        The edges of the range of z are made edges of cells, so that no cell is integrated across the end of the range.
        """
        ends = self.momentum * np.array([self.settings.z_min, self.settings.z_max])
        ends = ends[(ends > grid.momentum[0]) & (ends < grid.momentum[-1])]
        finer = Grid(np.union1d(grid.momentum, ends), grid.theta)
        fine = integrated(lambda p, pt2: self._lab(p, pt2, mass), grid=finer, total=self.number(mass))
        cells = np.add.reduceat(fine.weight, np.searchsorted(finer.momentum, grid.momentum[:-1]), axis=0)
        return Flux(grid, cells, fine.outside).normalised()

    def density(self, z: NDArray[np.float64], pt2: NDArray[np.float64], *, mass: float) -> NDArray[np.float64]:
        """Particles per unit of z and of squared transverse momentum, and per inelastic collision, at coupling 1.

        w(z, pT^2) sigma_pp(s')/sigma_pp(s) [arXiv:1311.3870], with s' that of a proton which has lost the share z of its energy.

        Arrays of any shapes that go together will do.

        Parameters
        ----------
        z : float64[n]
            Share of the proton's longitudinal momentum that the particle takes, a pure number.
        pt2 : float64[n], MeV^2
            Squared transverse momentum of the particle.
        mass : float, MeV
            Of the particle.

        Returns
        -------
        float64[n], 1/MeV^2
        """
        proton = mass_of(PROTON)
        energy = math.hypot(self.momentum, proton)
        total = 2 * proton * energy + 2 * proton**2
        left = pp_cross_section(2 * proton * energy * (1 - z) + 2 * proton**2, fit=self.cross_section)
        ratio = left / pp_cross_section(np.asarray(total), fit=self.cross_section)
        quasi_real = self.settings.method == "quasi-real"
        split = self._quasi_real(z, pt2, mass) if quasi_real else self._weizsaecker_williams(z, pt2, mass)
        factor = self.nucleon(mass) ** 2 if self.settings.form_factor else 1.0
        return np.asarray(self.alpha / (2 * math.pi) * split * ratio * factor)

    def nucleon(self, mass: float) -> float:
        """Time-like form factor of the nucleon, a pure number, at a mass in MeV."""
        return form_factor(mass, isovector=self.settings.isovector, isoscalar=self.settings.isoscalar)

    def form_factor_share(self, mass: float) -> float:
        """Part of the number that the form factor adds at a mass (MeV), 1 - 1/F^2: what is uncertain of it [assumed]."""
        return abs(1 - 1 / self.nucleon(mass) ** 2)

    def _weizsaecker_williams(
        self, z: NDArray[np.float64], pt2: NDArray[np.float64], mass: float
    ) -> NDArray[np.float64]:
        """Splitting of arXiv:1311.3870, equation 5 (generalised Fermi, Weizsaecker and Williams), 1/MeV^2: 2 pi w/alpha."""
        h, rest = _h(z, pt2, mass), 1 - z
        proton2, mass2 = mass_of(PROTON) ** 2, mass**2
        term = 1 + rest**2 if self.settings.term == "code" else z + rest**2
        inner = (1 + rest**2) / z - 2 * z * rest * ((2 * proton2 + mass2) / h - 2 * (z * proton2 / h) ** 2)
        inner += 2 * z * rest * term * proton2 * mass2 / h**2 + 2 * z * (rest * mass2 / h) ** 2
        return np.asarray(inner / h)

    def _quasi_real(self, z: NDArray[np.float64], pt2: NDArray[np.float64], mass: float) -> NDArray[np.float64]:
        """Splitting of arXiv:2108.05900 (quasi-real approximation), 1/MeV^2: 2 pi w/alpha, with the off-shell factor."""
        h = _h(z, pt2, mass)
        off_shell = 1 / (1 + (h / z / self.settings.cutoff**2) ** 2)  # L^4/(L^4 + (p'^2 - mp^2)^2), p'^2 - mp^2 = -H/z
        inner = 1 - (1 - z) * (2 * mass_of(PROTON) ** 2 + mass**2) / h + h / (2 * z**2 * mass**2)
        return np.asarray(off_shell**2 * z * inner / h)

    def _lab(self, p: NDArray[np.float64], pt2: NDArray[np.float64], mass: float) -> NDArray[np.float64]:
        """Particles per MeV of momentum and MeV^2 of pT^2, 1/MeV^3; 0 outside of the ranges: z = p_z/P, dz/dp = p/(p_z P)."""
        along = np.sqrt(p**2 - pt2)
        z = along / self.momentum
        inside = (z > self.settings.z_min) & (z < self.settings.z_max) & (pt2 < self.settings.pt_max**2)
        found = self.density(np.where(inside, z, self.settings.z_max), pt2, mass=mass) * p / (along * self.momentum)
        return np.where(inside, found, 0.0)


def _h(z: NDArray[np.float64], pt2: NDArray[np.float64] | float, mass: float) -> NDArray[np.float64]:
    """H = pT^2 + (1 - z) m^2 + z^2 mp^2 with the mass of the proton in the last term [arXiv:1311.3870, equation 4], MeV^2."""
    return np.asarray(pt2 + (1 - z) * mass**2 + (z * mass_of(PROTON)) ** 2)
