from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.geometry import in_annulus, in_octagon
from na62dump.simulation.building import apparatus
from na62dump.simulation.calorimeter import deposit
from tests.simulation.sim_world import calm, changed, events_of, halo, owner, quiet, shapes, signal, usual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.simulation import Response

EMPTY = halo(singles=20_000, pairs=0, target_spread="90 m")


@cache
def wide() -> Events:
    """Muons over all of MUV3 and beyond."""
    return events_of(halo(singles=200_000, pairs=0, target_spread="1 m", source_spread="100 mm"), quiet())


@cache
def muons() -> Events:
    return events_of(signal(events=40_000), quiet())


def loud(detector: str, per_ns: float) -> Response:
    """A response with accidental activity in one detector."""
    accidental = getattr(usual(), detector).accidental.model_copy(update={"rate": per_ns})
    return changed(quiet(), **{detector: {"accidental": accidental}})


def test_muons_reach_every_tile_of_muv3() -> None:
    counts = np.bincount(wide()["MUV3_tile"], minlength=148)
    assert len(counts) == 148
    assert counts.min() > 0


@pytest.mark.parametrize("name", ["MUV3", "CHOD"])
def test_hits_carry_the_centre_of_their_tile(name: str) -> None:
    tiles = getattr(shapes(), name.lower()).tiles
    tile = wide()[f"{name}_tile"]
    assert wide()[f"{name}_x"] == pytest.approx(tiles.x[tile])
    assert wide()[f"{name}_y"] == pytest.approx(tiles.y[tile])


def test_muv3_hits_spread_by_scattering_over_the_momentum() -> None:
    # One-sided check: a muon far from the edge of a tile, against 530 mm GeV/c over p in each coordinate.
    events = events_of(halo(singles=40_000, pairs=0, momentum_max="10 GeV/c", momentum_min="9.9 GeV/c"), quiet())
    one = (np.diff(events.offsets["Track"]) == 1) & (np.diff(events.offsets["MUV3"]) == 1)
    track, hit = events.offsets["Track"][:-1][one], events.offsets["MUV3"][:-1][one]
    y = events["Track_y"][track] + events["Track_dydz"][track] * 17_000 + events["Track_dydz_after"][track] * 49_800
    error = events["MUV3_y"][hit] - y
    large = events["MUV3_tile"][hit] < 140
    # A tile of 220 mm is flat, and scattering comes on top.
    assert error[large].std() == pytest.approx(np.hypot(220 / np.sqrt(12), 53.0), rel=0.05)


def test_electrons_do_not_reach_muv3_and_muons_do() -> None:
    assert len(events_of(signal(final_state="ee", events=2000), quiet())["MUV3_tile"]) == 0
    assert len(muons()["MUV3_tile"]) > 0


def test_two_hits_of_one_tile_within_the_dead_time_are_one() -> None:
    recipe = halo(singles=0, pairs=20_000, source_spread="1 mm", target_spread="150 mm", momentum_min="60 GeV/c")
    dead = events_of(recipe, quiet())
    alive = events_of(recipe, changed(quiet(), muv3={"dead_time": 0.0}, chod={"dead_time": 0.0}))
    for name in ("MUV3", "CHOD"):
        key = owner(dead, name) * 1000 + dead[f"{name}_tile"]
        assert len(np.unique(key)) == len(key)
        key = owner(alive, name) * 1000 + alive[f"{name}_tile"]
        assert len(np.unique(key)) < len(key)
        assert len(np.unique(key)) == len(dead[f"{name}_tile"])


def test_electrons_leave_their_momentum_in_the_lkr() -> None:
    events = events_of(signal(final_state="ee", events=40_000), calm())
    total = [np.add.reduceat(np.append(events[c], 0.0), events.offsets[g][:-1]) for c, g in PAIRS]
    two = (np.diff(events.offsets["Track"]) == 2) & (np.diff(events.offsets["LKr"]) == 2)
    e_over_p = total[0][two] / total[1][two]
    assert e_over_p.mean() == pytest.approx(1.0, abs=0.001)
    assert 0.005 < e_over_p.std() < 0.02


PAIRS = (("LKr_energy", "LKr"), ("Track_p", "Track"))


@pytest.mark.parametrize("gev", [2, 20, 100])
def test_lkr_resolution_follows_its_formula(gev: int) -> None:
    lkr, state = apparatus(shapes(), calm()).lkr, np.array([gev], dtype=np.uint64)
    energy = np.array([deposit(gev * 1000.0, 11, lkr, state) for _ in range(20_000)]) / 1000
    sigma = np.sqrt(0.048**2 * gev + 0.11**2 + (0.009 * gev) ** 2)
    assert energy.mean() == pytest.approx(gev, abs=4 * sigma / np.sqrt(20_000))
    assert energy.std() == pytest.approx(sigma, rel=0.02)


def test_muons_leave_little_in_the_lkr_and_clusters_lie_in_the_octagon() -> None:
    energy = muons()["LKr_energy"]
    assert np.median(energy) == pytest.approx(550, rel=0.02)
    assert 0.005 < np.mean(energy > 1000) < 0.03
    lkr = shapes().lkr
    points = zip(muons()["LKr_x"], muons()["LKr_y"], strict=True)
    assert all(in_octagon(float(x), float(y), lkr.r_min - 6, lkr.apothem + 6) for x, y in points)


def test_halo_muons_cross_lav_rings_and_anti0_and_decays_do_not_reach_back() -> None:
    events = events_of(halo(singles=20_000, pairs=0), quiet())
    assert set(events["LAV_station"]) <= set(range(1, 13))
    assert len(set(events["LAV_station"])) > 8
    assert len(events["ANTI0_x"]) > 0.5 * len(events)
    downstream = events_of(signal(events=5000, decay_z_min="130 m"), quiet())
    assert len(downstream["ANTI0_x"]) == 0
    assert set(downstream["LAV_station"]) <= set(range(3, 13))


def test_lav_hits_are_where_the_path_crosses_the_ring() -> None:
    # A muon with a track is straight up to the magnet: its line must cross every ring upstream that has a hit.
    events = events_of(halo(singles=20_000, pairs=0), quiet())
    one = np.diff(events.offsets["Track"]) == 1
    hits = one[owner(events, "LAV")] & (events["LAV_station"] <= 8)
    station = events["LAV_station"][hits] - 1
    track = events.offsets["Track"][owner(events, "LAV")[hits]]
    ends = []
    for edge in ("front", "back"):
        z = np.array([getattr(s, edge) for s in shapes().lav])[station] - shapes().reference.z
        ends.append(
            np.hypot(
                events["Track_x"][track] + events["Track_dxdz"][track] * z,
                events["Track_y"][track] + events["Track_dydz"][track] * z,
            )
        )
    inner = np.array([s.r_inner for s in shapes().lav])[station]
    outer = np.array([s.r_outer for s in shapes().lav])[station]
    margin = 40.0
    crossed = [(r > inner - margin) & (r < outer + margin) for r in ends]
    assert len(track) > 1000
    assert np.all(crossed[0] | crossed[1])


def test_electrons_stop_in_the_lav() -> None:
    events = events_of(signal(events=20_000, final_state="ee"), calm())
    assert np.diff(events.offsets["LAV"]).max() <= 2
    assert np.diff(muons().offsets["LAV"]).max() > 2


@pytest.mark.parametrize(
    ("detector", "collection"), [("lkr", "LKr"), ("muv3", "MUV3"), ("chod", "CHOD"), ("lav", "LAV"), ("anti0", "ANTI0")]
)
def test_accidental_hits_have_their_rate_and_are_flat_in_time(detector: str, collection: str) -> None:
    events = events_of(EMPTY, loud(detector, 0.005))
    none = events_of(EMPTY, quiet())
    extra = len(events[f"{collection}_time"]) - len(none[f"{collection}_time"])
    assert extra == pytest.approx(0.5 * len(events), abs=4 * np.sqrt(0.5 * len(events)))
    # The window's centre is within 20 ns of the trigger, or 12.5 ns where there is none.
    spread = events[f"{collection}_time"] - 12.5
    assert np.abs(spread).max() < 50 + 12.5 + 5
    assert spread.std() == pytest.approx(np.hypot(100, 25) / np.sqrt(12), rel=0.05)


def test_accidental_hits_cover_the_area() -> None:
    events = events_of(EMPTY, loud("chod", 0.02))
    tiles = shapes().chod.tiles
    counts = np.bincount(events["CHOD_tile"], minlength=len(tiles))
    expected = counts.sum() * tiles.half_x * tiles.half_y / np.sum(tiles.half_x * tiles.half_y)
    assert np.sum((counts - expected) ** 2 / expected) < len(tiles) + 5 * np.sqrt(2 * len(tiles))
    clusters = events_of(EMPTY, loud("lkr", 0.02))
    lkr = shapes().lkr
    points = zip(clusters["LKr_x"], clusters["LKr_y"], strict=True)
    assert all(in_octagon(float(x), float(y), lkr.r_min - 0.01, lkr.apothem + 0.01) for x, y in points)
    hits = events_of(EMPTY, loud("anti0", 0.02))
    assert np.mean(np.hypot(hits["ANTI0_x"], hits["ANTI0_y"]) < 1080 / np.sqrt(2)) == pytest.approx(0.5, abs=0.02)
    assert in_annulus(0.0, 500.0, shapes().anti0.r_min, shapes().anti0.r_max)
    lav = events_of(EMPTY, loud("lav", 0.02))
    assert np.bincount(lav["LAV_station"], minlength=13)[1:].min() > 0


def deposits(pdg: int, energy: float, n: int = 40_000) -> NDArray[np.float64]:
    """Measured energies over the true one, float64[particle]."""
    lkr, state = apparatus(shapes(), usual()).lkr, np.array([5], dtype=np.uint64)
    return np.array([deposit(energy, pdg, lkr, state) for _ in range(n)]) / energy


@pytest.mark.parametrize("pdg", [211, -211, 321])
def test_hadrons_ionise_or_shower_in_part(pdg: int) -> None:
    e_over_p = deposits(pdg, 30_000.0)
    ionising = e_over_p < 0.04
    # The beta distribution x (1 - x) has mean 1/2; little of it is below 0.04, and little of the ionising above.
    assert ionising.mean() == pytest.approx(0.12 * 0.98 + 0.88 * 0.0047, abs=0.01)
    showers = e_over_p[~ionising]
    assert showers.mean() == pytest.approx(0.5, abs=0.01)
    window = np.mean((e_over_p > 0.95) & (e_over_p < 1.05))
    assert 0.004 < window < 0.015


def test_electrons_have_a_tail_and_photons_have_none() -> None:
    electrons, photons = deposits(11, 30_000.0), deposits(22, 30_000.0)
    assert 0.002 < np.mean(electrons < 0.95) < 0.008
    assert np.mean(photons < 0.95) < 0.0005
    assert photons.mean() == pytest.approx(1.0, abs=0.001)


def test_photons_make_clusters_and_lav_hits_and_no_tracks() -> None:
    events = events_of(signal(final_state="gg", mass="200 MeV", events=5000), quiet())
    assert len(events["Track_p"]) == len(events["CHOD_tile"]) == len(events["MUV3_tile"]) == 0
    assert len(events["LKr_energy"]) > 0.5 * len(events)
    assert len(events["LAV_energy"]) > 100
    assert events["LAV_energy"].max() > 5000
    pairs = np.diff(events.offsets["LKr"]) == 2
    first = events.offsets["LKr"][:-1][pairs]
    total = events["LKr_energy"][first] + events["LKr_energy"][first + 1]
    assert np.mean(total / events["truth_energy"][pairs]) == pytest.approx(1.0, abs=0.005)


def test_hadrons_stop_in_the_lav_with_the_signal_of_one_particle() -> None:
    stable_pions = changed(quiet(), lav={"muon_spread": 0.0})
    events = events_of(signal(final_state="pipi", mass="700 MeV", events=5000), stable_pions)
    assert np.mean(events["LAV_energy"] == 80.0) == 1.0
