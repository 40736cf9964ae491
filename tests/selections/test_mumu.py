"""Each requirement of the mumu search removes what it should, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump.events import Q1
from na62dump.reconstruction import build
from na62dump.regions import Policy, blind
from tests.making import Event, events_of, pair_from, passing, pointing_pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from na62dump.cutflow import Selection

SEARCH = searches.load("mumu")


def select(event: Event) -> Selection:
    every = build(events_of([event]), SEARCH.geometry, matching=SEARCH.matching, final_state=SEARCH.file.final_state)
    return SEARCH.selection.select(blind(every, [SEARCH.plane], policy=Policy("simulation")), SEARCH.cuts)


def signal(**values: float) -> Event:
    return passing(pointing_pair(23e3, 5.0, opening=5e-3, z_vertex=130e3, **values))


def failed(event: Event) -> list[str]:
    selection = select(event)
    assert len(selection.visible.rows) == 1
    return [name for name, mask in selection.masks.items() if not mask[0]]


def test_a_signal_event_passes() -> None:
    assert failed(signal()) == []


def track(event: Event, **values: float) -> None:
    event.elements["Track"][0].update(values)


def same_charge(event: Event) -> None:
    track(event, charge=-1)


def other_charges(event: Event) -> None:
    for element, charge in zip(event.elements["Track"], (2, -2), strict=True):
        element["charge"] = charge


def no_charges(event: Event) -> None:
    for element in event.elements["Track"]:
        element["charge"] = 0


def poor_fit(event: Event) -> None:
    track(event, chi2=25.0)


def three_chambers(event: Event) -> None:
    track(event, chambers=3)


def slow(event: Event) -> None:
    track(event, p=9e3)


def q1_only(event: Event) -> None:
    event.values["trigger"] = Q1


def late_trigger(event: Event) -> None:
    event.values["trigger_time"] = -5.5


def apart_in_time(event: Event) -> None:
    track(event, time=5.1)
    event.values["trigger_time"] = 2.0


def no_chod(event: Event) -> None:
    event.elements["CHOD"] = event.elements["CHOD"][:1]


def no_muv3(event: Event) -> None:
    event.elements["MUV3"] = event.elements["MUV3"][:1]


def two_muv3(event: Event) -> None:
    event.elements["MUV3"].append(event.elements["MUV3"][0])


def shower(event: Event) -> None:
    t = event.elements["Track"][0]
    ahead = 241_093.0 - 180e3
    x, y = t["x"] + t["dxdz"] * ahead, t["y"] + t["dydz"] * ahead
    event.elements["LKr"] = [{"x": x, "y": y, "energy": 0.25 * 30e3, "time": 0.0}]


def lav_hit(event: Event) -> None:
    event.elements["LAV"] = [{"time": 1.0, "energy": 100.0}]


def skew(event: Event) -> None:
    track(event, y=event.elements["Track"][0]["y"] + 25.0)


@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        (same_charge, ["opposite charge"]),
        (other_charges, ["opposite charge"]),
        (no_charges, ["opposite charge"]),
        (poor_fit, ["track quality"]),
        (three_chambers, ["track quality"]),
        (slow, ["momentum"]),
        (q1_only, ["H2 trigger"]),
        (late_trigger, ["in time with the trigger"]),
        (apart_in_time, ["in time with each other"]),
        (no_chod, ["CHOD association"]),
        (no_muv3, ["one MUV3 tile each"]),
        (two_muv3, ["one MUV3 tile each"]),
        (shower, ["E/p"]),
        (lav_hit, ["LAV veto"]),
        (skew, ["one vertex"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_requirement_removes_it(spoil: Callable[[Event], None], names: list[str]) -> None:
    event = signal()
    spoil(event)
    assert failed(event) == names


def test_a_vertex_upstream_of_the_decay_volume() -> None:
    event = passing(pointing_pair(23e3, 5.0, opening=3e-3, z_vertex=104e3))
    assert failed(event) == ["decay volume"]


def test_tracks_that_are_not_apart_at_straw1() -> None:
    event = passing(pointing_pair(23e3, 5.0, opening=1e-3, z_vertex=170e3))
    assert "apart at STRAW1" in failed(event)


def test_one_muon_outside_the_acceptance_is_no_pair_of_muons() -> None:
    # accepting a mumu event with one muon in acceptance is a known mistake of public codes
    event = passing(pair_from((5.0, 150.0, 110e3), [(9.5e-3, 2e-3), (-4.5e-3, 2e-3)]))
    outside = failed(event)
    assert "inside CHOD" in outside
    assert "inside LKr" in outside
    assert "momentum" not in outside


def test_an_undefined_value_fails_the_requirement() -> None:
    event = signal()
    track(event, chi2=float("nan"))
    assert failed(event) == ["track quality"]
