"""Material on the way of muons, and what it does to them: energy loss, multiple scattering, nuclei to interact with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field, model_validator
from scipy import constants

from na62dump.configuration import Density, Energy, Length, Many, Settings, StoppingPower
from na62dump.errors import nearest
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from numpy.typing import NDArray

Positive = Annotated[float, Field(gt=0.0)]
"""A pure number above zero."""

_SCATTERING = 13.6 * ENERGY["MeV"]
_SCATTERING_LOG = 0.038
"""Highland's formula, Particle Data Group, "Passage of particles through matter", eq. 34.16."""

_STRAGGLING = 0.307075 / 2.0 * 1e2
"""K/2 in MeV mm^2/mol, as the width of Landau's distribution has it: ibid., text of eq. 34.12."""


class Substance(Settings):
    """What a slab is made of.

    Attributes
    ----------
    density : float, g/mm^3
        Of mass.
    formula_mass : float, g/mol
        Of a formula unit: an atom, or a few of a mixture.
    charge : float
        Square root of the sum of Z^2 of a formula unit.
    electrons : float
        Z/A.
    radiation_length, interaction_length : float, mm
        Of electrons, and of hadrons.
    stopping : float, MeV mm^2/g
        Energy that a muon loses by ionisation: a.
    critical_energy : float, MeV
        Of a muon, E_c: radiation takes b E = a E/E_c.
    """

    density: Density
    formula_mass: Positive
    charge: Positive
    electrons: Positive
    radiation_length: Length
    interaction_length: Length
    stopping: StoppingPower
    critical_energy: Energy

    def loses(self, energy: NDArray[np.float64], path: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Mean energy of muons behind some path: dE/dx = a + b E has a solution, which serves backwards, too.

        Groom, Mokhov and Striganov, At. Data Nucl. Data Tables 78 (2001) 183, eq. 1, with a and b that do not change.

        Parameters
        ----------
        energy : float64[muon], MeV
            Total energies.
        path : float64[muon] or float, mm
            Lengths in here; negative ones give the energies before.

        Returns
        -------
        float64[muon], MeV
            Total energies, below the mass if the muons have stopped.
        """
        scale = self.stopping * self.density / self.critical_energy
        return np.asarray((energy + self.critical_energy) * np.exp(-scale * path) - self.critical_energy)

    def straggling(self, path: NDArray[np.float64]) -> NDArray[np.float64]:
        """Width of Landau's distribution of the energy loss of fast muons over a path float64[muon] in mm: float64[muon], MeV."""
        return np.asarray(_STRAGGLING * self.electrons * self.density * path)

    def angle(self, momentum: NDArray[np.float64], path: NDArray[np.float64]) -> NDArray[np.float64]:
        """Width of the projected scattering angle of fast muons, by Highland's formula (PDG, eq. 34.16).

        Parameters
        ----------
        momentum : float64[muon], MeV/c
            Of the muons, above 0.
        path : float64[muon], mm
            Lengths in here; 0 gives no angle.

        Returns
        -------
        float64[muon], rad
            Theta_0.
        """
        lengths = path / self.radiation_length
        logarithm = np.log(lengths, where=lengths > 0, out=np.zeros_like(lengths))
        return np.asarray(
            _SCATTERING / momentum * np.sqrt(lengths) * np.maximum(1.0 + _SCATTERING_LOG * logarithm, 0.0)
        )

    @property
    def units(self) -> float:
        """Formula units per volume, 1/mm^3."""
        return float(constants.N_A * self.density / self.formula_mass)


class Slab(Settings):
    """A ring around the axis of the detectors.

    Attributes
    ----------
    name, substance : str
        Its name, and what it is made of.
    z, thickness : float, mm
        Front face, and length along z.
    r_min, r_max : float, mm
        Radii.
    """

    name: str
    substance: str
    z: Length
    thickness: Length
    r_min: Length
    r_max: Length

    @property
    def middle(self) -> float:
        """Middle of the slab, z in mm."""
        return self.z + self.thickness / 2.0

    def hit(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether points x, y float64[muon] in mm are in the ring: bool[muon]."""
        square = x**2 + y**2
        return np.asarray((square >= self.r_min**2) & (square < self.r_max**2))


class Material(Settings):
    """The whole of config/experiment/material.toml.

    Attributes
    ----------
    substance : mapping of str to Substance
        By name.
    slab : tuple of Slab
        From the dump on.
    """

    substance: Mapping[str, Substance]
    slab: Many[Slab]

    @model_validator(mode="after")
    def _is_possible(self) -> Material:
        end = -np.inf
        for slab in self.slab:
            if slab.substance not in self.substance:
                msg = f"slab '{slab.name}' is of no known substance '{slab.substance}'; {nearest(slab.substance, self.substance)}"
                raise ValueError(msg)
            if not (slab.z >= end and slab.thickness > 0 and 0 <= slab.r_min < slab.r_max):
                msg = (
                    f"slab '{slab.name}' must begin behind the one before it, which ends at {end:g} mm, be thicker than 0 and "
                    f"have 0 <= r_min < r_max; got z = {slab.z:g}, thickness {slab.thickness:g}, radii {slab.r_min:g} and "
                    f"{slab.r_max:g} mm"
                )
                raise ValueError(msg)
            end = slab.z + slab.thickness
        return self
