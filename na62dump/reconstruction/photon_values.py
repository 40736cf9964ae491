"""Values of rows with photons: total momentum, its line at the dump, masses, and which choice of photons is best."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from na62dump.kernels import kernel
from na62dump.reconstruction.final_state import PHOTONS_OF, mass_of
from na62dump.reconstruction.lines import across, closest_approach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.final_state import FinalState


class Charged(NamedTuple):
    """What two tracks give, float64[row]: vertex x, y, z (mm), momentum px, py, pz (MeV/c), energy (MeV)."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    px: NDArray[np.float64]
    py: NDArray[np.float64]
    pz: NDArray[np.float64]
    energy: NDArray[np.float64]


class Photons(NamedTuple):
    """Position x, y (mm) and energy (MeV) of the photons of each row, float64[photon, row]."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    energy: NDArray[np.float64]


class Sums(NamedTuple):
    """Values of tracks and photons together.

    Attributes
    ----------
    cda_tax, z_tax : float64[row], mm
        Where their line is closest to the proton axis.
    pt_tax, p : float64[row], MeV/c
        Momentum, across the line from the dump and in all.
    mass, corrected_mass : float64[row], MeV
        Invariant mass, and that with a massless particle that is not seen.
    """

    cda_tax: NDArray[np.float64]
    z_tax: NDArray[np.float64]
    pt_tax: NDArray[np.float64]
    p: NDArray[np.float64]
    mass: NDArray[np.float64]
    corrected_mass: NDArray[np.float64]


@kernel
def _fill(
    charged: Charged, photons: Photons, z_lkr: float, origin: tuple[float, float, float], dxdz: float, dydz: float,
    out: Sums,
) -> None:  # fmt: skip
    """Fill the values of rows; photons fly straight from the vertex to the LKr at z_lkr (mm)."""
    norm = math.sqrt(1.0 + dxdz * dxdz + dydz * dydz)
    for row in range(len(charged.x)):
        x, y, z = charged.x[row], charged.y[row], charged.z[row]
        px, py, pz, energy = charged.px[row], charged.py[row], charged.pz[row], charged.energy[row]
        for k in range(photons.x.shape[0]):
            dx, dy, dz = photons.x[k, row] - x, photons.y[k, row] - y, z_lkr - z
            scale = photons.energy[k, row] / math.sqrt(dx * dx + dy * dy + dz * dz)
            px, py, pz, energy = px + scale * dx, py + scale * dy, pz + scale * dz, energy + photons.energy[k, row]
        p2 = px * px + py * py + pz * pz
        p = math.sqrt(p2)
        s, _, dx, dy, dz = closest_approach(
            x, y, z, px / p, py / p, pz / p, *origin, dxdz / norm, dydz / norm, 1.0 / norm
        )
        out.cda_tax[row], out.z_tax[row] = math.sqrt(dx * dx + dy * dy + dz * dz), z + s * pz / p
        pt = across(px, py, pz, x - origin[0], y - origin[1], z - origin[2])
        out.p[row], out.pt_tax[row] = p, pt
        square = energy * energy - p2
        out.mass[row] = math.sqrt(square) if square > 0.0 else 0.0 * square  # 0, but NaN where it is undefined
        out.corrected_mass[row] = math.sqrt(out.mass[row] * out.mass[row] + pt * pt) + pt


def total_values(
    events: Events,
    geometry: Geometry,
    *,
    pairs: Mapping[str, NDArray[Any]],
    legs: tuple[NDArray[np.int64], NDArray[np.int64]],
    masses: tuple[NDArray[np.float64], NDArray[np.float64]],
    photons: Photons,
) -> dict[str, NDArray[np.float64]]:
    """Values of track pairs with photons from their vertex.

    Parameters
    ----------
    events : Events
        Tracks, in rad and MeV/c.
    geometry : Geometry
        Proton axis and LKr, mm.
    pairs : mapping of str to float64[row]
        Vertex of the pairs, mm.
    legs : tuple of int64[row]
        Tracks of each row.
    masses : tuple of float64[row], MeV
        Their masses.
    photons : Photons
        Positions (mm) and energies (MeV), float64[photon, row].

    Returns
    -------
    dict of str to float64[row]
        The fields of `Sums`: mm, MeV/c, MeV; they stand instead of those of the pair.
    """
    px, py, pz, energy = (np.zeros(len(legs[0])) for _ in range(4))
    for index, mass in zip(legs, masses, strict=True):
        p, sx, sy = (events[f"Track_{name}"][index].astype(np.float64) for name in ("p", "dxdz", "dydz"))
        along = p / np.sqrt(1 + sx * sx + sy * sy)
        px, py, pz = px + along * sx, py + along * sy, pz + along
        energy = energy + np.sqrt(p * p + mass * mass)
    charged = Charged(pairs["vertex_x"], pairs["vertex_y"], pairs["vertex_z"], px, py, pz, energy)
    out = Sums(*np.empty((len(Sums._fields), len(px))))
    axis = geometry.axis
    _fill(charged, photons, geometry.lkr.z, (axis.x, axis.y, axis.z), axis.dxdz, axis.dydz, out)
    return out._asdict()


def neutral_masses(
    photons: Photons, vertex: tuple[NDArray[np.float64], ...], *, z_lkr: float, neutrals: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Masses of the neutral particles that two photons make.

    m^2 = 4 E1 E2 sin^2(theta / 2), with directions from the vertex to the clusters.

    Parameters
    ----------
    photons : Photons
        Positions (mm) and energies (MeV), float64[photon, row].
    vertex : tuple of float64[row], mm
        Where they come from: x, y, z.
    z_lkr : float, mm
        Plane of the clusters.
    neutrals : sequence of str
        Particles, in the order of the photons.

    Returns
    -------
    dict of str to float64[row]
        ``neutral1_mass`` and so on (MeV), one for each particle that is made of two photons.
    """
    x, y, z = vertex
    along = np.stack([photons.x - x, photons.y - y, np.broadcast_to(z_lkr - z, photons.x.shape)])
    units = along / np.sqrt((along * along).sum(axis=0))
    found, first = {}, 0
    for number, name in enumerate(neutrals, 1):
        if PHOTONS_OF[name] == len("gg"):
            apart = units[:, first] - units[:, first + 1]
            product = photons.energy[first] * photons.energy[first + 1]
            found[f"neutral{number}_mass"] = np.sqrt(product * (apart * apart).sum(axis=0))
        first += PHOTONS_OF[name]
    return found


def mass_distance(
    masses: Mapping[str, NDArray[np.float64]], *, final_state: FinalState, n_rows: int
) -> NDArray[np.float64]:
    """How far the neutral particles of each choice of photons are from what they should be.

    Parameters
    ----------
    masses : mapping of str to float64[row]
        Masses (MeV) that `neutral_masses` gave.
    final_state : FinalState
        With the particles whose masses they should be.
    n_rows : int
        Number of rows.

    Returns
    -------
    float64[row]
        Root of the summed squared differences from the particles' masses, MeV; 0 where there are none.
    """
    distance = np.zeros(n_rows)
    for number, name in enumerate(final_state.neutrals, 1):
        if f"neutral{number}_mass" in masses:
            distance = np.hypot(distance, masses[f"neutral{number}_mass"] - mass_of(name))
    return distance


def spread(photons: Photons) -> NDArray[np.float64]:
    """Least distance (mm) of two photons of a row, of photons float64[photon, row]: float64[row], infinite for one."""
    least = np.full(photons.x.shape[1], np.inf)
    for i in range(len(photons.x)):
        for j in range(i):
            least = np.minimum(least, np.hypot(photons.x[i] - photons.x[j], photons.y[i] - photons.y[j]))
    return least
