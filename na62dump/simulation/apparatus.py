"""Geometry and response as plain numbers and arrays: what a kernel can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    momentum_most: float
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


class RadiationData(NamedTuple):
    """Bremsstrahlung upstream of the magnet.

    Attributes
    ----------
    z, thickness : tuple of float
        Layers of material: where, mm, and how many radiation lengths.
    photon_min : float, MeV
        Least energy of a photon.
    """

    z: tuple[float, ...]
    thickness: tuple[float, ...]
    photon_min: float


class UnstableData(NamedTuple):
    """Masses (MeV), lifetimes times c (mm), share of kaons that decay to a muon, and end of the way (z in mm)."""

    muon: float
    pi0: float
    pion: float
    kaon: float
    pion_lifetime: float
    kaon_lifetime: float
    kaon_to_muon: float
    z_max: float


class PassageData(NamedTuple):
    """All that happens to a particle on its way; numbers only, since each array costs a kernel at every call."""

    bend: BendData
    radiation: RadiationData
    unstable: UnstableData


class RichData(NamedTuple):
    """Whether there is a RICH, and numbers in MeV, MeV/c, rad; refractivity is n - 1."""

    on: bool
    momentum_min: float
    momentum_max: float
    refractivity: float
    hits: float
    background: float
    resolution: float
    electron: float
    muon: float
    pion: float
    kaon: float


class SharingData(NamedTuple):
    """Close showers: distances in mm, window in ns, fraction a pure number."""

    merging: float
    window: float
    fraction: float
    length: float


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
    electron_tail_fraction: float
    electron_tail: float
    hadron_mip: float
    hadron_charge_exchange: float
    hadron_a: int
    hadron_b: int
    sharing: SharingData
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

    passage: PassageData
    straw: StrawData
    rich: RichData
    lkr: LkrData
    muv3: TileData
    muv3_scattering: float
    muv3_momentum_min: float
    punch_through: float
    chod: TileData
    lav: LavData
    anti0: Anti0Data
    trigger: TriggerData
