"""Where the particles of a burst come from: one source per process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from na62dump.hashing import absorb
from na62dump.simulation import draws
from na62dump.simulation.decays import Exotic, decays
from na62dump.simulation.disintegration import TRUTH, into
from na62dump.simulation.final_states import stable
from na62dump.simulation.halo import Beam, Halo, halo
from na62dump.simulation.incident import NONE
from na62dump.simulation.particles import Particles, room
from na62dump.simulation.processes import HaloRecipe, PromptRecipe, SignalRecipe, threshold
from na62dump.simulation.prompt import Prompt, prompt
from na62dump.simulation.recipe import Recipe, spectrum_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.geometry import Geometry
    from na62dump.simulation.incident import Incident
    from na62dump.simulation.response import Response
    from na62dump.simulation.spectra import Spectrum

_NUMBERS = 2**40
"""Stream of a burst's own numbers of events: no event has this number."""


class Source(Protocol):
    """Makes the particles of the events of one burst."""

    @property
    def size(self) -> int:
        """Events of the burst."""

    def particles(self, first: int, n: int, *, key: np.uint64) -> tuple[Particles, NDArray[np.void] | None]:
        """Particles of n events from number first on, and what they come from, TRUTH[event] in MeV and mm, if known."""


@dataclass(frozen=True)
class SignalSource:
    """Decays of an exotic particle; ``size`` of them, ``per_event`` particles from each."""

    size: int
    per_event: int
    exotic: Exotic

    def particles(self, first: int, n: int, *, key: np.uint64) -> tuple[Particles, NDArray[np.void] | None]:
        """Daughters of n decays from number first on, and their parents, TRUTH[event] in MeV and mm; key of the burst."""
        made, truth = room(n, self.per_event), np.empty(n, dtype=TRUTH)
        decays(first, key, self.exotic, made, truth)
        return made, truth


@dataclass(frozen=True)
class PromptSource:
    """Pairs that muons make in material: ``size`` of them, ``per_event`` particles from each."""

    size: int
    per_event: int
    prompt: Prompt

    def particles(self, first: int, n: int, *, key: np.uint64) -> tuple[Particles, NDArray[np.void] | None]:
        """Some pairs from number first on, and their sums, TRUTH[event] in MeV and mm; key of the burst."""
        made, truth = room(n, self.per_event), np.empty(n, dtype=TRUTH)
        prompt(first, key, self.prompt, made, truth)
        return made, truth


@dataclass(frozen=True)
class HaloSource:
    """Halo muons, single and in pairs."""

    halo: Halo

    @property
    def size(self) -> int:
        """Events of the burst."""
        return self.halo.events

    def particles(self, first: int, n: int, *, key: np.uint64) -> tuple[Particles, NDArray[np.void] | None]:
        """Muons of n events from number first on, and no TRUTH[event] (MeV, mm); key of the burst."""
        made = room(n, 2)
        halo(first, key, self.halo, made)
        return made, None


def source(
    recipe: Recipe,
    burst: int,
    *,
    geometry: Geometry,
    response: Response,
    spectrum: Spectrum | None = None,
    muons: Incident | None = None,
) -> Source:
    """Source of the events of a burst.

    Parameters
    ----------
    recipe : SignalRecipe, HaloRecipe or PromptRecipe
        What to simulate.
    burst : int
        Number of the burst.
    geometry : Geometry
        Shapes, mm.
    response : Response
        For the size of the beam.
    spectrum : Spectrum, optional
        Instead of the one in the recipe of a signal.
    muons : Incident, optional
        That make pairs where they are, instead of those in the recipe of prompt pairs; mm, MeV/c.

    Returns
    -------
    Source
        With the number of events in the burst.
    """
    match recipe:
        case SignalRecipe():
            exotic = _exotic(recipe, geometry, response, spectrum or spectrum_of(recipe))
            return SignalSource(recipe.events, stable(recipe.final_state), exotic)
        case PromptRecipe():
            found = _prompt(recipe, geometry, NONE if muons is None else muons)
            return PromptSource(recipe.events, stable(recipe.final_state) + int(recipe.muon), found)
        case HaloRecipe():
            singles, pairs = _numbers(recipe, burst)
            beam = _beam(recipe, geometry)
            return HaloSource(Halo(singles + pairs, pairs, beam, recipe.positive, recipe.pair_window))


def count(recipe: Recipe, burst: int) -> int:
    """Events that are made in a burst, kept or not.

    Parameters
    ----------
    recipe : SignalRecipe, HaloRecipe or PromptRecipe
        What to simulate.
    burst : int
        Number of the burst.

    Returns
    -------
    int
        Their number.
    """
    return sum(_numbers(recipe, burst)) if isinstance(recipe, HaloRecipe) else recipe.events


def burst_key(recipe: Recipe, burst: int) -> np.uint64:
    """Key of all random numbers of a burst."""
    return np.uint64(draws.burst_key(recipe.seed, recipe.run, burst))


def _exotic(recipe: SignalRecipe, geometry: Geometry, response: Response, spectrum: Spectrum) -> Exotic:
    axis = geometry.axis
    return Exotic(
        mass=recipe.mass,
        into=into(recipe.final_state),
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


def _beam(recipe: HaloRecipe | PromptRecipe, geometry: Geometry) -> Beam:
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
    )


def _prompt(recipe: PromptRecipe, geometry: Geometry, muons: Incident) -> Prompt:
    return Prompt(
        beam=_beam(recipe, geometry),
        muons=muons,
        into=into(recipe.final_state),
        z_min=recipe.vertex_z_min,
        z_max=recipe.vertex_z_max,
        mass_min=threshold(recipe.final_state),
        mass_max=recipe.mass_max,
        mass_mean=recipe.mass_mean,
        transverse=recipe.transverse_momentum,
        lav=recipe.lav_activity,
        anti0=recipe.anti0_activity,
        share_min=recipe.share_min,
        positive=recipe.positive,
        muon=recipe.muon,
    )


def _numbers(recipe: HaloRecipe, burst: int) -> tuple[int, int]:
    """Numbers of singles and pairs in a burst."""
    if recipe.rate is None:
        return recipe.singles or 0, recipe.pairs or 0
    generator = np.random.Generator(np.random.Philox(key=int(absorb(burst_key(recipe, burst), _NUMBERS))))
    singles = recipe.rate * recipe.duration
    pairs = singles * recipe.rate * recipe.pair_window / 2.0
    return int(generator.poisson(singles)), int(generator.poisson(pairs))
