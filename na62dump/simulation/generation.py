"""Events of a burst, chunk by chunk; how the burst is cut into chunks changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.simulation.assembly import assemble
from na62dump.simulation.buffers import Buffers, buffers
from na62dump.simulation.building import apparatus
from na62dump.simulation.detection import detect
from na62dump.simulation.passage import PATHS_PER_PARTICLE
from na62dump.simulation.paths import PATH
from na62dump.simulation.sources import burst_key, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.simulation.apparatus import Apparatus
    from na62dump.simulation.incident import Incident
    from na62dump.simulation.particles import Particles
    from na62dump.simulation.recipe import Recipe
    from na62dump.simulation.response import Response
    from na62dump.simulation.spectra import Spectrum

CHUNK = 50_000
"""Events that are made at a time."""


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
    muons: Incident | None = None,
) -> Iterator[Events]:
    """Events of a burst.

    Parameters
    ----------
    recipe : SignalRecipe, HaloRecipe or PromptRecipe
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
    muons : Incident, optional
        That make pairs where they are, instead of those in the recipe of prompt pairs; mm, MeV/c.

    Yields
    ------
    Events
        Those that the recipe keeps, in order of their numbers, every column in the unit of the table of columns.
    """
    key = burst_key(recipe, burst)
    made_by = source(recipe, burst, geometry=geometry, response=response, spectrum=spectrum, muons=muons)
    it = apparatus(geometry, response, rich=recipe.rich)
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
        paths = np.empty(particles.per_event * PATHS_PER_PARTICLE, dtype=PATH)
        growth = 1
        while True:
            out = buffers(len(particles.counts), growth)
            n = detect(first, self.spacing, self.key, particles, self.it, self.keep_all, paths, out)
            if n >= 0:
                return n, out
            growth *= 2
