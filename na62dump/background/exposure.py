"""How many muons cross each piece of material: measured ones taken back to it, their momenta unfolded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from na62dump.background.backward import backward, forward
from na62dump.background.unfolding import response, unfold
from na62dump.configuration import Length, Many, Momentum, Settings
from na62dump.simulation import Incident, incident
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from na62dump.background.backward import Muons
    from na62dump.background.material import Material, Slab, Substance
    from na62dump.simulation import Response

Depth = Literal["thickness", "radiation length", "interaction length"]
"""How deep in a slab something may be made and still come out: anywhere, or in the last such length."""

Target = Literal["nucleon", "nucleus", "charge squared"]
"""What a cross section is given for, per atom: each nucleon, the nucleus, or the nucleus over Z^2."""


class UnfoldingSettings(Settings):
    """How the spread of going back is unfolded, in bins of momentum, of where a slab is crossed, and of pointing.

    Attributes
    ----------
    iterations : int
        How often Bayes' theorem is used.
    momentum : tuple of float, MeV/c
        Edges of bins; there is one more bin at either end.
    pointing : tuple of float, mm
        Edges of bins of the distance from the axis at the dump, to which a muon that has scattered no more points.
    mismatch : float
        By how much the widths of all smearing may be wrong, relative: what that changes is a systematic uncertainty.
    """

    iterations: Annotated[int, Field(ge=0)]
    momentum: Many[Momentum]
    pointing: Many[Length]
    mismatch: Annotated[float, Field(ge=0.0)]

    @model_validator(mode="after")
    def _in_order(self) -> UnfoldingSettings:
        for name, edges in (("momentum", self.momentum), ("pointing", self.pointing)):
            if not edges or list(edges) != sorted(set(edges)):
                msg = f"{name} must be one edge or more, each above the one before; got {list(edges)}"
                raise ValueError(msg)
        return self


class Crossing(NamedTuple):
    """Muons in the middle of a slab that they cross.

    Attributes
    ----------
    slab, substance : Slab, Substance
        Which, and of what.
    muons : Muons
        With unfolded weights; z in mm.
    varied : float64[muon]
        The weights if the smearing were wider, pure numbers.
    number : int64[muon]
        Which of the measured muons each is.
    """

    slab: Slab
    substance: Substance
    muons: Muons
    varied: NDArray[np.float64]
    number: NDArray[np.int64]


class Exposed(NamedTuple):
    """Muons before all slabs, ready to interact.

    Attributes
    ----------
    muons : Incident
        Where they interact: mm, rad, MeV/c.
    expected : float64[row]
        Interactions of each, pure numbers.
    varied : float64[row]
        The same if the smearing were wider.
    number : int64[row]
        Which of the measured muons each is.
    """

    muons: Incident
    expected: NDArray[np.float64]
    varied: NDArray[np.float64]
    number: NDArray[np.int64]


def crossings(
    muons: Muons,
    *,
    material: Material,
    settings: UnfoldingSettings,
    detector: Response,
    dump: float,
    rng: Generator,
) -> list[Crossing]:
    """Take measured muons back to every slab upstream of their plane.

    What scattering and the loss of energy spread, going back spreads once more. How many muons of which momentum cross a slab,
    and from where, is unfolded; muons keep their values, and get other weights.

    Parameters
    ----------
    muons : Muons
        As measured.
    material : Material
        What they crossed.
    settings : UnfoldingSettings
        Bins and regularisation.
    detector : Response
        Resolution of the momentum.
    dump : float, mm
        Where muons come from: z.
    rng : Generator
        Of all that is drawn.

    Returns
    -------
    list of Crossing
        One for each slab that any of them crosses.
    """
    found = []
    for slab in material.slab:
        if slab.z + slab.thickness > muons.z:
            continue
        back = backward(muons, slab.middle, material=material, rng=rng)
        hit = np.flatnonzero(slab.hit(back.x, back.y))
        if len(hit):
            way = _Way(slab, muons.z, material, detector, settings, dump, int(rng.integers(2**63)))
            nominal, varied = (_unfolded(back, way, spread) for spread in (1.0, 1.0 + settings.mismatch))
            substance = material.substance[slab.substance]
            found.append(Crossing(slab, substance, back._replace(weight=nominal).where(hit), varied[hit], hit))
    return found


class _Way(NamedTuple):
    """From a slab to the plane (z, mm) where muons are measured."""

    slab: Slab
    z: float
    material: Material
    detector: Response
    settings: UnfoldingSettings
    dump: float
    seed: int

    def there_and_back(self, muons: Muons, spread: float) -> Muons:
        """With the same draws for every spread, so that a difference is one of the spread."""
        rng = np.random.Generator(np.random.Philox(self.seed))
        there = forward(muons, self.z, material=self.material, rng=rng, spread=spread)
        seen = there._replace(p=measured(there.p, self.detector, rng=rng, spread=spread))
        return backward(seen, muons.z, material=self.material, rng=rng, spread=spread)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of bins."""
        return len(self.radii) + 1, len(self.settings.pointing) + 1, len(self.settings.momentum) + 1

    @property
    def radii(self) -> tuple[float, ...]:
        """Edges of bins of the radius, mm: in the hole, in the slab's halves, near it, and beyond."""
        low, high = self.slab.r_min, self.slab.r_max
        return low, (low + high) / 2.0, high, 2.0 * high

    def bins(self, muons: Muons) -> NDArray[np.int64]:
        """Bin of each muon in the slab; -1 for one that has stopped."""
        back = self.dump - muons.z
        pointing = np.hypot(muons.x + muons.dxdz * back, muons.y + muons.dydz * back)
        values = (np.hypot(muons.x, muons.y), pointing, muons.p)
        edges = (self.radii, self.settings.pointing, self.settings.momentum)
        found = np.ravel_multi_index([np.digitize(v, e) for v, e in zip(values, edges, strict=True)], self.shape)
        return np.where(muons.weight > 0, found, -1)


def _unfolded(back: Muons, way: _Way, spread: float) -> NDArray[np.float64]:
    """Weights of muons after unfolding: a toy of each goes to where it is measured, and is taken back."""
    true, found = way.bins(back), way.bins(way.there_and_back(back, spread))
    bins = int(np.prod(way.shape))
    matrix = response(true, found, weight=np.ones(len(true)), bins=bins)
    counts = np.bincount(true, back.weight, minlength=bins).astype(np.float64)
    unfolded = unfold(counts, matrix, iterations=way.settings.iterations)
    return np.asarray(back.weight * (unfolded / np.where(counts > 0, counts, 1.0))[true])


def measured(
    momentum: NDArray[np.float64], detector: Response, *, rng: Generator, spread: float = 1.0
) -> NDArray[np.float64]:
    """Momenta as the STRAW measures them.

    Parameters
    ----------
    momentum : float64[muon], MeV/c
        True ones.
    detector : Response
        Resolution.
    rng : Generator
        Of the errors.
    spread : float
        What the errors are multiplied by.

    Returns
    -------
    float64[muon], MeV/c
        Measured ones, never negative.
    """
    straw = detector.straw
    relative = np.hypot(straw.momentum_constant, straw.momentum_per_gev * momentum / ENERGY["GeV"])
    return np.asarray(np.maximum(momentum * (1.0 + spread * relative * rng.standard_normal(len(momentum))), 0.0))


def exposed(crossed: list[Crossing], *, cross_section: float, target: Target, depth: Depth) -> Exposed | None:
    """How often muons interact in the slabs that they cross.

    Parameters
    ----------
    crossed : list of Crossing
        See `crossings`.
    cross_section : float, mm^2
        Of one target.
    target : str
        What that is.
    depth : str
        How deep what is made may come from.

    Returns
    -------
    Exposed or None
        All slabs together; None if there is nothing to interact.
    """
    parts = [_before(crossing, cross_section * _targets(crossing.substance, target), depth) for crossing in crossed]
    if not any(part["expected"].sum() > 0 for part in parts):
        return None
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    expected, varied, number = (rows.pop(name) for name in ("expected", "varied", "number"))
    return Exposed(incident(expected, **rows), expected, varied, number)


def _targets(substance: Substance, target: Target) -> float:
    """Targets per volume, 1/mm^3."""
    per_unit = {"nucleon": substance.formula_mass, "nucleus": 1.0, "charge squared": substance.charge**2}
    return substance.units * per_unit[target]


def _before(crossing: Crossing, per_length: float, depth: Depth) -> dict[str, NDArray[Any]]:
    """Muons of one slab in the middle of that part which counts, with their interactions (per_length: 1/mm of their way)."""
    slab, muons, of = crossing.slab, crossing.muons, crossing.substance
    most = {"thickness": np.inf, "radiation length": of.radiation_length, "interaction length": of.interaction_length}
    length = min(slab.thickness, most[depth])
    dz = slab.z + slab.thickness - length / 2.0 - muons.z
    chance = per_length * length * np.sqrt(1.0 + muons.dxdz**2 + muons.dydz**2)
    return {
        "x": muons.x + muons.dxdz * dz,
        "y": muons.y + muons.dydz * dz,
        "z": np.full(len(muons.p), muons.z + dz),
        "length": np.full(len(muons.p), length),
        **{name: getattr(muons, name) for name in ("dxdz", "dydz", "p", "charge")},
        "expected": muons.weight * chance,
        "varied": crossing.varied * chance,
        "number": crossing.number,
    }
