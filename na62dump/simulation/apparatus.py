"""Geometry and response as plain numbers and arrays: what a kernel can take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.units import ENERGY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.geometry import Geometry
    from na62dump.geometry.experiment import BrickPlane, GridPlane
    from na62dump.simulation.response import Accidental, Chod, Muv3, Response

_SCATTERING_ENERGY = 13.6 * ENERGY["MeV"]
_SCATTERING_LOG = 0.038
"""Highland's formula for multiple scattering, Particle Data Group, "Passage of particles through matter", eq. 34.16."""


class Noise(NamedTuple):
    """Accidental activity: exp(-mean number), full window (ns)."""

    none: float
    window: float


class StrawData(NamedTuple):
    """Chambers float64[chamber] in mm, and numbers in mm, ns, MeV/c; highland is theta0 times p, MeV/c."""

    z: NDArray[np.float64]
    r_max: NDArray[np.float64]
    hole_x: NDArray[np.float64]
    hole_half_width: NDArray[np.float64]
    z_reference: float
    position: float
    highland: float
    momentum_constant: float
    momentum_linear: float
    momentum_min: float
    chambers_min: int
    efficiency: float
    time: float
    dof_pairs: int
    dof_odd: bool
    noise: Noise
    noise_slope: float
    noise_momentum_min: float
    noise_momentum_max: float


class LkrData(NamedTuple):
    """Numbers in mm, ns, MeV; stochastic in sqrt(MeV)."""

    z: float
    r_min: float
    apothem: float
    stochastic: float
    noise_energy: float
    constant: float
    position: float
    time: float
    efficiency: float
    threshold: float
    muon_energy: float
    muon_spread: float
    muon_tail_fraction: float
    muon_tail: float
    noise: Noise
    noise_mean: float


class TileData(NamedTuple):
    """A plane of tiles: centres float64[tile] and raster int16[row, column], mm; times in ns.

    area is the share of the plane that the tiles up to each one cover, float64[tile].
    """

    z: float
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    raster: NDArray[np.int16]
    pitch_x: float
    pitch_y: float
    r_min: float
    r_max: float
    efficiency: float
    time: float
    dead_time: float
    noise: Noise
    area: NDArray[np.float64]


class LavData(NamedTuple):
    """Stations float64[station] in mm, and numbers in MeV and ns."""

    front: NDArray[np.float64]
    back: NDArray[np.float64]
    r_inner: NDArray[np.float64]
    r_outer: NDArray[np.float64]
    muon_energy: float
    muon_spread: float
    threshold: float
    efficiency: float
    time: float
    noise: Noise
    noise_mean: float


class Anti0Data(NamedTuple):
    """Numbers in mm and ns."""

    z: float
    r_min: float
    r_max: float
    position: float
    efficiency: float
    time: float
    noise: Noise


class TriggerData(NamedTuple):
    """Numbers in ns and MeV."""

    clock: float
    window: float
    coincidence: float
    control_energy: float
    q1_downscaling: int


class Apparatus(NamedTuple):
    """All of the experiment, in mm, ns, MeV; muv3_scattering in mm MeV/c."""

    magnet_z: float
    magnet_kick: float
    straw: StrawData
    lkr: LkrData
    muv3: TileData
    muv3_scattering: float
    muv3_momentum_min: float
    chod: TileData
    lav: LavData
    anti0: Anti0Data
    trigger: TriggerData


def apparatus(geometry: Geometry, response: Response) -> Apparatus:
    """Numbers of the experiment for the kernels.

    Parameters
    ----------
    geometry : Geometry
        Shapes, mm.
    response : Response
        Resolutions, efficiencies and rates.

    Returns
    -------
    Apparatus
        The same numbers, flat.
    """
    return Apparatus(
        magnet_z=geometry.magnet.z,
        magnet_kick=geometry.magnet.kick,
        straw=_straw(geometry, response),
        lkr=_lkr(geometry, response),
        muv3=_tiles(geometry.muv3, math.inf, response.muv3),
        muv3_scattering=response.muv3.scattering,
        muv3_momentum_min=response.muv3.momentum_min,
        chod=_tiles(geometry.chod, geometry.chod.r_max, response.chod),
        lav=_lav(geometry, response),
        anti0=_anti0(geometry, response),
        trigger=TriggerData(**response.trigger.model_dump()),
    )


def _noise(accidental: Accidental) -> Noise:
    return Noise(none=math.exp(-accidental.rate * accidental.window), window=accidental.window)


def _floats(values: list[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _straw(geometry: Geometry, response: Response) -> StrawData:
    straw = response.straw
    thickness = straw.radiation_lengths
    highland = _SCATTERING_ENERGY * math.sqrt(thickness) * (1.0 + _SCATTERING_LOG * math.log(thickness))
    return StrawData(
        z=_floats([c.z for c in geometry.straw]),
        r_max=_floats([c.r_max for c in geometry.straw]),
        hole_x=_floats([c.hole_x for c in geometry.straw]),
        hole_half_width=_floats([c.hole_half_width for c in geometry.straw]),
        z_reference=geometry.reference.z,
        position=straw.position,
        highland=highland,
        momentum_constant=straw.momentum_constant,
        momentum_linear=straw.momentum_per_gev / ENERGY["GeV"],
        momentum_min=straw.momentum_min,
        chambers_min=straw.chambers_min,
        efficiency=straw.efficiency,
        time=straw.time,
        dof_pairs=straw.degrees_of_freedom // 2,
        dof_odd=straw.degrees_of_freedom % 2 == 1,
        noise=_noise(straw.accidental),
        noise_slope=straw.accidental.slope,
        noise_momentum_min=straw.accidental.momentum_min,
        noise_momentum_max=straw.accidental.momentum_max,
    )


def _lkr(geometry: Geometry, response: Response) -> LkrData:
    lkr = response.lkr
    return LkrData(
        z=geometry.lkr.z,
        r_min=geometry.lkr.r_min,
        apothem=geometry.lkr.apothem,
        stochastic=lkr.stochastic * math.sqrt(ENERGY["GeV"]),
        noise_energy=lkr.noise,
        constant=lkr.constant,
        position=lkr.position,
        time=lkr.time,
        efficiency=lkr.efficiency,
        threshold=lkr.threshold,
        muon_energy=lkr.muon_energy,
        muon_spread=lkr.muon_spread,
        muon_tail_fraction=lkr.muon_tail_fraction,
        muon_tail=lkr.muon_tail,
        noise=_noise(lkr.accidental),
        noise_mean=lkr.accidental.energy,
    )


def _tiles(plane: GridPlane | BrickPlane, r_max: float, response: Muv3 | Chod) -> TileData:
    tiles = plane.tiles
    return TileData(
        z=plane.z,
        x=tiles.x,
        y=tiles.y,
        raster=tiles.raster,
        pitch_x=tiles.pitch_x,
        pitch_y=tiles.pitch_y,
        r_min=plane.r_min,
        r_max=r_max,
        efficiency=response.efficiency,
        time=response.time,
        dead_time=response.dead_time,
        noise=_noise(response.accidental),
        area=np.cumsum(tiles.half_x * tiles.half_y) / np.sum(tiles.half_x * tiles.half_y),
    )


def _lav(geometry: Geometry, response: Response) -> LavData:
    lav = response.lav
    return LavData(
        front=_floats([s.front for s in geometry.lav]),
        back=_floats([s.back for s in geometry.lav]),
        r_inner=_floats([s.r_inner for s in geometry.lav]),
        r_outer=_floats([s.r_outer for s in geometry.lav]),
        muon_energy=lav.muon_energy,
        muon_spread=lav.muon_spread,
        threshold=lav.threshold,
        efficiency=lav.efficiency,
        time=lav.time,
        noise=_noise(lav.accidental),
        noise_mean=lav.accidental.energy,
    )


def _anti0(geometry: Geometry, response: Response) -> Anti0Data:
    return Anti0Data(
        z=geometry.anti0.z,
        r_min=geometry.anti0.r_min,
        r_max=geometry.anti0.r_max,
        position=response.anti0.position,
        efficiency=response.anti0.efficiency,
        time=response.anti0.time,
        noise=_noise(response.anti0.accidental),
    )
