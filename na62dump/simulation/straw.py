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
from na62dump.simulation.paths import kicked, piece, position, reaches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import BendData, StrawData
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
def broken(path: Path, straw: StrawData, bend: BendData) -> tuple[float, float]:
    """What the fit makes of a track with a kink between the chambers: momentum (MeV/c) with the charge's sign, and chi2.

    Each half is a straight line through its two chambers. The momentum is that of the bend between them; chi-squared is
    how far they miss each other at the magnet and in the slope that it does not bend, over the width that a straight
    track would have there.
    """
    c = straw.chambers
    last = len(c) - 1
    x_1, y_1 = position(path, c[0].z)
    x_2, y_2 = position(path, c[1].z)
    x_3, y_3 = position(path, c[last - 1].z)
    x_4, y_4 = position(path, c[last].z)
    before, behind = c[1].z - c[0].z, c[last].z - c[last - 1].z
    sx, sy = (x_2 - x_1) / before, (y_2 - y_1) / before
    sx_after, sy_after = (x_4 - x_3) / behind, (y_4 - y_3) / behind
    turned = sx_after / math.sqrt(1.0 + sx_after**2 + sy_after**2) - sx / math.sqrt(1.0 + sx**2 + sy**2)
    turned = math.copysign(max(abs(turned), bend.kick / straw.momentum_most), turned)
    to_magnet = bend.magnet_z - c[last - 1].z
    dx = x_3 + sx_after * to_magnet - x_2 - sx * (bend.magnet_z - c[1].z)
    dy = y_3 + sy_after * to_magnet - y_2 - sy * (bend.magnet_z - c[1].z)
    ds = (sy_after - sy) * before
    width = math.hypot(straw.position, straw.highland / path.p * before)
    return bend.kick / turned, (dx * dx + dy * dy + ds * ds) / (width * width)


@kernel
def hit(path: Path, z: float, straw: StrawData, state: NDArray[np.uint64]) -> tuple[float, float]:
    """Point (x, y) in mm that a chamber at z (mm) measures of a path."""
    x, y = position(path, z)
    dx, dy = draws.normals(state)
    return x + straw.position * dx, y + straw.position * dy


@kernel
def measure_track(
    path: Path,
    straw: StrawData,
    bend: BendData,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """Write the track of a particle, if there is one, to row n; gives the number of rows then.

    The two chambers upstream of the magnet measure the line to the reference plane; the slopes downstream are
    those of the true path at the last chamber, smeared by the two chambers there.
    """
    draws.start(state, path.key, draws.STRAW)
    p, kink = path.p, 0.0
    if path.charge == 0.0 or p < straw.momentum_min or draws.uniform(state) >= straw.efficiency:
        return n
    seen = chambers_seeing(path, straw)
    if seen < straw.chambers_min:
        return n
    first, second, last = straw.chambers[0].z, straw.chambers[1].z, straw.chambers[-1].z
    positive = path.charge > 0.0
    if first < path.z_decay < last:
        p, kink = broken(path, straw, bend)
        positive, p = p > 0.0, abs(p)
    x_1, y_1 = hit(path, first, straw, state)
    x_2, y_2 = hit(path, second, straw, state)
    sx, sy = (x_2 - x_1) / (second - first), (y_2 - y_1) / (second - first)
    behind = math.hypot(math.sqrt(2.0) * straw.position / (last - straw.chambers[-2].z), straw.highland / p)
    ex, ey = draws.normals(state)
    ep, et = draws.normals(state)
    k = piece(path, last)
    track = out[n]
    track.charge = 1 if positive else -1
    track.p = p * (1.0 + math.hypot(straw.momentum_constant, straw.momentum_linear * p) * ep)
    track.x = x_1 + sx * (straw.z_reference - first)
    track.y = y_1 + sy * (straw.z_reference - first)
    track.dxdz = sx
    track.dydz = sy
    track.dxdz_after = path.sx[k] + behind * ex
    track.dydz_after = path.sy[k] + behind * ey
    track.time = path.time + straw.time * et
    track.chi2 = draws.chi_squared(state, straw.dof_pairs, straw.dof_odd) + kink / (2 * straw.dof_pairs + straw.dof_odd)
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
