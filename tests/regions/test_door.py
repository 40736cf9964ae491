from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from na62dump import provenance
from na62dump.configuration import load_text
from na62dump.errors import BlindingError
from na62dump.reconstruction import Candidates, Rows
from na62dump.regions import (
    NOTHING,
    BlindingRecord,
    Curtain,
    Opened,
    Plane,
    Policy,
    Record,
    Veil,
    Visible,
    blind,
    curtain,
    hidden_points,
)
from na62dump.regions.door import grant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = list[tuple[int, float, float]]

PLANE = load_text(
    {
        "columns": ["cda_tax", "z_tax"],
        "region": [
            {
                "name": "SR",
                "hidden": True,
                "opens_after": ["CR"],
                "shape": "box",
                "x": ["0 mm", "20 mm"],
                "y": ["6 m", "40 m"],
            },
            {
                "name": "CR",
                "hidden": True,
                "opens_after": [],
                "shape": "box",
                "x": ["0 mm", "150 mm"],
                "y": ["-4 m", "50 m"],
            },
            {
                "name": "V",
                "hidden": False,
                "opens_after": [],
                "shape": "ellipse",
                "centre": ["0 mm", "0 m"],
                "semi_axes": ["500 mm", "90 m"],
            },
        ],
    },
    Plane,
    where="test",
)
OTHER = load_text(
    {
        "columns": ["cda_tax", "z_tax"],
        "region": [
            {
                "name": "E",
                "hidden": True,
                "opens_after": [],
                "shape": "ellipse",
                "centre": ["0 mm", "23 m"],
                "semi_axes": ["20 mm", "17 m"],
            },
            {
                "name": "far",
                "hidden": True,
                "opens_after": [],
                "shape": "box",
                "x": ["700 mm", "900 mm"],
                "y": ["0 m", "90 m"],
            },
        ],
    },
    Plane,
    where="test",
)
X = st.one_of(st.floats(0, 1e3), st.just(float("nan")), st.sampled_from([0.0, 20.0, 150.0]))
Y = st.one_of(st.floats(-1e5, 2e5), st.just(float("nan")), st.sampled_from([6e3, 40e3, -4e3, 50e3]))
POINTS = st.lists(st.tuples(st.integers(0, 9), X, Y), max_size=30)


def candidates(points: Points) -> Candidates:
    ordered = sorted(points, key=lambda point: point[0])
    index = np.array([p[0] for p in ordered], dtype=np.int64)
    values = {
        "cda_tax": np.array([p[1] for p in ordered], dtype=np.float64),
        "z_tax": np.array([p[2] for p in ordered], dtype=np.float64),
    }
    return Candidates(Rows(index, 10, {"event": np.arange(10)}, {}, {}, values, {}, (), np.zeros(10, dtype=np.bool_)))


@given(POINTS)
def test_no_data_row_is_hidden_and_no_row_is_lost_without_a_reason(points: Points) -> None:
    rows = candidates(points).rows
    seen = blind(candidates(points), [PLANE, OTHER], policy=Policy("data")).rows
    bad = set()
    for event, x, y in points:
        in_cr = x <= 150 and -4e3 <= y <= 50e3  # holds the SR
        in_ellipse = (x / 20) ** 2 + ((y - 23e3) / 17e3) ** 2 <= 1
        far = 700 <= x <= 900 and 0 <= y <= 9e4
        if np.isnan(x) or np.isnan(y) or in_cr or in_ellipse or far:
            bad.add(event)
    expected = [event for event in rows.index.tolist() if event not in bad]
    assert seen.event.tolist() == expected
    assert not np.isnan(seen.cda_tax).any()
    assert not hidden_points(PLANE, seen.cda_tax, y=seen.z_tax, opened=frozenset()).any()


@given(POINTS)
def test_simulation_passes_whole(points: Points) -> None:
    rows = candidates(points).rows
    seen = blind(candidates(points), [PLANE], policy=Policy("simulation")).rows
    np.testing.assert_array_equal(seen.index, rows.index)
    np.testing.assert_array_equal(seen.cda_tax, rows.cda_tax)


def test_one_hidden_pair_hides_its_whole_event() -> None:
    seen = blind(candidates([(3, 5.0, 23e3), (3, 900.0, 90e3), (4, 900.0, 90e3)]), [PLANE], policy=Policy("data"))
    assert seen.rows.event.tolist() == [4]


def test_what_is_open_is_seen_and_the_rest_is_not() -> None:
    points = [(0, 5.0, 23e3), (1, 100.0, 23e3), (2, 300.0, 23e3), (3, float("nan"), 23e3)]
    after_cr = blind(candidates(points), [PLANE], policy=Policy("data", opened("CR")))
    assert after_cr.rows.event.tolist() == [1, 2]
    after_sr = blind(candidates(points), [PLANE], policy=Policy("data", opened("CR", "SR")))
    assert after_sr.rows.event.tolist() == [0, 1, 2]


def test_a_visible_region_in_front_of_a_hidden_one_opens_nothing() -> None:
    front = PLANE.region[2].model_copy(update={"name": "front"})
    plane = PLANE.model_copy(update={"region": (front, *PLANE.region)})
    points = [(0, 5.0, 23e3), (1, 100.0, 23e3), (2, 300.0, 23e3)]
    assert blind(candidates(points), [plane], policy=Policy("data")).rows.event.tolist() == [2]


def test_data_without_regions_do_not_pass() -> None:
    with pytest.raises(BlindingError, match="no regions were given"):
        blind(candidates([(0, 5.0, 23e3)]), [], policy=Policy("data"))


@given(hnp.arrays(np.float64, 8, elements=X), hnp.arrays(np.float64, 8, elements=Y))
def test_opening_never_hides_more(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    closed = hidden_points(PLANE, x, y=y, opened=frozenset())
    wider = hidden_points(PLANE, x, y=y, opened=frozenset({"CR"}))
    assert not (wider & ~closed).any()


def test_only_the_door_makes_visible_rows() -> None:
    with pytest.raises(BlindingError, match="only through"):
        Visible(candidates([]).rows, Policy("data"), object())
    seen = blind(candidates([(0, 5.0, 23e3)]), [PLANE], policy=Policy("data"))
    with pytest.raises(ValueError, match="made_by"):
        replace(seen, rows=candidates([(0, 5.0, 23e3)]).rows)  # type: ignore[call-arg]  # mypy refuses it too


def test_only_a_record_opens_a_region() -> None:
    with pytest.raises(BlindingError, match="only by a record"):
        Opened(frozenset({"CR"}), "mumu", "d", object())
    with pytest.raises(ValueError, match="made_by"):
        replace(NOTHING, regions=frozenset({"SR"}))  # type: ignore[call-arg]  # mypy refuses it too


VALUES = {"cuts": {"cda_max": 20.0}}
DIGEST = provenance.digest(VALUES)


def record(region: str, analysis: str = "mumu", date: str = "2026-01-01") -> Record:
    return Record(analysis=analysis, region=region, date=date, reason="validated", digest=DIGEST, values=VALUES)


def opened(*regions: str) -> Opened:
    records = tuple(record(region) for region in regions)
    return BlindingRecord(record=records).opened("mumu", PLANE, digest=DIGEST)


def test_a_record_opens_for_its_own_digest_only() -> None:
    records = BlindingRecord(record=(record("CR"), record("SR")))
    assert opened("CR", "SR").regions == {"CR", "SR"}
    assert opened("CR", "SR").digest == DIGEST
    assert records.opened("mumu", PLANE, digest="another") is NOTHING
    assert records.opened("ee", PLANE, digest=DIGEST) is NOTHING


def test_an_edited_record_is_refused() -> None:
    with pytest.raises(ValueError, match="do not have its digest: it was edited by hand"):
        Record.model_validate(record("CR").model_dump() | {"values": {"cuts": {"cda_max": 30.0}}})
    with pytest.raises(ValueError, match="write it as 2026-12-31"):
        record("CR", date="last week")


def test_signal_region_before_control_region_is_refused() -> None:
    with pytest.raises(BlindingError, match="SR of mumu opens only after CR"):
        BlindingRecord(record=(record("SR"),)).opened("mumu", PLANE, digest=DIGEST)
    with pytest.raises(BlindingError, match="SR of mumu opens only after CR"):
        BlindingRecord(record=(record("SR"), record("CR"))).opened("mumu", PLANE, digest=DIGEST)


def test_a_record_of_no_hidden_region_is_refused() -> None:
    with pytest.raises(BlindingError, match="'V' is no hidden region of mumu; known: CR, SR"):
        BlindingRecord(record=(record("V"),)).opened("mumu", PLANE, digest=DIGEST)


def test_an_event_that_a_further_view_cannot_place_is_hidden() -> None:
    own = candidates([(2, 500.0, 0.0), (3, 500.0, 0.0)])
    crowded = candidates([(2, 500.0, 0.0)])
    crowded = Candidates(replace(crowded.rows, crowded=np.arange(10) == 3))
    assert blind(own, [OTHER], policy=Policy("data")).rows.event.tolist() == [2, 3]
    seen = blind(own, [OTHER], policy=Policy("data"), behind=curtain([Veil(crowded, OTHER)], n_events=10))
    assert seen.rows.event.tolist() == [2]
    assert (
        len(blind(own, [OTHER], policy=Policy("simulation"), behind=curtain([Veil(crowded, OTHER)], n_events=10)).rows)
        == 2
    )


def test_a_further_view_hides_by_its_own_regions_and_openings() -> None:
    own = candidates([(2, 500.0, 0.0), (3, 500.0, 0.0)])
    veil = Veil(candidates([(2, 800.0, 10.0)]), OTHER)
    assert blind(own, [OTHER], policy=Policy("data"), behind=curtain([veil], n_events=10)).rows.event.tolist() == [3]
    opened = grant(frozenset({"far"}), analysis="a", digest="d")
    seen = blind(own, [OTHER], policy=Policy("data"), behind=curtain([replace(veil, opened=opened)], n_events=10))
    assert seen.rows.event.tolist() == [2, 3]
    # what is open for the analysis itself is not open for another view
    still = blind(own, [OTHER], policy=Policy("data", opened), behind=curtain([veil], n_events=10))
    assert still.rows.event.tolist() == [3]


def test_a_view_of_other_events_is_refused() -> None:
    own = candidates([(2, 500.0, 0.0)])
    other = Candidates(replace(own.rows, n_events=9, crowded=np.zeros(9, dtype=np.bool_)))
    with pytest.raises(BlindingError, match="a view of 9 events cannot hide rows of 10 events"):
        curtain([Veil(other, OTHER)], n_events=10)
    with pytest.raises(BlindingError, match="a view of 10 events cannot hide rows of 9 events"):
        blind(own, [OTHER], policy=Policy("data"), behind=curtain([], n_events=9))
    with pytest.raises(BlindingError, match=r"found only by na62dump\.regions\.curtain"):
        Curtain(np.zeros(10, dtype=np.bool_), object())


def test_nothing_of_hidden_events_is_left_behind_the_door() -> None:
    own = candidates([(2, 5.0, 23e3), (3, 500.0, 0.0), (3, 600.0, 0.0), (7, 550.0, 1.0)]).rows
    legs = {"plus": np.array([0, 2, 2, 5]), "minus": np.array([1, 3, 4, 6]), "photon1": np.array([0, 2, 1, 3])}
    rows = replace(
        own,
        events={"run": np.arange(10)},
        tracks={"p": np.arange(8) * 10.0},
        clusters={"energy": np.arange(5) * 100.0},
        legs=legs,
    )
    seen = blind(Candidates(rows), [PLANE], policy=Policy("data")).rows
    assert seen.n_events == 2
    assert seen.tracks["p"].tolist() == [20.0, 30.0, 40.0, 50.0, 60.0]
    assert seen.clusters["energy"].tolist() == [100.0, 200.0, 300.0]
    assert seen.run.tolist() == [3, 3, 7]
    assert seen.plus.p.tolist() == [20.0, 20.0, 50.0]
    assert seen.minus.p.tolist() == [30.0, 40.0, 60.0]
    assert seen.leg("photon1").energy.tolist() == [200.0, 100.0, 300.0]
    assert seen.crowded.tolist() == [False, False]
