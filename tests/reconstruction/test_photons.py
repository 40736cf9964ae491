"""Choices of photons against a slow plain-Python search, and what they give against exact kinematics."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from na62dump.configuration import find, load
from na62dump.errors import UnknownQuantityError
from na62dump.reconstruction import FinalState, Matching, build
from na62dump.reconstruction.final_state import PHOTONS_OF, mass_of
from tests.making import Event, events_of, pair_from

if TYPE_CHECKING:
    from na62dump.geometry import Geometry
    from na62dump.reconstruction import Rows

MATCHING = load(find("experiment/matching"), Matching)
Z_LKR = 241_093.0
NEUTRALS = [
    ("gamma",),
    ("gamma", "gamma"),
    ("pi0",),
    ("eta",),
    ("pi0", "pi0"),
    ("pi0", "eta"),
    ("gamma", "pi0"),
    ("gamma",) * 4,
]


def rows_of(events: list[Event], geometry: Geometry, *neutrals: str, charged: bool = True) -> Rows:
    plus, minus = ("pi+", "pi-") if charged else (None, None)
    state = FinalState(plus=plus, minus=minus, neutrals=neutrals)
    return build(events_of(events), geometry, matching=MATCHING, final_state=state).rows


def impact(track: dict[str, float]) -> tuple[float, float]:
    """Where a track of equal slopes before and behind the magnet crosses the LKr, mm."""
    ahead = Z_LKR - 180e3
    return track["x"] + track["dxdz"] * ahead, track["y"] + track["dydz"] * ahead


def is_free(cluster: dict[str, float], tracks: list[dict[str, float]]) -> bool:
    if cluster["energy"] < MATCHING.photon_energy_min:
        return False
    for track in tracks:
        x, y = impact(track)
        near = math.hypot(cluster["x"] - x, cluster["y"] - y) <= MATCHING.photon_track_distance
        if near and abs(cluster["time"] - track.get("time", 0.0)) <= MATCHING.lkr_window:
            return False
    return True


def slow_choices(free: list[int], neutrals: tuple[str, ...]) -> set[frozenset[tuple[str, frozenset[int], int]]]:
    """Every way to give photons to particles: sets of (particle, its photons), which know no order."""
    found = set()
    for chosen in itertools.permutations(free, sum(PHOTONS_OF[name] for name in neutrals)):
        rest, given_to = list(chosen), []
        for name in neutrals:
            own = frozenset(rest[: PHOTONS_OF[name]])
            rest = rest[PHOTONS_OF[name] :]
            given_to.append((name, own, 0))
        found.add(frozenset(given_to))
    return found


def choices(rows: Rows, row: int) -> frozenset[tuple[str, frozenset[int], int]]:
    taken, first = [], 0
    photons = [int(rows.legs[f"photon{i + 1}"][row]) for i in range(len(rows.photons))]
    for name in rows.neutrals_of:
        taken.append((name, frozenset(photons[first : first + PHOTONS_OF[name]]), 0))
        first += PHOTONS_OF[name]
    return frozenset(taken)


cluster = st.fixed_dictionaries(
    {
        "x": st.integers(-1000, 1000).map(float),
        "y": st.integers(-1000, 1000).map(float),
        "energy": st.integers(300, 30_000).map(float),
        "time": st.integers(-15, 15).map(float),
    }
)
slope = st.tuples(st.integers(-4, 4).map(lambda n: n * 1e-3), st.integers(-4, 4).map(lambda n: n * 1e-3))
crowd = st.tuples(st.lists(slope, min_size=2, max_size=3, unique=True), st.lists(cluster, max_size=6))


@given(crowds=st.lists(crowd, min_size=1, max_size=3), neutrals=st.sampled_from(NEUTRALS))
def test_choices_are_those_of_a_slow_search(
    crowds: list[tuple[list[tuple[float, float]], list[dict[str, float]]]],
    neutrals: tuple[str, ...],
    geometry: Geometry,
) -> None:
    events = []
    for slopes, clusters in crowds:
        event = pair_from((0.0, -22.0, 150e3), slopes, tuple([1, -1, 1][: len(slopes)]))
        for number, track in enumerate(event.elements["Track"]):
            track["time"] = 2.0 * number
        event.elements["LKr"] = clusters
        events.append(event)
    rows = rows_of(events, geometry, *neutrals)
    expected, first = [], 0
    for number, event in enumerate(events):
        tracks, clusters = event.elements["Track"], event.elements["LKr"]
        for i, j in itertools.combinations(range(len(tracks)), 2):
            time = (tracks[i]["time"] + tracks[j]["time"]) / 2
            free = [
                first + k
                for k, c in enumerate(clusters)
                if is_free(c, tracks) and abs(c["time"] - time) <= MATCHING.photon_window
            ]
            expected += [(number, frozenset({i, j}), choice) for choice in slow_choices(free, neutrals)]
        first += len(clusters)
    offsets = np.concatenate([[0], np.cumsum([len(e.elements["Track"]) for e in events])])
    found = [
        (
            int(event),
            frozenset({int(rows.legs["plus"][row] - offsets[event]), int(rows.legs["minus"][row] - offsets[event])}),
            choices(rows, row),
        )
        for row, event in enumerate(rows.index)
    ]
    assert len(set(found)) == len(found)
    assert sorted(map(repr_of, found)) == sorted(map(repr_of, expected))


def repr_of(choice: tuple[int, frozenset[int], frozenset[tuple[str, frozenset[int], int]]]) -> str:
    event, pair, given_to = choice
    return repr((event, sorted(pair), sorted((name, sorted(photons)) for name, photons, _ in given_to)))


@given(crowds=st.lists(crowd, min_size=1, max_size=3), neutrals=st.sampled_from(NEUTRALS), data=st.data())
def test_the_best_choice_is_that_of_a_slow_search(
    crowds: list[tuple[list[tuple[float, float]], list[dict[str, float]]]],
    neutrals: tuple[str, ...],
    data: st.DataObject,
    geometry: Geometry,
) -> None:
    events = []
    for slopes, clusters in crowds:
        event = pair_from((0.0, -22.0, 150e3), slopes, tuple([1, -1, 1][: len(slopes)]))
        event.elements["LKr"] = clusters
        events.append(event)
    rows = rows_of(events, geometry, *neutrals)
    among = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), dtype=np.bool_)
    expected = set()
    pairs = {
        (int(e), int(p), int(m)) for e, p, m in zip(rows.index, rows.legs["plus"], rows.legs["minus"], strict=True)
    }
    for event_number, plus, minus in pairs:
        own = [
            row
            for row in range(len(rows))
            if (rows.index[row], rows.legs["plus"][row], rows.legs["minus"][row]) == (event_number, plus, minus)
        ]
        allowed = [row for row in own if among[row]] or own
        expected.add(min(allowed, key=lambda row: (distance(rows, row), -float(rows.photons_energy[row]), row)))
    assert set(np.flatnonzero(rows.best(among)).tolist()) == expected


def distance(rows: Rows, row: int) -> float:
    return float(rows.mass_distance[row])


@given(clusters=st.lists(cluster, max_size=7))
def test_the_mass_distance_is_that_of_both_particles(clusters: list[dict[str, float]], geometry: Geometry) -> None:
    event = pair_from((0.0, -22.0, 150e3), [(4e-3, 0.0), (-4e-3, 0.0)])
    event.elements["LKr"] = clusters
    rows = rows_of([event], geometry, "pi0", "eta")
    if len(rows):
        apart = np.hypot(rows.neutral1_mass - mass_of("pi0"), rows.neutral2_mass - mass_of("eta"))
        np.testing.assert_allclose(rows.mass_distance, apart)


def decay(*, neutral: str, n: int) -> tuple[Event, float, np.ndarray]:
    """An event with two pions and n neutral particles from (50, 30, 140e3) mm: its mass, and total momentum."""
    vertex = np.array([50.0, 30.0, 140e3])
    slopes, momenta = [(4e-3, 1e-3), (-3e-3, 2e-3)], [40e3, 25e3]
    event = pair_from(tuple(vertex), slopes)
    total, energy = np.zeros(3), 0.0
    for track, p, (sx, sy) in zip(event.elements["Track"], momenta, slopes, strict=True):
        track["p"] = p
        total += p / math.sqrt(1 + sx * sx + sy * sy) * np.array([sx, sy, 1.0])
        energy += math.hypot(p, mass_of("pi+"))
    generator = np.random.default_rng(6)
    event.elements["LKr"] = []
    for number in range(n):
        mass, parent = mass_of(neutral), (20e3 + 5e3 * number) * np.array([1e-3 * (number - 1), -2e-3, 1.0])
        for direction in (at_rest := unit(generator), -at_rest):
            photon = boosted(mass / 2 * direction, mass, parent)
            dx, dy = photon[:2] / photon[2] * (Z_LKR - vertex[2])
            event.elements["LKr"].append(
                {"x": vertex[0] + dx, "y": vertex[1] + dy, "energy": float(np.linalg.norm(photon)), "time": 0.0}
            )
            total, energy = total + photon, energy + float(np.linalg.norm(photon))
    return event, math.sqrt(energy**2 - total @ total), total


def unit(generator: np.random.Generator) -> np.ndarray:
    direction = generator.normal(size=3)
    direction[2] /= 4  # across the flight, so that both photons have energy enough
    return np.asarray(direction / np.linalg.norm(direction))


def boosted(photon: np.ndarray, mass: float, parent: np.ndarray) -> np.ndarray:
    energy, parent_energy = np.linalg.norm(photon), math.sqrt(mass**2 + parent @ parent)
    return np.asarray(photon + parent * ((photon @ parent) / (parent_energy + mass) + energy) / mass)


@pytest.mark.parametrize(("neutral", "n"), [("pi0", 1), ("pi0", 2), ("eta", 1)])
def test_mass_and_line_are_those_of_the_total_momentum(geometry: Geometry, neutral: str, n: int) -> None:
    event, mass, total = decay(neutral=neutral, n=n)
    rows = rows_of([event], geometry, *[neutral] * n)
    best = rows.where(rows.best(np.ones(len(rows), dtype=np.bool_)))
    assert best.mass[0] == pytest.approx(mass, rel=1e-4)
    assert best.p[0] == pytest.approx(np.linalg.norm(total), rel=1e-6)
    for found in best.neutrals:
        assert found.mass[0] == pytest.approx(found.nominal, rel=1e-3)
    # the line through the vertex along the total momentum, and the axis x = 0, y = -22 mm
    sx, sy = total[0] / total[2], total[1] / total[2]
    z = 140e3 - (50.0 * sx + 52.0 * sy) / (sx * sx + sy * sy)
    assert best.z_tax[0] == pytest.approx(z, rel=1e-3)
    across = abs(50.0 * sy - 52.0 * sx) / math.hypot(sx, sy)
    assert best.cda_tax[0] == pytest.approx(across, rel=1e-2, abs=0.1)
    assert best.tracks_mass[0] < best.mass[0]


def test_the_corrected_mass_is_that_of_a_decay_with_an_unseen_massless_particle(geometry: Geometry) -> None:
    # two pions back to back with a neutrino across the flight: then pt is all that is missing, and m_corr is the mass
    event, _, total = decay(neutral="pi0", n=0)
    rows = rows_of([event], geometry)
    flight = np.array([50.0, 52.0, 140e3 - 23_070.0])
    pt = float(np.linalg.norm(np.cross(total, flight)) / np.linalg.norm(flight))
    assert rows.pt_tax[0] == pytest.approx(pt, rel=1e-5)
    assert rows.corrected_mass[0] == pytest.approx(math.hypot(rows.mass[0], pt) + pt, rel=1e-6)


def test_the_centre_of_energy_is_where_the_parent_would_have_gone(geometry: Geometry) -> None:
    parent, vertex = 60e3 * np.array([2e-3, -1e-3, 1.0]), np.array([120.0, -80.0, 130e3])
    clusters = []
    direction = unit(np.random.default_rng(3))
    for photon in (boosted(sign * 100.0 * direction, 200.0, parent) for sign in (1, -1)):
        x, y = vertex[:2] + photon[:2] / photon[2] * (Z_LKR - vertex[2])
        clusters.append({"x": float(x), "y": float(y), "energy": float(np.linalg.norm(photon)), "time": 0.0})
    rows = rows_of([Event({}, {"LKr": clusters})], geometry, "gamma", "gamma", charged=False)
    x, y = vertex[:2] + np.array([2e-3, -1e-3]) * (Z_LKR - vertex[2])
    assert (rows.coe_x[0], rows.coe_y[0]) == (pytest.approx(x, abs=0.1), pytest.approx(y, abs=0.1))
    assert rows.coe_radius[0] == pytest.approx(math.hypot(x, y + 22.0), abs=0.1)
    assert rows.photons_energy[0] == pytest.approx(math.hypot(200.0, np.linalg.norm(parent)), rel=1e-6)


def test_a_pair_taken_both_ways_has_the_masses_of_both(geometry: Geometry) -> None:
    event = pair_from((0.0, -22.0, 150e3), [(4e-3, 0.0), (-4e-3, 0.0)])
    event.elements["Track"][0]["p"] = 50e3
    state = FinalState(plus="pi+", minus="mu-", conjugate=True)
    both = build(events_of([event]), geometry, matching=MATCHING, final_state=state).rows
    assert both.swapped.tolist() == [False, True]
    assert both.first.charge.tolist() == [1, -1]
    assert both.second.charge.tolist() == [-1, 1]
    for row, names in enumerate([("pi+", "mu-"), ("mu+", "pi-")]):
        plain = FinalState(plus=names[0], minus=names[1])
        alone = build(events_of([event]), geometry, matching=MATCHING, final_state=plain).rows
        assert both.mass[row] == alone.mass[0]
        assert alone.first.p[0] == alone.plus.p[0]


def test_what_a_final_state_does_not_have_is_told(geometry: Geometry) -> None:
    event, _, _ = decay(neutral="pi0", n=1)
    with pytest.raises(UnknownQuantityError, match="have no 'photon1'"):
        _ = rows_of([event], geometry).quantity("photon1.energy")
    photons = rows_of([event], geometry, "gamma", "gamma", charged=False)
    with pytest.raises(UnknownQuantityError, match="have no quantity 'plus'"):
        _ = photons.plus
    with pytest.raises(UnknownQuantityError, match="have no quantity 'cda'"):
        _ = photons.cda


def test_an_event_with_too_many_photons_is_left_out_and_marked(geometry: Geometry) -> None:
    few, many = (pair_from((0.0, -22.0, 150e3), [(4e-3, 0.0), (-4e-3, 0.0)]) for _ in range(2))
    for event, n in ((few, MATCHING.photons_max), (many, MATCHING.photons_max + 1)):
        event.elements["LKr"] = [{"x": 50.0 * i, "y": 900.0, "energy": 2e3, "time": 0.0} for i in range(n)]
    rows = rows_of([few, many], geometry, "pi0")
    assert rows.crowded.tolist() == [False, True]
    assert set(rows.index.tolist()) == {0}
    assert len(rows) == math.comb(MATCHING.photons_max, 2)
    assert not rows_of([few, many], geometry).crowded.any()


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"plus": "pi+"}, "give both 'plus' and 'minus'"),
        ({"plus": "pi-", "minus": "pi-"}, r"plus = 'pi-' has charge -1: it must be \+1"),
        ({"plus": "pi+", "minus": "gamma"}, "minus = 'gamma' has charge 0: it must be -1"),
        ({"plus": "pi+", "minus": "pi-", "neutrals": ("pi",)}, "no neutral particle that is made of LKr clusters.*pi0"),
        ({"plus": "pi+", "minus": "pi-", "neutrals": ("pi0", "pi0", "gamma")}, "more than 4 photons"),
        ({"neutrals": ("pi0",)}, "without tracks there is no vertex"),
        ({"neutrals": ("gamma",)}, "two or more 'gamma'"),
        ({}, "two or more 'gamma'"),
    ],
)
def test_an_impossible_final_state_is_refused(tables: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FinalState.model_validate(tables)
