"""From geometry and response, as they are configured, to the numbers and arrays of the kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.simulation.apparatus import (
    CHAMBER,
    STATION,
    TILE,
    Anti0Data,
    Apparatus,
    BendData,
    LavData,
    LkrData,
    Noise,
    PassageData,
    RadiationData,
    RichData,
    SharingData,
    StrawData,
    TileData,
    TriggerData,
    UnstableData,
)
from na62dump.simulation.particles import ELECTRON, KAON, MUON, PI0, PION
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


def apparatus(geometry: Geometry, response: Response, *, rich: bool = False) -> Apparatus:
    """Numbers of the experiment for the kernels.

    Parameters
    ----------
    geometry : Geometry
        Shapes, mm.
    response : Response
        Resolutions, efficiencies and rates.
    rich : bool
        Whether tracks are identified in the RICH.

    Returns
    -------
    Apparatus
        The same numbers, flat.
    """
    return Apparatus(
        passage=PassageData(
            bend=BendData(geometry.straw[0].z, _highland(response), geometry.magnet.z, geometry.magnet.kick),
            radiation=_radiation(geometry, response),
            unstable=_unstable(geometry, response),
        ),
        straw=_straw(geometry, response),
        rich=_rich(response, on=rich),
        lkr=_lkr(geometry, response),
        muv3=_tiles(geometry.muv3, math.inf, response.muv3),
        muv3_scattering=response.muv3.scattering,
        muv3_momentum_min=response.muv3.momentum_min,
        punch_through=response.muv3.punch_through,
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


def _radiation(geometry: Geometry, response: Response) -> RadiationData:
    """Chambers upstream of the magnet; material before them is put to the first one, for all photons are collinear."""
    z = tuple(chamber.z for chamber in geometry.straw if chamber.z < geometry.magnet.z)
    upstream = response.bremsstrahlung.upstream_radiation_lengths
    thickness = tuple(response.straw.radiation_lengths + (0.0 if k else upstream) for k in range(len(z)))
    return RadiationData(z, thickness, response.bremsstrahlung.photon_min)


def _properties(pdg: int) -> tuple[float, float]:
    """Mass (MeV) and lifetime times c (mm)."""
    from particle import Particle  # noqa: PLC0415 - half a second that only simulating pays

    found = Particle.from_pdgid(pdg)
    return float(found.mass or 0.0), float(found.ctau or 0.0)


def _rich(response: Response, *, on: bool) -> RichData:
    electron, muon, pion, kaon = (_properties(pdg)[0] for pdg in (ELECTRON, MUON, PION, KAON))
    return RichData(on, **response.rich.model_dump(), electron=electron, muon=muon, pion=pion, kaon=kaon)


def _unstable(geometry: Geometry, response: Response) -> UnstableData:
    (pion, pion_lifetime), (kaon, kaon_lifetime) = _properties(PION), _properties(KAON)
    return UnstableData(
        muon=_properties(MUON)[0],
        pi0=_properties(PI0)[0],
        pion=pion,
        kaon=kaon,
        pion_lifetime=pion_lifetime,
        kaon_lifetime=kaon_lifetime,
        kaon_to_muon=response.decays.kaon_to_muon,
        z_max=geometry.lkr.z,
    )


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
        momentum_most=straw.momentum_most,
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
        electron_tail_fraction=lkr.electron_tail_fraction,
        electron_tail=lkr.electron_tail,
        hadron_mip=lkr.hadron.mip,
        hadron_charge_exchange=lkr.hadron.charge_exchange,
        hadron_a=lkr.hadron.a,
        hadron_b=lkr.hadron.b,
        sharing=SharingData(**lkr.sharing.model_dump()),
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
