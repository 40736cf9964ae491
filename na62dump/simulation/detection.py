"""The detector kernel: from the particles of events to the rows of every column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.kernels import kernel
from na62dump.simulation import draws
from na62dump.simulation.buffers import HEADROOM
from na62dump.simulation.calorimeter import accidental_clusters, measure_cluster
from na62dump.simulation.particles import MUON
from na62dump.simulation.paths import follow
from na62dump.simulation.scintillators import accidental_hits, measure_hit
from na62dump.simulation.straw import accidental_tracks, measure_track
from na62dump.simulation.trigger import emulate
from na62dump.simulation.vetoes import accidental_anti0, accidental_lav, measure_anti0, measure_lav

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import Apparatus
    from na62dump.simulation.buffers import Buffers
    from na62dump.simulation.particles import Particles
    from na62dump.simulation.paths import Paths


@kernel
def detect(
    first: int,
    spacing: float,
    key: np.uint64,
    particles: Particles,
    it: Apparatus,
    keep_all: bool,  # noqa: FBT001 - a kernel has no keywords
    paths: Paths,
    out: Buffers,
) -> int:
    """Fill the buffers with the events of some particles; gives the number of events written, -1 if they were full.

    Parameters
    ----------
    first : int
        Number of the first event in its burst.
    spacing : float, ns
        Duration of the burst over the number of its events: event i comes in the i-th part of the burst.
    key : uint64
        Key of the burst.
    particles : Particles
        Of consecutive events, MeV/c, mm, ns.
    it : Apparatus
        Geometry and response.
    keep_all : bool
        Whether events without a trigger are written too.
    paths : Paths
        Work space for the particles of one event.
    out : Buffers
        Overwritten from row 0 on.

    Returns
    -------
    int
        Events written.
    """
    state = np.empty(1, dtype=np.uint64)
    n = 0
    for i in range(len(particles.count)):
        if not has_room(out, n):
            return -1
        event_key = draws.absorb(key, first + i)
        draws.start(state, event_key, draws.CLOCK)
        centre = it.trigger.clock * draws.uniform(state)
        when = (first + i + draws.uniform(state)) * spacing
        _trigger_detectors(i, n, centre, event_key, particles, it, paths, state, out)
        word, time = emulate(
            centre,
            it.trigger,
            event_key,
            out.chod,
            out.chod.offsets[n],
            out.chod.offsets[n + 1],
            out.lkr,
            out.lkr.offsets[n],
            out.lkr.offsets[n + 1],
        )
        if word == 0 and not keep_all:
            continue
        _other_detectors(i, n, centre, event_key, particles, it, paths, state, out)
        out.index[n] = i
        out.rows.event[n] = first + i
        out.rows.burst_time[n] = int(when / it.trigger.clock)
        out.rows.trigger[n] = word
        out.rows.trigger_time[n] = time
        n += 1
    return n


@kernel
def has_room(out: Buffers, n: int) -> bool:
    """Whether each collection has room for one more event behind the n that are written."""
    used = out.track.offsets[n] + HEADROOM <= len(out.track.p)
    used = used and out.lkr.offsets[n] + HEADROOM <= len(out.lkr.x)
    used = used and out.muv3.offsets[n] + HEADROOM <= len(out.muv3.x)
    used = used and out.chod.offsets[n] + HEADROOM <= len(out.chod.x)
    used = used and out.lav.offsets[n] + HEADROOM <= len(out.lav.time)
    return used and out.anti0.offsets[n] + HEADROOM <= len(out.anti0.x)


@kernel
def _trigger_detectors(
    i: int,
    n: int,
    centre: float,
    key: np.uint64,
    particles: Particles,
    it: Apparatus,
    paths: Paths,
    state: NDArray[np.uint64],
    out: Buffers,
) -> None:
    """Paths, CHOD hits and LKr clusters of event i, to event n of the buffers; centre of the window in ns."""
    chod = out.chod.offsets[n]
    begin = chod
    lkr = out.lkr.offsets[n]
    for k in range(particles.count[i]):
        row = i * particles.per_event + k
        follow(paths, k, particles, row, it, key, state)
        time = centre + particles.time[row]
        if particles.charge[row] != 0.0:
            draws.start(state, key, k * draws.STREAMS + draws.CHOD)
            chod = measure_hit(paths, k, 0.0, time, it.chod, state, out.chod, begin, chod)
        lkr = measure_cluster(paths, k, particles.pdg[row], time, it.lkr, key, state, out.lkr, lkr)
    draws.start(state, key, draws.ACCIDENTAL + draws.CHOD)
    out.chod.offsets[n + 1] = accidental_hits(centre, it.chod, state, out.chod, begin, chod)
    out.lkr.offsets[n + 1] = accidental_clusters(centre, it.lkr, key, state, out.lkr, lkr)


@kernel
def _other_detectors(
    i: int,
    n: int,
    centre: float,
    key: np.uint64,
    particles: Particles,
    it: Apparatus,
    paths: Paths,
    state: NDArray[np.uint64],
    out: Buffers,
) -> None:
    """Tracks, MUV3, LAV and ANTI0 hits of event i, to event n of the buffers; its paths are known."""
    track = out.track.offsets[n]
    muv3 = out.muv3.offsets[n]
    begin = muv3
    lav = out.lav.offsets[n]
    anti0 = out.anti0.offsets[n]
    for k in range(particles.count[i]):
        row = i * particles.per_event + k
        time = centre + particles.time[row]
        charge = particles.charge[row]
        pdg = particles.pdg[row]
        track = measure_track(paths, k, charge, time, it.straw, key, state, out.track, track)
        lav = measure_lav(paths, k, pdg, time, it.lav, key, state, out.lav, lav)
        anti0 = measure_anti0(paths, k, charge, time, it.anti0, key, state, out.anti0, anti0)
        if abs(pdg) == MUON and paths.p[k] > it.muv3_momentum_min:
            draws.start(state, key, k * draws.STREAMS + draws.MUV3)
            scatter = it.muv3_scattering / paths.p[k]
            muv3 = measure_hit(paths, k, scatter, time, it.muv3, state, out.muv3, begin, muv3)
    out.track.offsets[n + 1] = accidental_tracks(centre, it.straw, it.magnet_kick, key, state, out.track, track)
    out.lav.offsets[n + 1] = accidental_lav(centre, it.lav, key, state, out.lav, lav)
    out.anti0.offsets[n + 1] = accidental_anti0(centre, it.anti0, key, state, out.anti0, anti0)
    draws.start(state, key, draws.ACCIDENTAL + draws.MUV3)
    out.muv3.offsets[n + 1] = accidental_hits(centre, it.muv3, state, out.muv3, begin, muv3)
