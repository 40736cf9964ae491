"""What is made, as config/reproduce.toml says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from na62dump import configuration as conf
from na62dump.configuration import Many

Number = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0.0)]


class Size(conf.Settings):
    """How much is simulated, and how fine grids are.

    Attributes
    ----------
    events : int
        Decays of each sample.
    samples : int
        Masses of each final state.
    masses, couplings : int
        Points of the grids.
    bursts : int
        Of pseudo-data.
    """

    events: Number
    samples: Number
    masses: Number
    couplings: Number
    bursts: Number


class Agreement(conf.Settings):
    """Within what a contour has to hold what is published: relative in mass, decades in coupling."""

    mass: Positive
    coupling: Positive
    order: Positive


class Study(conf.Settings):
    """Limits on one model.

    Attributes
    ----------
    model : str
        Name in config/signal/.
    title : str
        For people.
    searches : tuple of str
        Names in config/.
    protons : float
        On target; backgrounds are scaled to them.
    couplings : tuple of float
        First and last, in the unit of the coupling.
    published : str or None
        Model whose published extents these limits are compared with.
    """

    model: str
    title: str
    searches: Many[str]
    protons: Positive
    couplings: Annotated[tuple[float, float], Field(strict=False)]
    published: str | None = None


class Plan(conf.Settings):
    """All of it.

    Attributes
    ----------
    full, quick : Size
        How much is simulated.
    agreement : Agreement
        What counts as equal.
    background : mapping of str to str
        Of each search, the mechanism by whose law its background grows.
    study : tuple of Study
        In order.
    """

    full: Size
    quick: Size
    agreement: Agreement
    background: Mapping[str, str]
    study: Many[Study]

    @model_validator(mode="after")
    def _of_every_search(self) -> Self:
        """Refuse a search whose background has no mechanism."""
        missing = {name for each in self.study for name in each.searches} - set(self.background)
        if missing:
            msg = f'[background] names no mechanism of {", ".join(sorted(missing))}; add a line for each, such as gg = "prompt"'
            raise ValueError(msg)
        return self


def plan() -> Plan:
    """What config/reproduce.toml says.

    Returns
    -------
    Plan
        Checked.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If there is no such file, or something in it is wrong.
    """
    return conf.load(conf.find("reproduce"), Plan)
