from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.configuration import load
from na62dump.errors import UnknownQuantityError
from na62dump.events import Events, concatenate
from na62dump.reconstruction import (
    LEG,
    LEGS,
    PAIR,
    PHOTON,
    PHOTONS,
    FinalState,
    Matching,
    Rows,
    build,
    ntuple_columns,
)
from na62dump.reconstruction.quantities import MEMBERS
from tests.making import Event, events_of, pair_from, pointing_pair
from tests.worlds import simulated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from na62dump.geometry import Geometry

    Make = Callable[[Events], Rows]

MUONS = FinalState(plus="mu+", minus="mu-")


@pytest.fixture(scope="session")
def matching(repository: Path) -> Matching:
    return load(repository / "config" / "experiment" / "matching.toml", Matching)


@pytest.fixture
def make(geometry: Geometry, matching: Matching) -> Make:
    def rows(events: Events) -> Rows:
        return build(events, geometry, matching=matching, final_state=MUONS).rows

    return rows


def test_vertex_and_line_of_a_known_pair(make: Make) -> None:
    rows = make(events_of([pointing_pair(z_tax=25e3, cda_tax=12.0, z_vertex=140e3)]))
    assert rows.cda[0] == pytest.approx(0, abs=1e-3)
    assert rows.vertex_z[0] == pytest.approx(140e3, abs=1)
    assert rows.z_tax[0] == pytest.approx(25e3, abs=1)
    assert rows.cda_tax[0] == pytest.approx(12, abs=1e-3)
    assert rows.p[0] == pytest.approx(60e3, rel=1e-5)
    assert rows.charge[0] == 0
    assert rows.vertex_radius[0] == pytest.approx(np.hypot(12, 2e-3 * 115e3), rel=1e-4)
    assert rows.straw1_separation[0] == pytest.approx(4e-3 * (183_508 - 140e3), rel=1e-4)


def test_mass_of_the_published_event_from_its_tracks(make: Make) -> None:
    angle = 5.38e-3
    event = pair_from((0, 0, 157.8e3), [(angle / 2, 0), (-angle / 2, 0)])
    event.elements["Track"][0]["p"], event.elements["Track"][1]["p"] = 99.5e3, 39.6e3
    assert make(events_of([event])).mass[0] == pytest.approx(411, abs=0.5)


def test_the_positive_track_is_plus_whatever_its_place(make: Make) -> None:
    event = pair_from((0, 0, 150e3), [(1e-3, 0), (-1e-3, 0)], (-1, 1))
    event.elements["Track"][0]["p"] = 50e3
    rows = make(events_of([event]))
    assert (rows.plus.charge[0], rows.minus.charge[0]) == (1, -1)
    assert (rows.plus.p[0], rows.minus.p[0]) == (30e3, 50e3)


def test_same_charge_pairs_are_rows_too(make: Make) -> None:
    rows = make(events_of([pair_from((0, 0, 150e3), [(1e-3, 0), (-1e-3, 0)], (1, 1))]))
    assert rows.charge.tolist() == [2]


def test_parallel_tracks_are_undefined(make: Make) -> None:
    event = pair_from((0, 0, 150e3), [(1e-3, 0), (1e-3, 0)])
    event.elements["Track"][1]["x"] = 500.0
    rows = make(events_of([event]))
    assert np.isnan(rows.cda[0])
    assert np.isnan(rows.z_tax[0])


@given(st.lists(st.integers(0, 4), max_size=6))
def test_all_pairs_of_every_event_in_order(geometry: Geometry, matching: Matching, counts: list[int]) -> None:
    events = [Event(elements={"Track": [{"dxdz": 1e-3 * i} for i in range(n)]}) for n in counts]
    rows = build(events_of(events), geometry, matching=matching, final_state=MUONS).rows
    expected = [number for number, n in enumerate(counts) for _ in range(n * (n - 1) // 2)]
    assert rows.index.tolist() == expected
    pairs = set(zip(rows.legs["plus"].tolist(), rows.legs["minus"].tolist(), strict=True))
    assert len(pairs) == len(expected)


def test_lkr_takes_the_nearest_cluster_in_time_within_reach(make: Make) -> None:
    event = pair_from((0, 0, 150e3), [(2e-3, 0), (-2e-3, 0)])
    x = 2e-3 * (241_093 - 150e3)
    event.elements["LKr"] = [
        {"x": x + 30, "y": 0, "energy": 1000.0, "time": 0.0},
        {"x": x + 10, "y": 0, "energy": 3000.0, "time": 0.0},
        {"x": x, "y": 0, "energy": 9000.0, "time": 50.0},
        {"x": x + 100, "y": 0, "energy": 7000.0, "time": 0.0},
    ]
    rows = make(events_of([event]))
    assert rows.plus.lkr_energy[0] == 3000.0
    assert rows.plus.e_over_p[0] == pytest.approx(0.1)
    assert rows.minus.e_over_p[0] == 0


@pytest.mark.parametrize(("momentum", "off", "found"), [(100e3, 20, 1), (100e3, 23, 0), (40e3, 50, 1), (40e3, 56, 0)])
def test_muv3_radius_falls_with_momentum(make: Make, momentum: float, off: float, found: int) -> None:
    # distance to the edge of the tile, not to its centre: 21 mm at 100 GeV/c, 53 mm at 40 GeV/c
    event = pair_from((0, 0, 150e3), [(2e-3, 2e-3), (-2e-3, 0)])
    x = y = 2e-3 * (246_800 - 150e3)
    edge = 440.0  # of the tile that begins there, in x
    event.elements["Track"][0]["p"] = momentum
    event.elements["Track"][0]["x"] += edge - off - x
    event.elements["MUV3"] = [{"x": edge + 110, "y": 110.0, "time": 0.0}]
    assert abs(y - 110) < 110
    assert make(events_of([event])).plus.n_muv3[0] == found


def test_late_tiles_do_not_count(make: Make) -> None:
    event = pair_from((0, 0, 150e3), [(2e-3, 2e-3), (-2e-3, 0)])
    event.elements["MUV3"] = [{"x": 110.0, "y": 110.0, "time": t} for t in (0.0, 7.0, 9.0)]
    assert make(events_of([event])).plus.n_muv3[0] == 2


def test_activity_in_time_with_the_trigger(make: Make, matching: Matching) -> None:
    event = pointing_pair(25e3, 200.0, trigger_time=100.0)
    low = matching.lav_energy_min / 2
    event.elements["LAV"] = [{"time": t, "energy": e} for t, e in ((101, 100), (104.9, 100), (106, 100), (101, low))]
    event.elements["ANTI0"] = [{"time": t} for t in (96.0, 94.0, 100.0)]
    rows = make(events_of([event]))
    assert (rows.n_lav[0], rows.n_anti0[0]) == (2, 2)
    assert rows.plus.dt_trigger[0] == -100


def test_acceptance_at_each_plane(make: Make) -> None:
    inside = pair_from((0, 300, 150e3), [(4e-3, 0), (-4e-3, 0)])
    rows = make(events_of([inside]))
    for leg in (rows.plus, rows.minus):
        assert leg.in_straw[0]
        assert leg.in_chod[0]
        assert leg.in_lkr[0]
        assert leg.in_muv3[0]
        assert leg.in_lav12[0]
    far = make(events_of([pair_from((0, 300, 150e3), [(4e-3, 0), (-14e-3, 0)])]))
    assert not (far.minus.in_chod[0])
    assert not (far.minus.in_lkr[0])
    assert not (far.minus.in_lav12[0])


def test_what_was_not_read_is_no_quantity(geometry: Geometry, matching: Matching) -> None:
    events = events_of([pointing_pair(25e3, 300.0)])
    needed = {c for name in ("cda", "mass", "plus.p") for c in ntuple_columns(name)}
    part = replace(
        events,
        columns={name: values for name, values in events.columns.items() if name in needed},
        offsets={"Track": events.offsets["Track"]},
    )
    rows = build(part, geometry, matching=matching, final_state=MUONS).rows
    full = build(events, geometry, matching=matching, final_state=MUONS).rows
    assert rows.mass[0] == full.mass[0]
    with pytest.raises(UnknownQuantityError, match="no quantity 'n_lav'"):
        _ = rows.n_lav
    with pytest.raises(UnknownQuantityError, match="no quantity 'e_over_p'"):
        _ = rows.plus.e_over_p


def test_a_wrong_name_is_answered_with_the_nearest(make: Make) -> None:
    rows = make(events_of([pointing_pair(25e3, 300.0)]))
    with pytest.raises(UnknownQuantityError, match="did you mean 'z_tax'"):
        _ = rows.z_taxx
    with pytest.raises(UnknownQuantityError, match="did you mean 'n_muv3'"):
        _ = rows.plus.n_muv
    with pytest.raises(
        LookupError, match=r"'plsu' of 'plsu\.p' is no track or photon of a candidate; did you mean 'plus'"
    ):
        rows.quantity("plsu.p")


OF_TRACKS_AND_PHOTONS = {"mass_distance", "pair_number"} | {
    f"tracks_{name}" for name in ("mass", "cda_tax", "z_tax", "pt_tax")
}
OF_PHOTONS = {"n_photons", "photons_energy", "photon_separation", "photon_dt"}
OF_PHOTONS_ALONE = {"coe_x", "coe_y", "coe_radius"}
OF_NEUTRALS = {f"neutral{number}_mass" for number in range(1, len(PHOTONS))}


@pytest.mark.parametrize(
    ("final_state", "members", "left_out"),
    [
        (MUONS, LEGS, {"swapped"} | OF_TRACKS_AND_PHOTONS | OF_PHOTONS | OF_PHOTONS_ALONE | OF_NEUTRALS),
        (
            FinalState(plus="pi+", minus="mu-", neutrals=("pi0", "eta"), conjugate=True),
            MEMBERS,
            OF_PHOTONS_ALONE | {"neutral3_mass"},
        ),
        (
            FinalState(plus="pi+", minus="pi-", neutrals=("gamma", "gamma", "pi0")),
            (*LEGS, *PHOTONS),
            OF_PHOTONS_ALONE | {"swapped", "neutral1_mass", "neutral2_mass"},
        ),
        (
            FinalState(neutrals=("gamma",) * len(PHOTONS)),
            PHOTONS,
            {name for name, quantity in PAIR.items() if any(column.startswith("Track_") for column in quantity.columns)}
            - {"n_tracks"},
        ),
    ],
)
def test_every_quantity_of_the_table_is_computed(
    geometry: Geometry, matching: Matching, final_state: FinalState, members: tuple[str, ...], left_out: set[str]
) -> None:
    event = pointing_pair(25e3, 300.0)
    # four photons, far from each other and from the tracks
    event.elements["LKr"] = [{"x": x, "y": y, "energy": 5e3} for x in (-700, 700) for y in (-700, 700)]
    rows = build(events_of([event]), geometry, matching=matching, final_state=final_state).rows
    assert len(rows) > 0
    of_members = [f"{name}.{quantity}" for name in members for quantity in (PHOTON if name in PHOTONS else LEG)]
    for name in [*(name for name in PAIR if name not in left_out), *of_members]:
        assert rows.has(name), name
        assert len(rows.quantity(name)) == len(rows)
    assert left_out <= set(PAIR)
    assert not any(rows.has(name) for name in left_out)
    assert {"charge", *rows.columns()} >= {name for name in (*PAIR, *of_members) if name not in left_out}


def test_rows_copy_and_pickle(make: Make) -> None:
    rows = make(events_of([pointing_pair(25e3, 300.0)]))
    assert pickle.loads(pickle.dumps(rows)).z_tax[0] == rows.z_tax[0]  # noqa: S301 - our own bytes
    assert copy.copy(rows).plus.p[0] == rows.plus.p[0]


def test_cutting_the_input_changes_no_value(make: Make) -> None:
    rng = np.random.default_rng(7)
    made = [
        Event(elements={"Track": [{"x": x, "dxdz": d, "time": x} for x, d in rng.normal(size=(n, 2)) * (300, 2e-3)]})
        for n in rng.integers(0, 4, 60)
    ]
    events = events_of(made)
    whole = make(events)
    halves = [make(events.take(0, 23)), make(events.take(23, 60))]
    for name in ("cda", "z_tax", "mass", "dt", "plus.dt_trigger"):
        joined = np.concatenate([half.quantity(name) for half in halves])
        np.testing.assert_array_equal(whole.quantity(name), joined)
    again = make(concatenate([events.take(0, 23), events.take(23, 60)]))
    np.testing.assert_array_equal(whole.z_tax, again.z_tax)


def test_a_final_state_has_known_particles() -> None:
    assert MUONS.masses == pytest.approx((105.658, 105.658), abs=1e-3)
    with pytest.raises(ValueError, match="no particle is called 'muon'"):
        FinalState(plus="muon", minus="mu-")


def test_values_are_computed_in_double_precision(make: Make) -> None:
    # columns are float32; products of momenta in float32 would move a mass of 400 MeV by up to 4 MeV
    events = simulated("demo_signal", 2_000)
    rows = make(events)
    first, second = rows.legs["plus"], rows.legs["minus"]
    p = events["Track_p"].astype(np.float64)
    slopes = np.stack([events["Track_dxdz"], events["Track_dydz"], np.ones(len(p))], axis=1).astype(np.float64)
    momenta = slopes / np.linalg.norm(slopes, axis=1, keepdims=True) * p[:, None]
    energy = np.hypot(p, MUONS.masses[0])
    total = np.linalg.norm(momenta[first] + momenta[second], axis=1)
    s = (energy[first] + energy[second] - total) * (energy[first] + energy[second] + total)
    np.testing.assert_allclose(rows.mass, np.sqrt(s), rtol=1e-6)
    np.testing.assert_array_equal(
        rows.dt, events["Track_time"][first].astype(np.float64) - events["Track_time"][second].astype(np.float64)
    )
