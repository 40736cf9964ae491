"""STRAW: is there a track, and what is measured of it."""

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
    from na62dump.simulation.buffers import TrackRows
    from na62dump.simulation.paths import Paths


@kernel
def chambers_seeing(paths: Paths, k: int, straw: StrawData) -> int:
    """Chambers that see particle k of an event; 0 if one of the two upstream of the magnet does not."""
    seen = 0
    for chamber in range(len(straw.z)):
        if reaches(paths, k, straw.z[chamber]):
            x, y = position(paths, k, straw.z[chamber])
            seen += in_chamber(
                x, y, straw.r_max[chamber], straw.hole_x[chamber], straw.hole_half_width[chamber]
            )
        if chamber == 1 and seen <= 1:
            return 0
    return seen


@kernel
def measure_track(
    paths: Paths,
    k: int,
    charge: float,
    time: float,
    straw: StrawData,
    key: np.uint64,
    state: NDArray[np.uint64],
    out: TrackRows,
    n: int,
) -> int:
    """Write the track of particle k of an event, if there is one, to row n; gives the number of rows then.

    The two chambers upstream of the magnet measure the line to the reference plane; the slopes downstream are
    those of the true path, smeared by the two chambers there. time in ns.
    """
    draws.start(state, key, k * draws.STREAMS + draws.STRAW)
    p = paths.p[k]
    if charge == 0.0 or p < straw.momentum_min or draws.uniform(state) >= straw.efficiency:
        return n
    seen = chambers_seeing(paths, k, straw)
    if seen < straw.chambers_min:
        return n
    first, second = straw.z[0], straw.z[1]
    x_1, y_1 = position(paths, k, first)
    x_2, y_2 = position(paths, k, second)
    dx_1, dy_1 = draws.normals(state)
    dx_2, dy_2 = draws.normals(state)
    x_1 += straw.position * dx_1
    y_1 += straw.position * dy_1
    sx = (x_2 + straw.position * dx_2 - x_1) / (second - first)
    sy = (y_2 + straw.position * dy_2 - y_1) / (second - first)
    behind = math.hypot(math.sqrt(2.0) * straw.position / (straw.z[-1] - straw.z[-2]), straw.highland / p)
    ex, ey = draws.normals(state)
    ep, et = draws.normals(state)
    out.charge[n] = 1 if charge > 0.0 else -1
    out.p[n] = p * (1.0 + math.hypot(straw.momentum_constant, straw.momentum_linear * p) * ep)
    out.x[n] = x_1 + sx * (straw.z_reference - first)
    out.y[n] = y_1 + sy * (straw.z_reference - first)
    out.dxdz[n] = sx
    out.dydz[n] = sy
    out.dxdz_after[n] = paths.sx2[k] + behind * ex
    out.dydz_after[n] = paths.sy2[k] + behind * ey
    out.time[n] = time + straw.time * et
    out.chi2[n] = draws.chi_squared(state, straw.dof_pairs, straw.dof_odd)
    out.chambers[n] = seen
    return n + 1


@kernel
def accidental_tracks(
    centre: float,
    straw: StrawData,
    kick: float,
    key: np.uint64,
    state: NDArray[np.uint64],
    out: TrackRows,
    n: int,
) -> int:
    """Write accidental tracks of an event from row n on; centre of the window in ns, kick in MeV/c."""
    draws.start(state, key, draws.ACCIDENTAL + draws.STRAW)
    for _ in range(draws.poisson(state, straw.noise.none)):
        radius = straw.r_max[0] * math.sqrt(draws.uniform(state))
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
        if passes and in_chamber(x, y, straw.r_max[0], straw.hole_x[0], straw.hole_half_width[0]):
            dz = straw.z_reference - straw.z[0]
            out.charge[n] = 1 if charge > 0.0 else -1
            out.p[n] = p
            out.x[n], out.y[n] = x + sx * dz, y + sy * dz
            out.dxdz[n], out.dydz[n] = sx, sy
            out.dxdz_after[n], out.dydz_after[n] = after_x, after_y
            out.time[n], out.chi2[n] = time, chi2
            out.chambers[n] = len(straw.z)
            n += 1
    return n
