"""The detector kernel: from the particles of events to the rows of every column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation import buffers as rows
from na62dump.simulation import draws
from na62dump.simulation.calorimeter import accidental_showers, measure_shower
from na62dump.simulation.particles import HADRONS, IN_ANTI0, IN_LAV, MUON
from na62dump.simulation.passage import pass_through, stop
from na62dump.simulation.rich import forget, identify
from na62dump.simulation.scintillators import accidental_hits, measure_hit
from na62dump.simulation.sharing import clusters
from na62dump.simulation.straw import accidental_tracks, measure_track
from na62dump.simulation.trigger import emulate
from na62dump.simulation.vetoes import (
    accidental_anti0,
    accidental_lav,
    activity_anti0,
    activity_lav,
    measure_anti0,
    measure_lav,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation.apparatus import Anti0Data, Apparatus, LavData, Noise, RichData, StrawData
    from na62dump.simulation.buffers import Buffers
    from na62dump.simulation.particles import Particles
    from na62dump.simulation.paths import Path


@kernel
def detect(
    first: int,
    spacing: float,
    key: np.uint64,
    particles: Particles,
    it: Apparatus,
    keep_all: bool,  # noqa: FBT001 - a kernel has no keywords
    paths: NDArray[np.void],
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
    paths : PATH[path]
        Work space for the paths of one event.
    out : Buffers
        Overwritten from row 0 on.

    Returns
    -------
    int
        Events written.
    """
    state = np.empty(1, dtype=np.uint64)
    n = 0
    for i in range(len(particles.counts)):
        if not has_room(out, n):
            return -1
        event_key = absorb(key, first + i)
        draws.start(state, event_key, draws.CLOCK)
        centre = it.trigger.clock * draws.uniform(state)
        when = (first + i + draws.uniform(state)) * spacing
        followed = _trigger_detectors(i, n, centre, event_key, particles, it, paths, state, out)
        chod = out.chod[out.offsets[n, rows.CHOD] : out.offsets[n + 1, rows.CHOD]]
        lkr = out.lkr[out.offsets[n, rows.LKR] : out.offsets[n + 1, rows.LKR]]
        word, time = emulate(centre, it.trigger, event_key, chod, lkr)
        if word == 0 and not keep_all:
            continue
        _other_detectors(n, centre, event_key, it, paths[:followed], particles.activity[i], state, out)
        out.indices[n] = i
        event = out.events[n]
        event.event = first + i
        event.burst_time = int(when / it.trigger.clock)
        event.trigger = word
        event.trigger_time = time
        n += 1
    return n


@kernel
def has_room(out: Buffers, n: int) -> bool:
    """Whether each collection has room for one more event behind the n that are written; all are equally large."""
    most = 0
    for collection in range(out.offsets.shape[1]):
        most = max(most, out.offsets[n, collection])
    return bool(most + rows.HEADROOM <= len(out.track))


@kernel
def accidentals(noise: Noise, key: np.uint64, stream: int, state: NDArray[np.uint64]) -> int:
    """Begin a detector's stream of an event, and draw its number of accidental hits; state uint64[1], pure numbers."""
    draws.start(state, key, stream)
    return draws.poisson(state, noise.none)


@kernel
def _trigger_detectors(
    i: int,
    n: int,
    centre: float,
    key: np.uint64,
    particles: Particles,
    it: Apparatus,
    paths: NDArray[np.void],
    state: NDArray[np.uint64],
    out: Buffers,
) -> int:
    """Paths, CHOD hits and LKr clusters of event i, to event n of the buffers; centre of the window in ns.

    Gives the number of paths.
    """
    chod, begin, first = out.offsets[n, rows.CHOD], out.offsets[n, rows.CHOD], out.offsets[n, rows.LKR]
    lkr, followed = first, 0
    for k in range(particles.counts[i]):
        own = absorb(key, draws.PARTICLES + k)
        particle = particles.rows[i * particles.per_event + k]
        before = followed
        followed = pass_through(particle, own, centre, it.passage, paths, before, state)
        if abs(particle.pdg) != MUON:
            stop(it.lav, paths, before, followed)
    for path in paths[:followed]:
        if path.charge != 0.0:
            draws.start(state, path.key, draws.CHOD)
            chod = measure_hit(path, 0.0, it.chod, state, out.chod, begin, chod)
        lkr = measure_shower(path, it.lkr, state, out.lkr, lkr)
    count = accidentals(it.chod.noise, key, draws.CHOD, state)
    if count > 0:
        chod = accidental_hits(count, centre, it.chod, state, out.chod, begin, chod)
    count = accidentals(it.lkr.noise, key, draws.LKR, state)
    if count > 0:
        lkr = accidental_showers(count, centre, it.lkr, state, out.lkr, lkr)
    lkr = clusters(it.lkr.sharing, it.lkr.threshold, out.lkr, first, lkr)
    out.offsets[n + 1, rows.CHOD], out.offsets[n + 1, rows.LKR] = chod, lkr
    return followed


@kernel
def _reaches_muv3(path: Path, it: Apparatus, state: NDArray[np.uint64]) -> bool:
    """Whether a particle gets to MUV3 through the iron: a fast muon, or by chance a fast hadron; begins that stream."""
    if path.p_end <= it.muv3_momentum_min:
        return False
    draws.start(state, path.key, draws.MUV3)
    kind = abs(path.pdg_end)
    return kind == MUON or (kind in HADRONS and draws.uniform(state) < it.punch_through)


@kernel
def _other_lav(
    centre: float, key: np.uint64, lav: LavData, activity: int, state: NDArray[np.uint64], out: NDArray[np.void], n: int
) -> int:
    """LAV hits of no particle of the event, from row n on; gives the number of rows then."""
    count = accidentals(lav.noise, key, draws.LAV, state)
    if count > 0:
        n = accidental_lav(count, centre, lav, state, out, n)
    return activity_lav(centre, lav, state, out, n) if activity & IN_LAV else n


@kernel
def _other_anti0(
    centre: float,
    key: np.uint64,
    it: Anti0Data,
    activity: int,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """ANTI0 hits of no particle of the event, from row n on; gives the number of rows then."""
    count = accidentals(it.noise, key, draws.ANTI0, state)
    if count > 0:
        n = accidental_anti0(count, centre, it, state, out, n)
    return activity_anti0(centre, it, state, out, n) if activity & IN_ANTI0 else n


@kernel
def _other_tracks(
    centre: float,
    key: np.uint64,
    straw: StrawData,
    kick: float,
    rich: RichData,
    state: NDArray[np.uint64],
    out: NDArray[np.void],
    n: int,
) -> int:
    """Accidental tracks, from row n on; no RICH identifies them. Gives the number of rows then."""
    count = accidentals(straw.noise, key, draws.STRAW, state)
    if count == 0:
        return n
    last = accidental_tracks(count, centre, straw, kick, state, out, n)
    if rich.on:
        for row in range(n, last):
            forget(out[row])
    return last


@kernel
def _other_detectors(
    n: int,
    centre: float,
    key: np.uint64,
    it: Apparatus,
    paths: NDArray[np.void],
    activity: int,
    state: NDArray[np.uint64],
    out: Buffers,
) -> None:
    """Tracks, MUV3, LAV and ANTI0 hits of some paths, to event n of the buffers; centre of the window in ns."""
    track, lav, anti0 = out.offsets[n, rows.TRACK], out.offsets[n, rows.LAV], out.offsets[n, rows.ANTI0]
    muv3, begin = out.offsets[n, rows.MUV3], out.offsets[n, rows.MUV3]
    for path in paths:
        before, track = track, measure_track(path, it.straw, it.passage.bend, state, out.track, track)
        if it.rich.on and track > before:
            identify(path, it.straw.chambers[-1].z, out.track[before], it.rich, state)
        lav = measure_lav(path, it.lav, state, out.lav, lav)
        anti0 = measure_anti0(path, it.anti0, state, out.anti0, anti0)
        if _reaches_muv3(path, it, state):
            muv3 = measure_hit(path, it.muv3_scattering / path.p_end, it.muv3, state, out.muv3, begin, muv3)
    track = _other_tracks(centre, key, it.straw, it.passage.bend.kick, it.rich, state, out.track, track)
    lav = _other_lav(centre, key, it.lav, activity, state, out.lav, lav)
    anti0 = _other_anti0(centre, key, it.anti0, activity, state, out.anti0, anti0)
    count = accidentals(it.muv3.noise, key, draws.MUV3, state)
    if count > 0:
        muv3 = accidental_hits(count, centre, it.muv3, state, out.muv3, begin, muv3)
    out.offsets[n + 1, rows.TRACK], out.offsets[n + 1, rows.MUV3] = track, muv3
    out.offsets[n + 1, rows.LAV], out.offsets[n + 1, rows.ANTI0] = lav, anti0
