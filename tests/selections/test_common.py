"""What several searches ask: signals made by hand, and how to spoil each requirement of a pair of tracks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump.events import Q1
from na62dump.reconstruction import build
from na62dump.regions import Policy, blind
from tests.making import Z_MAGNET, Z_REFERENCE, Event, detected, events_of, pointing_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from na62dump.analysis import Analysis
    from na62dump.configuration import Settings
    from na62dump.cutflow import Selection

    Spoil = Callable[[Event], None]

WIDE: dict[str, float] = {"z_vertex": 120e3, "opening": 12e-3}
Z_TAX, CDA_TAX = 23e3, 5.0


def select(search: Analysis, event: Event, cuts: Settings | None = None) -> Selection:
    every = build(events_of([event]), search.geometry, matching=search.matching, final_state=search.file.final_state)
    visible = blind(every, [search.plane], policy=Policy("simulation"))
    return search.selection.select(visible, cuts or search.cuts)


def failures(selection: Selection) -> list[list[str]]:
    """What each row fails, the row that fails least first."""
    rows = range(len(selection.visible.rows))
    return sorted(([name for name, mask in selection.masks.items() if not mask[row]] for row in rows), key=len)


def aimed(x: float, y: float, z: float) -> Spoil:
    """The first track bent in the magnet so that it crosses a point, mm."""

    def spoil(event: Event) -> None:
        track = event.elements["Track"][0]
        for side, target in (("x", x), ("y", y)):
            at_magnet = track[side] + track[f"d{side}dz"] * (Z_MAGNET - Z_REFERENCE)
            track[f"d{side}dz_after"] = (target - at_magnet) / (z - Z_MAGNET)

    return spoil


def track(**values: float) -> Spoil:
    return lambda event: event.elements["Track"][0].update(values)


def skew(event: Event) -> None:
    event.elements["Track"][0]["y"] += 25.0


def of_the_event(**values: float) -> Spoil:
    return lambda event: event.values.update(values)


def hit_in(detector: str, **values: float) -> Spoil:
    return lambda event: event.elements.setdefault(detector, []).append({"time": 1.0, **values})


def apart_in_time(event: Event) -> None:
    track(time=5.1)(event)
    event.values["trigger_time"] = 2.0


def opened_behind_the_magnet(event: Event) -> None:
    for element, slope in zip(event.elements["Track"], (6e-3, -6e-3), strict=True):
        element["dxdz_after"] = slope


PAIRS: Mapping[str, dict[str, float]] = {
    "decay volume": {"z_vertex": 104e3, "opening": 9e-3},
    "apart at STRAW1": {"z_vertex": 170e3, "opening": 1e-3},
}
"""Pairs that are made otherwise."""

TRACKS: Mapping[str, Spoil] = {
    "opposite charge": track(charge=-1),
    "track quality": track(chambers=3),
    "momentum": track(p=9e3),
    "inside STRAW": aimed(53.0, 0.0, 218_885.0),
    "inside CHOD": aimed(-20.0, -135.0, 238_131.5),
    "inside LKr": aimed(10.0, 145.0, 241_093.0),
    "inside MUV3": aimed(82.0, 57.0, 246_800.0),
    "inside LAV12": aimed(945.0, 500.0, 238_131.5),
    "apart at STRAW1": opened_behind_the_magnet,
    "one vertex": skew,
}
"""What is done to tracks before they leave anything in the detectors behind the magnet."""

EVENTS: Mapping[str, Spoil] = {
    "CHOD association": lambda event: event.elements["CHOD"].__delitem__(0),
    "H2 trigger": of_the_event(trigger=Q1),
    "in time with the trigger": of_the_event(trigger_time=-5.5),
    "in time with each other": apart_in_time,
    "LAV veto": hit_in("LAV", energy=100.0),
    "ANTI0 veto": hit_in("ANTI0"),
}
"""What is done to events after that."""


def made(requirement: str, *particles: str) -> Event:
    """A pair of two particles that fails one of the requirements above, or none."""
    event = pointing_pair(Z_TAX, CDA_TAX, **{**WIDE, **PAIRS.get(requirement, {})})
    for spoil in (TRACKS.get(requirement), lambda e: detected(e, *particles), EVENTS.get(requirement)):
        if spoil:
            spoil(event)
    return event


def test_spoils_of_the_shared_requirements_are_spoils_of_the_muon_search_too() -> None:
    search = searches.load("mumu")
    asked = select(search, made("", "mu", "mu")).names
    for requirement in {*PAIRS, *TRACKS, *EVENTS} & set(asked):
        assert failures(select(search, made(requirement, "mu", "mu"))) == [[requirement]]


@pytest.mark.parametrize("name", ["chi2", "p", "time", "x"])
def test_an_undefined_value_passes_no_search(name: str) -> None:
    for search, particle in (("ee", "e"), ("pipi", "pi")):
        event = made("", particle, particle)
        assert failures(select(searches.load(search), event)) == [[]]
        track(**{name: float("nan")})(event)
        assert failures(select(searches.load(search), event))[0]


def test_a_requirement_is_asked_of_both_tracks() -> None:
    search = searches.load("pipi")
    for requirement in ("track quality", "momentum", "inside LKr", "CHOD association"):
        event = made(requirement, "pi", "pi")
        for elements in event.elements.values():
            elements.reverse()
        assert failures(select(search, event)) == [[requirement]]
