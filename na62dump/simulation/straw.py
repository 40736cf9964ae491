"""STRAW: is there a track, and what is measured of it.

Everywhere below, state uint64[1] is the event's generator of random numbers, and out records[row] are the rows of the
collection, in the units of the table of columns (mm, ns, MeV).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from na62dump.geometry import in_chamber
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.paths import kicked, position, reaches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import StrawData
    from na62dump.simulation.paths import Path


@kernel
def chambers_seeing(path: Path, straw: StrawData) -> int:
    """Chambers that see a particle; 0 if one of the two upstream of the magnet does not."""
    seen = 0
    for i in range(len(straw.chambers)):
        chamber = straw.chambers[i]
        if reaches(path, chamber.z):
            x, y = position(path, chamber.z)
            seen += in_chamber(x, y, chamber.r_max, chamber.hole_x, chamber.hole_half_width)
        if i == 1 and seen <= 1:
            return 0
    return seen


@kernel
def measure_track(
    path: Path,
    straw: StrawData,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """Write the track of a particle, if there is one, to row n; gives the number of rows then.

    The two chambers upstream of the magnet measure the line to the reference plane; the slopes downstream are
    those of the true path, smeared by the two chambers there.
    """
    draws.start(state, path.key, draws.STRAW)
    p = path.p
    if path.charge == 0.0 or p < straw.momentum_min or draws.uniform(state) >= straw.efficiency:
        return n
    seen = chambers_seeing(path, straw)
    if seen < straw.chambers_min:
        return n
    first, second = straw.chambers[0].z, straw.chambers[1].z
    x_1, y_1 = position(path, first)
    x_2, y_2 = position(path, second)
    dx_1, dy_1 = draws.normals(state)
    dx_2, dy_2 = draws.normals(state)
    x_1 += straw.position * dx_1
    y_1 += straw.position * dy_1
    sx = (x_2 + straw.position * dx_2 - x_1) / (second - first)
    sy = (y_2 + straw.position * dy_2 - y_1) / (second - first)
    lever = straw.chambers[-1].z - straw.chambers[-2].z
    behind = math.hypot(math.sqrt(2.0) * straw.position / lever, straw.highland / p)
    ex, ey = draws.normals(state)
    ep, et = draws.normals(state)
    track = out[n]
    track.charge = 1 if path.charge > 0.0 else -1
    track.p = p * (1.0 + math.hypot(straw.momentum_constant, straw.momentum_linear * p) * ep)
    track.x = x_1 + sx * (straw.z_reference - first)
    track.y = y_1 + sy * (straw.z_reference - first)
    track.dxdz = sx
    track.dydz = sy
    track.dxdz_after = path.sx2 + behind * ex
    track.dydz_after = path.sy2 + behind * ey
    track.time = path.time + straw.time * et
    track.chi2 = draws.chi_squared(state, straw.dof_pairs, straw.dof_odd)
    track.chambers = seen
    return n + 1


@kernel
def accidental_tracks(
    count: int,
    centre: float,
    straw: StrawData,
    kick: float,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """Write so many accidental tracks of an event from row n on; centre of the window in ns, kick in MeV/c."""
    first = straw.chambers[0]
    for _ in range(count):
        radius = first.r_max * math.sqrt(draws.uniform(state))
        angle = 2.0 * math.pi * draws.uniform(state)
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        sx, sy = draws.normals(state)
        sx *= straw.noise_slope
        sy *= straw.noise_slope
        span = straw.noise_momentum_max - straw.noise_momentum_min
        p = straw.noise_momentum_min + span * draws.uniform(state)
        charge = 1.0 if draws.uniform(state) < 1.0 / 2.0 else -1.0
        time = centre + straw.noise.window * (draws.uniform(state) - 1.0 / 2.0)
        chi2 = draws.chi_squared(state, straw.dof_pairs, straw.dof_odd)
        after_x, after_y, passes = kicked(p, sx, sy, charge * kick)
        if passes and in_chamber(x, y, first.r_max, first.hole_x, first.hole_half_width):
            dz = straw.z_reference - first.z
            track = out[n]
            track.charge = 1 if charge > 0.0 else -1
            track.p = p
            track.x, track.y = x + sx * dz, y + sy * dz
            track.dxdz, track.dydz = sx, sy
            track.dxdz_after, track.dydz_after = after_x, after_y
            track.time, track.chi2 = time, chi2
            track.chambers = len(straw.chambers)
            n += 1
    return n
