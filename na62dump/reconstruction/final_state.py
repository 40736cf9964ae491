"""What the tracks of a candidate are taken for."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import field_validator

from na62dump.configuration import Settings
from na62dump.errors import ConfigurationError, UnknownNameError


class FinalState(Settings):
    """Particles of the two tracks by their PDG names, such as ``mu+`` and ``mu-``."""

    plus: str
    minus: str

    @field_validator("plus", "minus")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            _mass(name)
        except UnknownNameError as error:
            raise ValueError(str(error)) from None
        return name

    @cached_property
    def masses(self) -> tuple[float, float]:
        """Masses of the positive and the negative track, MeV (PDG, from the package ``particle``)."""
        return _mass(self.plus), _mass(self.minus)


def _mass(name: str) -> float:
    from particle import Particle, ParticleNotFound  # noqa: PLC0415 - a table read from disk, slow to import

    try:
        found: Any = Particle.from_name(name)
    except ParticleNotFound:
        msg = f"no particle is called '{name}'; PDG names are meant, such as 'mu+', 'e-', 'pi+', 'K-'"
        raise UnknownNameError(msg) from None
    if found.mass is None:
        msg = f"'{name}' has no mass in the PDG table; take a particle that has one, such as 'mu+', 'e-', 'pi+', 'K-'"
        raise ConfigurationError(msg)
    return float(found.mass)
