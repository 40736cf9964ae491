"""Geometry and response as plain numbers and arrays: what a kernel can take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.units import ENERGY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from na62dump.configuration import Settings
    from na62dump.geometry import Geometry
    from na62dump.geometry.experiment import BrickPlane, GridPlane
    from na62dump.simulation.response import Accidental, Chod, Muv3, Response

_SCATTERING_ENERGY = 13.6 * ENERGY["MeV"]
_SCATTERING_LOG = 0.038
"""Highland's formula for multiple scattering, Particle Data Group, "Passage of particles through matter", eq. 34.16."""


CHAMBER = np.dtype([(name, "f8") for name in ("z", "r_max", "hole_x", "hole_half_width")])
"""A STRAW chamber, mm."""
TILE = np.dtype([(name, "f8") for name in ("x", "y", "area")])
"""A tile: centre, mm, and the share of the plane that the tiles up to this one cover."""
STATION = np.dtype([(name, "f8") for name in ("front", "back", "r_inner", "r_outer")])
"""A LAV station, mm."""


class Noise(NamedTuple):
    """Accidental activity: exp(-mean number), full window (ns)."""

    none: float
    window: float


class StrawData(NamedTuple):
    """STRAW: chambers CHAMBER[chamber] in mm, and numbers in mm, ns, MeV/c; highland is theta0 times p, MeV/c."""

    chambers: NDArray[np.void]
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


class BendData(NamedTuple):
    """What bends a path: scattering in the first chamber at scatter_z (theta0 times p), kick at magnet_z; mm, MeV/c."""

    scatter_z: float
    highland: float
    magnet_z: float
    kick: float


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
    """A plane of tiles, TILE[tile] and raster int16[row, column], mm; times in ns."""

    z: float
    tiles: NDArray[np.void]
    raster: NDArray[np.int16]
    pitch_x: float
    pitch_y: float
    r_min: float
    r_max: float
    efficiency: float
    time: float
    dead_time: float
    noise: Noise


class LavData(NamedTuple):
    """LAV: stations STATION[station] in mm, and numbers in MeV and ns."""

    stations: NDArray[np.void]
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

    bend: BendData
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
        bend=BendData(geometry.straw[0].z, _highland(response), geometry.magnet.z, geometry.magnet.kick),
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


def _records(shapes: Iterable[Settings], dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """Array of the values that some shapes have under the names of a type's fields."""
    return np.array([tuple(getattr(shape, name) for name in dtype.names or ()) for shape in shapes], dtype=dtype)


def _highland(response: Response) -> float:
    """Scattering angle in a chamber times momentum, MeV/c."""
    thickness = response.straw.radiation_lengths
    return _SCATTERING_ENERGY * math.sqrt(thickness) * (1.0 + _SCATTERING_LOG * math.log(thickness))


def _straw(geometry: Geometry, response: Response) -> StrawData:
    straw = response.straw
    return StrawData(
        chambers=_records(geometry.straw, CHAMBER),
        z_reference=geometry.reference.z,
        position=straw.position,
        highland=_highland(response),
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
    covered = np.cumsum(tiles.half_x * tiles.half_y)
    rows = np.empty(len(tiles), dtype=TILE)
    rows["x"], rows["y"], rows["area"] = tiles.x, tiles.y, covered / covered[-1]
    return TileData(
        z=plane.z,
        tiles=rows,
        raster=tiles.raster,
        pitch_x=tiles.pitch_x,
        pitch_y=tiles.pitch_y,
        r_min=plane.r_min,
        r_max=r_max,
        efficiency=response.efficiency,
        time=response.time,
        dead_time=response.dead_time,
        noise=_noise(response.accidental),
    )


def _lav(geometry: Geometry, response: Response) -> LavData:
    lav = response.lav
    return LavData(
        stations=_records(geometry.lav, STATION),
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
