"""Events of a burst, chunk by chunk; how the burst is cut into chunks changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from na62dump.simulation import draws
from na62dump.simulation.apparatus import Apparatus, apparatus
from na62dump.simulation.assembly import assemble
from na62dump.simulation.buffers import Buffers, buffers
from na62dump.simulation.decays import DAUGHTER, TRUTH, Exotic, decays
from na62dump.simulation.detection import detect
from na62dump.simulation.halo import Beam, halo
from na62dump.simulation.particles import Particles, room
from na62dump.simulation.paths import PATH
from na62dump.simulation.recipe import HaloRecipe, Recipe, SignalRecipe, daughters, spectrum_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.simulation.response import Response
    from na62dump.simulation.spectra import Spectrum

CHUNK = 50_000
"""Events that are made at a time."""

_NUMBERS = 2**40
"""Stream of a burst's own numbers of events: no event has this number."""


class Source(Protocol):
    """Makes the particles of the events of one burst."""

    @property
    def size(self) -> int:
        """Events of the burst."""

    def particles(self, first: int, n: int, *, key: np.uint64) -> tuple[Particles, NDArray[np.void] | None]:
        """Particles of n events from number first on, and the exotic ones, TRUTH[event] in MeV and mm, if there are any."""


@dataclass(frozen=True)
class SignalSource:
    """Decays of an exotic particle; ``size`` of them."""

    size: int
    exotic: Exotic

    def particles(self, first: int, n: int, *, key: np.uint64) -> tuple[Particles, NDArray[np.void] | None]:
        """Daughters of n decays from number first on, and their parents, TRUTH[event] in MeV and mm; key of the burst."""
        made = room(n, len(self.exotic.daughters))
        truth = np.empty(n, dtype=TRUTH)
        decays(first, key, self.exotic, made, truth)
        return made, truth


@dataclass(frozen=True)
class HaloSource:
    """Halo muons: ``size`` events, of which ``pairs`` have two."""

    size: int
    pairs: int
    beam: Beam

    def particles(self, first: int, n: int, *, key: np.uint64) -> tuple[Particles, NDArray[np.void] | None]:
        """Muons of n events from number first on, and no TRUTH[event] (MeV, mm); key of the burst."""
        made = room(n, 2)
        halo(first, key, self.size, self.pairs, self.beam, made)
        return made, None


def source(
    recipe: Recipe, burst: int, *, geometry: Geometry, response: Response, spectrum: Spectrum | None = None
) -> SignalSource | HaloSource:
    """Source of the events of a burst.

    Parameters
    ----------
    recipe : SignalRecipe or HaloRecipe
        What to simulate.
    burst : int
        Number of the burst.
    geometry : Geometry
        Shapes, mm.
    response : Response
        For the size of the beam.
    spectrum : Spectrum, optional
        Instead of the one in the recipe of a signal.

    Returns
    -------
    SignalSource or HaloSource
        With the number of events in the burst.
    """
    if isinstance(recipe, SignalRecipe):
        return SignalSource(recipe.events, _exotic(recipe, geometry, response, spectrum or spectrum_of(recipe)))
    singles, pairs = _numbers(recipe, burst)
    return HaloSource(singles + pairs, pairs, _beam(recipe, geometry))


def count(recipe: Recipe, burst: int) -> int:
    """Events that are made in a burst, kept or not.

    Parameters
    ----------
    recipe : SignalRecipe or HaloRecipe
        What to simulate.
    burst : int
        Number of the burst.

    Returns
    -------
    int
        Their number.
    """
    return recipe.events if isinstance(recipe, SignalRecipe) else sum(_numbers(recipe, burst))


def _key(recipe: Recipe, burst: int) -> np.uint64:
    return np.uint64(draws.burst_key(recipe.seed, recipe.run, burst))


def _exotic(recipe: SignalRecipe, geometry: Geometry, response: Response, spectrum: Spectrum) -> Exotic:
    axis = geometry.axis
    return Exotic(
        mass=recipe.mass,
        daughters=np.array(daughters(recipe.final_state), dtype=DAUGHTER),
        axis_x=axis.x,
        axis_y=axis.y,
        axis_z=axis.z,
        axis_dxdz=axis.dxdz,
        axis_dydz=axis.dydz,
        spot=response.beam.spot,
        depth=response.beam.depth,
        z_min=recipe.decay_z_min,
        z_max=recipe.decay_z_max,
        cells=spectrum.cells(),
    )


def _beam(recipe: HaloRecipe, geometry: Geometry) -> Beam:
    return Beam(
        source_x=geometry.axis.x,
        source_y=geometry.axis.y,
        source_z=geometry.axis.z,
        source_spread=recipe.source_spread,
        target_z=geometry.straw[0].z,
        target_spread=recipe.target_spread,
        momentum_min=recipe.momentum_min,
        momentum_max=recipe.momentum_max,
        momentum_mean=recipe.momentum_mean,
        positive=recipe.positive,
        pair_window=recipe.pair_window,
    )


def _numbers(recipe: HaloRecipe, burst: int) -> tuple[int, int]:
    """Numbers of singles and pairs in a burst."""
    if recipe.rate is None:
        return recipe.singles or 0, recipe.pairs or 0
    generator = np.random.Generator(np.random.Philox(key=int(draws.absorb(_key(recipe, burst), _NUMBERS))))
    singles = recipe.rate * recipe.duration
    pairs = singles * recipe.rate * recipe.pair_window / 2.0
    return int(generator.poisson(singles)), int(generator.poisson(pairs))


def generate(
    recipe: Recipe,
    geometry: Geometry,
    *,
    response: Response,
    burst: int,
    start: int = 0,
    stop: int | None = None,
    chunk: int = CHUNK,
    spectrum: Spectrum | None = None,
) -> Iterator[Events]:
    """Events of a burst.

    Parameters
    ----------
    recipe : SignalRecipe or HaloRecipe
        What to simulate.
    geometry : Geometry
        Shapes, mm.
    response : Response
        Of the detectors.
    burst : int
        Number of the burst.
    start, stop : int
        Range of the numbers of events in the burst; all of them by default.
    chunk : int
        Events that are made at a time. It changes how many tables come, not what is in them.
    spectrum : Spectrum, optional
        Instead of the one in the recipe of a signal.

    Yields
    ------
    Events
        Those that the recipe keeps, in order of their numbers, every column in the unit of the table of columns.
    """
    key = _key(recipe, burst)
    made_by = source(recipe, burst, geometry=geometry, response=response, spectrum=spectrum)
    it = apparatus(geometry, response)
    end = made_by.size if stop is None else min(stop, made_by.size)
    detector = Detector(it, key, recipe.duration / max(made_by.size, 1), recipe.keep == "all")
    for first in range(start, end, chunk):
        particles, truth = made_by.particles(first, min(chunk, end - first), key=key)
        n, out = detector.record(first, particles)
        yield assemble(recipe, burst, particles=particles, truth=truth, filled=out, n=n)


@dataclass(frozen=True)
class Detector:
    """The experiment during one burst.

    Attributes
    ----------
    it : Apparatus
        Geometry and response.
    key : uint64
        Of the burst.
    spacing : float, ns
        Duration of the burst over its number of events.
    keep_all : bool
        Whether events without a trigger are recorded too.
    """

    it: Apparatus
    key: np.uint64
    spacing: float
    keep_all: bool

    def record(self, first: int, particles: Particles) -> tuple[int, Buffers]:
        """Record the events of some particles, of which the first has the number ``first`` in the burst.

        A buffer that gets full is made larger and all begins again, which gives the same rows.
        """
        paths = np.empty(particles.per_event, dtype=PATH)
        growth = 1
        while True:
            out = buffers(len(particles.counts), growth)
            n = detect(first, self.spacing, self.key, particles, self.it, self.keep_all, paths, out)
            if n >= 0:
                return n, out
            growth *= 2
