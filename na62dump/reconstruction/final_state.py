"""What the tracks and photons of a candidate are taken for."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from na62dump.configuration import Many, Settings
from na62dump.errors import ConfigurationError, UnknownNameError, nearest

PHOTONS_OF = {"gamma": 1, "pi0": 2, "eta": 2}
"""Neutral particles that a candidate may have, and the photons that each is made of."""

PHOTONS_MAX = 4
"""Most photons of a candidate: as many as the published searches have."""


class FinalState(Settings):
    """Particles of a candidate by their PDG names.

    Attributes
    ----------
    plus, minus : str, optional
        What the two tracks are taken for, such as ``mu+`` and ``mu-``; neither, for photons alone.
    neutrals : tuple of str
        Keys of `PHOTONS_OF`, in any number and order, of at most `PHOTONS_MAX` photons together.
    conjugate : bool
        Whether each pair is also taken the other way round, as ``pi- mu+`` beside ``pi+ mu-``: two rows of each pair.
    """

    plus: str | None = None
    minus: str | None = None
    neutrals: Annotated[Many[str], Field(validate_default=True)] = ()
    conjugate: bool = False

    @field_validator("plus", "minus")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        try:
            _ = name and mass_of(name)
        except UnknownNameError as error:
            raise ValueError(str(error)) from None
        return name

    @field_validator("neutrals")
    @classmethod
    def _of_photons(cls, neutrals: tuple[str, ...]) -> tuple[str, ...]:
        for name in neutrals:
            if name not in PHOTONS_OF:
                msg = f"'{name}' is no neutral particle that is made of LKr clusters; {nearest(name, PHOTONS_OF)}"
                raise ValueError(msg)
        if sum(PHOTONS_OF[name] for name in neutrals) > PHOTONS_MAX:
            msg = f"{list(neutrals)} has more than {PHOTONS_MAX} photons"
            raise ValueError(msg)
        return neutrals

    @model_validator(mode="after")
    def _complete(self) -> FinalState:
        for key, name, charge in (("plus", self.plus, 1), ("minus", self.minus, -1)):
            if name and charge_of(name) != charge:
                msg = f"{key} = '{name}' has charge {charge_of(name):g}: it must be {charge:+d}"
                raise ValueError(msg)
        if (self.plus is None) != (self.minus is None):
            msg = "give both 'plus' and 'minus', or neither for photons alone"
            raise ValueError(msg)
        if not self.charged and (self.conjugate or set(self.neutrals) != {"gamma"} or self.photons < len("gg")):
            msg = "without tracks there is no vertex: the neutrals must be two or more 'gamma', and conjugate is not for them"
            raise ValueError(msg)
        return self

    @property
    def charged(self) -> bool:
        """Whether it has two tracks."""
        return self.plus is not None

    @property
    def photons(self) -> int:
        """Number of photons."""
        return sum(PHOTONS_OF[name] for name in self.neutrals)

    @property
    def unidentified(self) -> FinalState:
        """The same tracks and photons as they are seen by geometry alone: which photons make a pi0 is left open."""
        return self.model_copy(update={"neutrals": ("gamma",) * self.photons, "conjugate": False})

    @property
    def bare(self) -> FinalState:
        """Its tracks without its photons."""
        return self.model_copy(update={"neutrals": (), "conjugate": False})

    @property
    def all_masses(self) -> dict[str, float]:
        """Masses of all its particles by name, MeV (PDG): they come with an outside package, whose tables change."""
        return {name: mass_of(name) for name in (self.plus, self.minus, *self.neutrals) if name and name != "gamma"}

    @cached_property
    def masses(self) -> tuple[float, float]:
        """Masses of the positive and the negative track, MeV (PDG, from the package ``particle``); 0 without tracks."""
        return (mass_of(self.plus) if self.plus else 0.0), (mass_of(self.minus) if self.minus else 0.0)


@cache
def _particles() -> dict[str, Any]:
    """All particles by name; looked for one at a time, each would take as long as all of them."""
    from particle import Particle  # noqa: PLC0415 - a table read from disk, slow to import

    return {each.name: each for each in Particle.all()}


def _found(name: str) -> Any:  # noqa: ANN401 - particle has no types of its own
    try:
        return _particles()[name]
    except KeyError:
        msg = f"no particle is called '{name}'; PDG names are meant, such as 'mu+', 'e-', 'pi+', 'K-'"
        raise UnknownNameError(msg) from None


def charge_of(name: str) -> float:
    """Charge (e) of a particle by its PDG name."""
    return float(_found(name).charge or 0.0)


def mass_of(name: str) -> float:
    """Mass (MeV) of a particle by its PDG name.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If there is no such particle, or it has no mass.
    """
    mass = _found(name).mass
    if mass is None:
        msg = f"'{name}' has no mass in the PDG table; take a particle that has one, such as 'mu+', 'e-', 'pi+', 'K-'"
        raise ConfigurationError(msg)
    return float(mass)
