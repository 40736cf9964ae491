from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.hashing import absorb
from na62dump.kernels import kernel
from na62dump.simulation.building import apparatus
from na62dump.simulation.particles import KAON, MUON, PHOTON, PION, Particles, room
from na62dump.simulation.passage import PATHS_PER_PARTICLE, pass_through, radiated, stop
from na62dump.simulation.paths import PATH
from tests.simulation.sim_world import calm, changed, events_of, owner, quiet, shapes, signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.simulation import Response
    from na62dump.simulation.apparatus import Apparatus, PassageData

MASS = {PION: 139.57039, KAON: 493.677, MUON: 105.6583755}
LIFETIME = {PION: 7804.5, KAON: 3711.0}
Z = 105_000.0


@kernel
def run(particles: Particles, it: PassageData, paths: NDArray[np.void], counts: NDArray[np.int64]) -> None:
    """Paths PATH[particle, path] (mm, MeV/c) and counts int64[particle] of some particles."""
    state = np.empty(1, dtype=np.uint64)
    for i in range(len(particles.rows)):
        counts[i] = pass_through(particles.rows[i], absorb(np.uint64(3), i), 0.0, it, paths[i], 0, state)


@kernel
def lose(energy: float, thickness: float, least: float, out: NDArray[np.float64]) -> None:
    """Fill out float64[electron] with energies (MeV) that electrons of one energy lose."""
    state = np.array([1], dtype=np.uint64)
    for i in range(len(out)):
        out[i] = radiated(energy, thickness, least, state)


@cache
def usual_apparatus() -> Apparatus:
    return apparatus(shapes(), quiet())


def followed(
    pdg: int, p: float, n: int = 20_000, *, slope: float = 0.0, response: Response | None = None
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Paths PATH[particle, path] of particles that begin at Z, and their numbers."""
    particles = room(n, 1)
    particles.rows["pdg"], particles.rows["charge"] = pdg, 1.0 if abs(pdg) in (PION, KAON) else -1.0
    particles.rows["x"], particles.rows["z"] = -slope * 90_000.0, Z
    particles.rows["px"], particles.rows["pz"] = p * slope / np.hypot(1, slope), p / np.hypot(1, slope)
    paths, counts = np.zeros((n, PATHS_PER_PARTICLE), dtype=PATH), np.empty(n, dtype=np.int64)
    run(particles, apparatus(shapes(), response or quiet()).passage, paths, counts)
    return paths, counts


@pytest.mark.parametrize(("pdg", "gev"), [(PION, 10), (PION, 40), (KAON, 15), (KAON, 75)])
def test_as_many_decay_in_flight_as_their_lifetime_says(pdg: int, gev: float) -> None:
    paths, _ = followed(pdg, gev * 1000)
    decayed = np.isfinite(paths[:, 0]["z_decay"])
    length = shapes().lkr.z - Z
    expected = 1 - np.exp(-length * MASS[pdg] / (gev * 1000 * LIFETIME[pdg]))
    assert decayed.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / len(decayed)))
    assert np.all(paths[decayed, 0]["z_decay"] > Z)
    assert np.all(paths[~decayed, 0]["pdg_end"] == pdg)


def test_a_pion_becomes_a_muon_of_the_momentum_that_kinematics_allows() -> None:
    p = 20_000.0
    paths, counts = followed(PION, p)
    path = paths[np.isfinite(paths[:, 0]["z_decay"]), 0]
    assert np.all(path["pdg_end"] == -MUON)
    assert np.all(counts == 1)
    # The muon's energy is flat between the two that a decay along and against the flight gives.
    energy = np.sqrt(path["p_end"] ** 2 + MASS[MUON] ** 2)
    ratio = (MASS[MUON] / MASS[PION]) ** 2
    parent = np.hypot(p, MASS[PION])
    low, high = ((1 + ratio) * parent - (1 - ratio) * p) / 2, ((1 + ratio) * parent + (1 - ratio) * p) / 2
    assert energy.min() > low * (1 - 1e-9)
    assert energy.max() < high * (1 + 1e-9)
    assert energy.mean() == pytest.approx((low + high) / 2, rel=0.02)
    # Transverse momentum in the pion's frame is at most 29.8 MeV/c.
    early = path[path["z_decay"] < shapes().straw[0].z]
    assert np.max(early["p_end"] * np.hypot(early["sx"][:, 1], early["sy"][:, 1])) < 29.9


def test_a_kaon_that_goes_to_two_pions_leaves_their_momenta() -> None:
    paths, counts = followed(KAON, 30_000.0)
    decayed = np.isfinite(paths[:, 0]["z_decay"])
    to_pions = np.abs(paths[:, 0]["pdg_end"]) == PION
    share = to_pions.sum() / decayed.sum()
    assert share == pytest.approx(1 - 0.6356, abs=4 * np.sqrt(0.25 / decayed.sum()))
    assert np.all(counts[to_pions] == 3)
    assert np.all(counts[~to_pions] == 1)
    before = to_pions & (paths[:, 0]["z_decay"] < shapes().straw[0].z)
    total = np.zeros((before.sum(), 3))
    for k in range(3):
        path = paths[before, k]
        piece = 1 if k == 0 else 0
        sx, sy = path["sx"][:, piece], path["sy"][:, piece]
        pz = path["p_end"] / np.sqrt(1 + sx**2 + sy**2)
        total += np.stack([pz * sx, pz * sy, pz], axis=1)
    assert total[:, 2] == pytest.approx(30_000.0, rel=1e-9)
    assert np.abs(total[:, :2]).max() < 1e-6
    assert np.all(paths[before, 1]["pdg"] == PHOTON)


def test_a_path_has_no_gap_where_it_turns() -> None:
    paths, _ = followed(PION, 5000.0, slope=1e-3)
    path = paths[:, 0]
    assert set(path["pieces"]) == {3, 4}
    for k in range(3):
        here = path["pieces"] > k + 1
        dz = path["z"][here, k + 1] - path["z"][here, k]
        assert np.all(dz > 0)
        for at, slope in (("x", "sx"), ("y", "sy")):
            end = path[at][here, k] + path[slope][here, k] * dz
            assert end == pytest.approx(path[at][here, k + 1], abs=1e-6)


def test_electrons_radiate_what_the_formula_says() -> None:
    energy, thickness, least = 50_000.0, 0.0045, 20.0
    lost = np.empty(200_000)
    lose(energy, thickness, least, lost)
    y_min = least / energy
    number = thickness * (4 / 3 * np.log(1 / y_min) - 4 / 3 * (1 - y_min) + (1 - y_min**2) / 2)
    assert np.mean(lost > 0) == pytest.approx(1 - np.exp(-number), abs=4 * np.sqrt(number / len(lost)))
    # Of one photon: integral of y dN/dy over its part above y_min; a second one is rare.
    mean = thickness * (4 / 3 * (1 - y_min) - 2 / 3 * (1 - y_min**2) + (1 - y_min**3) / 3)
    assert np.mean(lost) / energy == pytest.approx(mean, rel=0.05)
    hard = thickness * (4 / 3 * np.log(2) - 2 / 3 + 3 / 8)
    assert np.mean(lost > energy / 2) == pytest.approx(hard, abs=4 * np.sqrt(hard / len(lost)))


def test_a_photon_takes_what_its_electron_loses_and_flies_straight_on() -> None:
    paths, counts = followed(11, 30_000.0, slope=2e-3)
    lost = counts == 2
    electron, photon = paths[lost, 0], paths[lost, 1]
    assert 0.05 < lost.mean() < 0.15
    assert electron["p_end"] + photon["p_end"] == pytest.approx(30_000.0, rel=1e-12)
    assert photon["sx"][:, 0] == pytest.approx(electron["sx"][:, 1], rel=1e-12)
    x = electron["x"][:, 1] + electron["sx"][:, 1] * (photon["z"][:, 0] - electron["z"][:, 1])
    assert photon["x"][:, 0] == pytest.approx(x, abs=1e-9)
    none, _ = followed(11, 30_000.0, response=calm())
    assert np.all(none[:, 0]["p_end"] == 30_000.0)
    more = changed(quiet(), bremsstrahlung={"upstream_radiation_lengths": 0.01})
    assert np.mean(followed(11, 30_000.0, response=more)[1] == 2) > 1.5 * lost.mean()


def test_neutrinos_leave_nothing() -> None:
    assert not followed(12, 1000.0, 10)[1].any()
    assert not followed(-14, 1000.0, 10)[1].any()


def test_what_comes_of_a_particle_ends_where_the_particle_does() -> None:
    # 9 mrad from the axis ends in the LAV, before the first chamber.
    paths, counts = followed(11, 30_000.0, slope=9e-3)
    with_photon = paths[counts == 2]
    assert len(with_photon) > 100
    for pair in with_photon[:100]:
        stop(usual_apparatus().lav, pair, 0, 2)
    ends = with_photon[:100]
    assert np.all(ends[:, 1]["z_end"] <= np.maximum(ends[:, 1]["z"][:, 0], ends[:, 0]["z_end"]))


def test_kinks_between_the_chambers_spoil_the_fit() -> None:
    spectrum = {"shape": "flat", "energy_min": "15 GeV", "energy_max": "40 GeV", "theta_max": "2 mrad"}
    recipe = signal(final_state="kk", mass="1 GeV", events=20_000, spectrum=spectrum)
    kaons = events_of(recipe, quiet())
    muons = events_of(signal(events=20_000, spectrum=spectrum), quiet())
    assert np.mean(muons["Track_chi2"] > 4) < 5e-4
    assert 0.02 < np.mean(kaons["Track_chi2"] > 4) < 0.3
    assert np.all(np.isfinite(kaons["Track_p"]))
    assert kaons["Track_p"].max() < 450e3


def test_muons_of_decays_reach_muv3_and_hadrons_seldom_do() -> None:
    spectrum = {"shape": "flat", "energy_min": "60 GeV", "energy_max": "100 GeV", "theta_max": "2 mrad"}
    recipe = signal(final_state="pipi", events=20_000, spectrum=spectrum)
    without = changed(quiet(), muv3={"punch_through": 0.0})
    hits = len(events_of(recipe, without)["MUV3_tile"])
    # Pions of 40 GeV, from 140 m on the mean: 100 m / 2240 m of them decay.
    assert 0.02 < hits / 40_000 < 0.06
    some = events_of(recipe, changed(quiet(), muv3={"punch_through": 0.5}))
    assert len(some["MUV3_tile"]) > 0.3 * 40_000
    assert len(owner(some, "MUV3")) == len(some["MUV3_tile"])
