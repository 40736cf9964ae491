"""What a file says that describes a particle by numbers at given masses (``kind = "table"``)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from hepunits import c_light
from pydantic import BeforeValidator, Field, model_validator

from na62dump import configuration as conf
from na62dump.errors import nearest
from na62dump.signal.final_states import FINAL_STATES, threshold
from na62dump.signal.grids import check_coupling
from na62dump.units import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

MECHANISMS = ("bremsstrahlung", "meson decay", "meson mixing", "B decay", "D decay", "Primakoff")
"""Ways of production that simulated ntuples know."""

PDG = 9900000
"""Number of a particle that has none: the numbering scheme leaves it to users."""

POWER = 8
"""Largest power of a coupling."""

ROUNDING = 1e-9
"""By how much branching ratios may exceed 1 together, and a mass miss that of a point, relative."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda told: (told,) if isinstance(told, str) else told),
    Field(strict=False),
]


class CouplingTable(conf.Settings):
    """The coupling, in its unit; the point's numbers hold at ``reference``."""

    name: str
    label: str
    unit: str
    reference: Positive
    low: Positive
    high: Positive
    production_power: int
    width_power: int

    @model_validator(mode="after")
    def _is_possible(self) -> CouplingTable:
        known = ["1", *(unit for units in DIMENSIONS.values() for unit in units)]
        if self.unit not in known:
            msg = f"unit '{self.unit}' is not known; {nearest(self.unit, known)}"
            raise ValueError(msg)
        for end in (self.reference, self.low, self.high):
            check_coupling(end, where="coupling")
        if max(abs(self.production_power), abs(self.width_power)) > POWER:
            msg = f"production_power and width_power must be from -{POWER} to {POWER}"
            raise ValueError(msg)
        if not self.low < self.high:
            msg = f"low ({self.low:g}) must be below high ({self.high:g})"
            raise ValueError(msg)
        return self


class Production(conf.Settings):
    """One way in which the particle is made: by a file of its momenta, or in decays of mesons to it and one more.

    Attributes
    ----------
    mechanism : str
        A name in `MECHANISMS`.
    uncertainty : float
        Relative, of the number; a pure number.
    per_proton, spectrum : float and str
        Particles per proton on target, a pure number; file of their momenta.
    parent, other_mass, branching_ratio : tuple of str, float (MeV) and float
        Mesons of config/signal/production.toml, mass of the other particle, and branching ratio of each meson.
    """

    mechanism: str = "meson decay"
    uncertainty: NotNegative = 0.0
    per_proton: NotNegative | None = None
    spectrum: str | None = None
    parent: Names | None = None
    other_mass: conf.Energy | None = None
    branching_ratio: Share | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Production:
        by_file = [self.per_proton is not None, self.spectrum is not None]
        by_decay = [bool(self.parent), self.other_mass is not None, self.branching_ratio is not None]
        if not (all(by_file) and not any(by_decay)) and not (all(by_decay) and not any(by_file)):
            msg = "give either 'per_proton' and 'spectrum', or 'parent', 'other_mass' and 'branching_ratio'"
            raise ValueError(msg)
        if self.mechanism not in MECHANISMS:
            msg = f"mechanism '{self.mechanism}' is not known; {nearest(self.mechanism, MECHANISMS)}"
            raise ValueError(msg)
        if self.other_mass is not None and not 0 <= self.other_mass < math.inf:
            msg = f"other_mass ({self.other_mass:g} MeV) must be finite and not below 0"
            raise ValueError(msg)
        return self

    @property
    def origin(self) -> tuple[object, ...]:
        """What has to be the same at all points."""
        return (self.mechanism, self.parent, self.other_mass)


class Point(conf.Settings):
    """The particle at one mass, or the same at all masses between two.

    Attributes
    ----------
    mass, masses : float or two, MeV
        The mass, or first and last.
    lifetime, decay_length : float, ns or mm
        One of them: at rest, at the reference coupling; the length is the time times the speed of light.
    branching_ratios : dict of str to float, optional
        By final state, pure numbers; what they lack to 1 is not seen. None if the table has a ``product``.
    production : dict of str to Production
        By name.
    """

    mass: conf.Energy | None = None
    masses: Annotated[tuple[conf.Energy, conf.Energy], Field(strict=False)] | None = None
    lifetime: conf.Time | None = None
    decay_length: conf.Length | None = None
    branching_ratios: dict[str, Share] | None = None
    production: dict[str, Production]

    @property
    def ends(self) -> tuple[float, ...]:
        """The mass, or the first and the last, MeV."""
        return self.masses or (self.mass or 0.0,)

    @property
    def ctau(self) -> float:
        """Lifetime at the reference coupling times the speed of light, mm."""
        return (self.decay_length or 0.0) if self.lifetime is None else self.lifetime * float(c_light)

    @model_validator(mode="after")
    def _is_possible(self) -> Point:
        if (self.mass is None) == (self.masses is None):
            msg = "give either 'mass', or 'masses' with the first and the last"
            raise ValueError(msg)
        if not all(0 < end < math.inf for end in self.ends) or not self.ends[0] <= self.ends[-1]:
            msg = f"a mass must be above 0 and finite, and the first of two below the last; got {_mev(self.ends)}"
            raise ValueError(msg)
        if (self.lifetime is None) == (self.decay_length is None):
            msg = f"at {_mev(self.ends)}: give either 'lifetime' or 'decay_length', one of them"
            raise ValueError(msg)
        if not 0 < self.ctau < math.inf:
            msg = f"at {_mev(self.ends)}: lifetime or decay_length must be above 0 and finite"
            raise ValueError(msg)
        if not self.production:
            msg = f"at {_mev(self.ends)}: nothing makes it; write a table [point.production.NAME]"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _decays(self) -> Point:
        shares = self.branching_ratios or {}
        _check_known(shares, where="branching_ratios")
        for name, share in shares.items():
            if share > 0 and not self.ends[0] > threshold(name):
                msg = (
                    f"branching_ratios: {name} = {share:g} at {self.ends[0]:g} MeV, which is not above its threshold of "
                    f"{threshold(name):g} MeV; write 0 there, or a heavier mass"
                )
                raise ValueError(msg)
        if (total := math.fsum(shares.values())) > 1 + ROUNDING:
            msg = f"branching_ratios at {_mev(self.ends)} add up to {total:g}; at most 1 is allowed"
            raise ValueError(msg)
        return self


class Product(conf.Settings):
    """A product of branching ratios that is free: that of one production and of one decay, whichever a search looks for.

    Its value is ``branching_ratio`` of the production. The final states are alternatives: each has the branching ratio 1, and
    numbers of two of them are never added up.

    Attributes
    ----------
    name, label : str
        In files, and in mathtext.
    final_states : tuple of str
        Names in `FINAL_STATES`; one that is too heavy for a mass is not there.
    """

    name: str
    label: str
    final_states: conf.Many[str]

    @model_validator(mode="after")
    def _is_known(self) -> Product:
        _check_known(self.final_states, where="product.final_states")
        return self


class Table(conf.Settings):
    """A particle by its numbers at given masses: linear in the mass between them.

    Attributes
    ----------
    label : str
        For people.
    pdg : int
        Number of the particle in files of events and in simulated ntuples.
    coupling : CouplingTable
        Its parameter.
    product : Product, optional
        What is free beside mass and coupling, instead of branching ratios.
    point : tuple of Point
        By increasing mass; one with ``masses`` is alone.
    """

    kind: Literal["table"]
    label: str
    pdg: Annotated[int, Field(gt=0, lt=2**31)] = PDG
    coupling: CouplingTable
    product: Product | None = None
    point: conf.Many[Point]

    @property
    def nodes(self) -> tuple[tuple[float, Point], ...]:
        """Mass (MeV) and numbers of each point, the two ends of a range being one each."""
        return tuple((mass, point) for point in self.point for mass in point.ends)

    @model_validator(mode="after")
    def _is_ordered(self) -> Table:
        if not self.point:
            msg = "there is no point; write at least one table [[point]]"
            raise ValueError(msg)
        if len(self.point) > 1 and any(point.masses for point in self.point):
            msg = "a [[point]] with 'masses' holds for all of them and must be the only one; give 'mass' in each of several"
            raise ValueError(msg)
        masses = [mass for mass, _ in self.nodes]
        if any(one >= other for one, other in pairwise(masses)):
            msg = f"the masses of the [[point]]s must increase; got {_mev(masses)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _decays(self) -> Table:
        if any((point.branching_ratios is None) != (self.product is not None) for point in self.point):
            msg = "give either 'branching_ratios' in every [[point]], or a table [product]"
            raise ValueError(msg)
        if self.product is None:
            return self
        ways = [way for point in self.point for way in point.production.values()]
        if len(ways) != 1 or not ways[0].branching_ratio or self.coupling.production_power:
            msg = (
                "with [product] there is one [[point]], made in one way by a 'branching_ratio' above 0, the value of the "
                "product, and coupling.production_power = 0"
            )
            raise ValueError(msg)
        lightest = min(map(threshold, self.product.final_states), default=math.inf)
        if not self.nodes[0][0] > lightest:
            msg = f"product.final_states: none is open at {self.nodes[0][0]:g} MeV, the lowest threshold is {lightest:g} MeV"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _is_made(self) -> Table:
        for name in {name: None for point in self.point for name in point.production}:
            at = [i for i, point in enumerate(self.point) if name in point.production]
            ways = [self.point[i].production[name] for i in at]
            if at != list(range(at[0], at[-1] + 1)):
                msg = f"production '{name}' is missing at a point between others; write it with per_proton = 0 there"
                raise ValueError(msg)
            if len({way.origin for way in ways}) > 1:
                msg = (
                    f"production '{name}' must have one mechanism, parent and other_mass; name another one differently"
                )
                raise ValueError(msg)
            if ways[0].spectrum and self.point[0].masses:
                msg = f"production '{name}': a file holds at one mass: write 'mass', or give 'parent' instead of 'spectrum'"
                raise ValueError(msg)
        return self


def _check_known(names: Iterable[str], *, where: str) -> None:
    for name in names:
        if name not in FINAL_STATES:
            msg = f"{where}: final state '{name}' is not known; {nearest(name, FINAL_STATES)}"
            raise ValueError(msg)


def _mev(masses: tuple[float, ...] | list[float]) -> str:
    return ", ".join(f"{mass:g}" for mass in masses) + " MeV"
