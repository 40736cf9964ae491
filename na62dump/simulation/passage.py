"""What happens to a particle on its way: scattering, bremsstrahlung, the magnet, and decay in flight.

Everywhere below, state uint64[1] is the particle's generator of random numbers, and paths PATH[path] are the paths of the
event, in mm, ns, MeV/c: the first n are written. Only energies and momenta of what goes on are changed; photons that come
of it get paths of their own behind that of the particle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump import hashing
from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.particles import ELECTRON, HADRONS, KAON, MUON, NEUTRINOS, PHOTON, PION
from na62dump.simulation.paths import absorb, begin, kicked, turn
from na62dump.simulation.phasespace import two_body

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import BendData, LavData, PassageData, RadiationData, UnstableData
    from na62dump.simulation.particles import Particle
    from na62dump.simulation.paths import Path

PATHS_PER_PARTICLE = 3
"""A particle, and the two photons of a pi0 from the decay of a kaon."""


@kernel
def emit(paths: NDArray[np.void], n: int, parent: Path, z: float, sx: float, sy: float, energy: float) -> int:
    """Write a photon of some energy (MeV) that leaves a path at z (mm) with slopes (rad); the number of paths then.

    It has to be called before the parent turns at z.
    """
    k = parent.pieces - 1
    dz = z - parent.z[k]
    path = paths[n]
    path.key = hashing.absorb(parent.key, draws.SECONDARIES + n)
    path.pdg, path.pdg_end, path.charge, path.time = PHOTON, PHOTON, 0.0, parent.time
    path.p, path.p_end = energy, energy
    path.pieces = 1
    path.z[0], path.x[0], path.y[0] = z, parent.x[k] + parent.sx[k] * dz, parent.y[k] + parent.sy[k] * dz
    path.sx[0], path.sy[0] = sx, sy
    path.z_decay, path.z_end = np.inf, np.inf
    return n + 1


@kernel
def radiated(energy: float, thickness: float, least: float, state: NDArray[np.uint64]) -> float:
    """Energy (MeV) that an electron loses to photons above the least energy (MeV) in so many radiation lengths.

    Number and energies of the photons follow dN/dy = t (4/3 - 4/3 y + y^2)/y, y the share of the energy: Particle Data
    Group, "Passage of particles through matter", eq. 34.29.
    """
    y_min = least / energy
    if y_min >= 1.0:
        return 0.0
    mean = thickness * (-4.0 / 3.0 * math.log(y_min) - 4.0 / 3.0 * (1.0 - y_min) + (1.0 - y_min * y_min) / 2.0)
    left = energy
    for _ in range(draws.poisson(state, math.exp(-mean))):
        y = math.exp(math.log(y_min) * draws.uniform(state))
        while draws.uniform(state) > 1.0 - y + 3.0 / 4.0 * y * y:
            y = math.exp(math.log(y_min) * draws.uniform(state))
        left -= y * left
    return energy - left


@kernel
def radiate(path: Path, it: RadiationData, paths: NDArray[np.void], n: int, state: NDArray[np.uint64]) -> int:
    """Bremsstrahlung of an electron upstream of the magnet; the number of paths then.

    All photons have the electron's direction, so they are written as one, at the last chamber there. Photons from
    behind the magnet end in the electron's own cluster: they are not taken off.
    """
    draws.start(state, path.key, draws.RADIATION)
    loss = 0.0
    for layer in range(len(it.z)):
        if path.z[0] < it.z[layer]:
            loss += radiated(path.p_end - loss, it.thickness[layer], it.photon_min, state)
    if loss > 0.0:
        k = path.pieces - 1
        n = emit(paths, n, path, it.z[len(it.z) - 1], path.sx[k], path.sy[k], loss)
        path.p_end -= loss
    return n


@kernel
def decay(path: Path, it: UnstableData, paths: NDArray[np.void], n: int, state: NDArray[np.uint64]) -> int:
    """Decay a pion to a muon and a neutrino, a kaon to that or to two pions, where it is due; the number of paths then.

    The pi0 decays at once, the charged pion no more. The path gets a kink.
    """
    draws.start(state, path.key, draws.DECAY)
    k = path.pieces - 1
    stretch = math.sqrt(1.0 + path.sx[k] ** 2 + path.sy[k] ** 2)
    momenta = np.empty((4, 3))
    parent, charged = momenta[0], momenta[1]
    parent[2] = path.p_end / stretch
    parent[0], parent[1] = path.sx[k] * parent[2], path.sy[k] * parent[2]
    is_kaon = abs(path.pdg) == KAON
    mass = it.kaon if is_kaon else it.pion
    sign = 1 if path.charge > 0.0 else -1
    if is_kaon and draws.uniform(state) >= it.kaon_to_muon:
        path.pdg_end = sign * PION
        two_body(mass, parent, it.pion, it.pi0, charged, momenta[2], state)
        parent[:] = momenta[2]
        two_body(it.pi0, parent, 0.0, 0.0, momenta[2], momenta[3], state)
        for photon in momenta[2:]:
            energy = math.sqrt(photon[0] ** 2 + photon[1] ** 2 + photon[2] ** 2)
            if photon[2] > 0.0:
                n = emit(paths, n, path, path.z_decay, photon[0] / photon[2], photon[1] / photon[2], energy)
    else:
        path.pdg_end = -sign * MUON
        two_body(mass, parent, it.muon, 0.0, charged, momenta[2], state)
    path.p_end = math.sqrt(charged[0] ** 2 + charged[1] ** 2 + charged[2] ** 2)
    if charged[2] > 0.0:
        turn(path, path.z_decay, charged[0] / charged[2], charged[1] / charged[2])
    else:
        path.z_end = path.z_decay
    return n


@kernel
def decay_point(path: Path, it: UnstableData, state: NDArray[np.uint64]) -> float:
    """Where (z in mm) a pion or kaon decays; infinite if that is behind the LKr, where it is absorbed before.

    The flight path is taken along the first piece: the bend of the magnet makes it longer by less than 1e-3.
    """
    is_kaon = abs(path.pdg) == KAON
    mass, lifetime = (it.kaon, it.kaon_lifetime) if is_kaon else (it.pion, it.pion_lifetime)
    draws.start(state, path.key, draws.DECAY_POINT)
    pz = path.p / math.sqrt(1.0 + path.sx[0] ** 2 + path.sy[0] ** 2)
    z = path.z[0] + pz / mass * lifetime * draws.exponential(state)
    return z if z < it.z_max else np.inf


@kernel
def scatter(path: Path, bend: BendData, state: NDArray[np.uint64]) -> None:
    """Turn a path at the first chamber by a random angle, if it is not behind it."""
    if path.z[0] < bend.scatter_z:
        draws.start(state, path.key, draws.PATH)
        k = path.pieces - 1
        in_x, in_y = draws.normals(state)
        angle = bend.highland / path.p_end
        turn(path, bend.scatter_z, path.sx[k] + angle * in_x, path.sy[k] + angle * in_y)


@kernel
def deflect(path: Path, bend: BendData) -> None:
    """Turn a path at the magnet's centre, if it is not behind it."""
    path.p = path.p_end
    if path.z[0] < bend.magnet_z:
        k = path.pieces - 1
        sx, sy, passes = kicked(path.p, path.sx[k], path.sy[k], path.charge * bend.kick)
        turn(path, bend.magnet_z, sx, sy)
        if not passes:
            path.z_end = min(path.z_end, bend.magnet_z)


@kernel
def follow_electron(path: Path, it: PassageData, paths: NDArray[np.void], n: int, state: NDArray[np.uint64]) -> int:
    """Follow an electron through the experiment; the number of paths then."""
    scatter(path, it.bend, state)
    n = radiate(path, it.radiation, paths, n, state)
    deflect(path, it.bend)
    return n


@kernel
def follow_hadron(path: Path, it: PassageData, paths: NDArray[np.void], n: int, state: NDArray[np.uint64]) -> int:
    """Follow a charged pion or kaon through the experiment; the number of paths then."""
    path.z_decay = decay_point(path, it.unstable, state)
    if path.z_decay < it.bend.scatter_z:
        n = decay(path, it.unstable, paths, n, state)
    scatter(path, it.bend, state)
    if it.bend.scatter_z <= path.z_decay < it.bend.magnet_z:
        n = decay(path, it.unstable, paths, n, state)
    deflect(path, it.bend)
    if it.bend.magnet_z <= path.z_decay < np.inf:
        n = decay(path, it.unstable, paths, n, state)
    return n


@kernel
def pass_through(
    particle: Particle,
    key: np.uint64,
    centre: float,
    it: PassageData,
    paths: NDArray[np.void],
    n: int,
    state: NDArray[np.uint64],
) -> int:
    """Write the paths of a particle and of what comes of it; its own key, the window's centre in ns; their number then.

    A neutrino has none.
    """
    kind = abs(particle.pdg)
    if kind in NEUTRINOS:
        return n
    path = paths[n]
    begin(path, particle, key, centre)
    if kind == MUON:
        scatter(path, it.bend, state)
        deflect(path, it.bend)
        return n + 1
    if kind == ELECTRON:
        return follow_electron(path, it, paths, n + 1, state)
    if kind in HADRONS:
        return follow_hadron(path, it, paths, n + 1, state)
    return n + 1


@kernel
def stop(lav: LavData, paths: NDArray[np.void], first: int, n: int) -> None:
    """End the paths of a particle and of what comes of it, from the first on, in the LAV; what comes later is not."""
    for k in range(first, n):
        path = paths[k]
        if abs(path.pdg) != MUON:
            absorb(path, lav)
        if path.z[0] > paths[first].z_end:
            path.z_end = path.z[0]
