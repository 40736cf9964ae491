"""Each requirement of the two-photon search removes what it should, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump.events import CONTROL, H2, Q1
from tests.making import Event
from tests.selections.test_common import failures, hit_in, of_the_event, select

if TYPE_CHECKING:
    from collections.abc import Callable

SEARCH = searches.load("gg")
FAR_TRACK = {"x": -600.0, "y": 500.0, "dxdz": 0.0, "dydz": 0.0, "dxdz_after": 0.0, "dydz_after": 0.0}


def photon(**values: float) -> dict[str, float]:
    return {"x": 300.0, "y": -300.0, "energy": 30e3, "time": 0.0, **values}


def signal() -> Event:
    return Event({"trigger": CONTROL}, {"LKr": [photon(), photon(x=-300.0)]})


def changed(*photons: dict[str, float]) -> Callable[[Event], None]:
    """The first photons instead of those of the signal."""

    def spoil(event: Event) -> None:
        clusters = event.elements["LKr"]
        event.elements["LKr"] = [*photons, *clusters[len(photons) :]]

    return spoil


SPOILED = {
    "Control trigger": of_the_event(trigger=Q1 | H2),
    "photon energy": changed(photon(energy=1000.0)),  # a cluster of less energy is no photon
    "photons inside LKr": changed(photon(x=100.0, y=100.0)),
    "photons apart": changed(photon(x=-210.0)),
    "photons in time": changed(photon(time=6.0)),
    "total energy": changed(photon(energy=1200.0), photon(x=-300.0, energy=1200.0)),
    "no third photon": hit_in("LKr", **photon(x=0.0, y=400.0)),
    "no track": hit_in("Track", **FAR_TRACK),
    "no CHOD": hit_in("CHOD"),
    "no MUV3": hit_in("MUV3"),
    "LAV veto": hit_in("LAV", energy=100.0),
    "ANTI0 veto": hit_in("ANTI0"),
}


def test_a_signal_event_passes_and_every_requirement_is_spoiled_below() -> None:
    selection = select(SEARCH, signal())
    assert failures(selection) == [[]]
    assert set(selection.names) == set(SPOILED)


@pytest.mark.parametrize("requirement", sorted(set(SPOILED) - {"no third photon"}))
def test_one_requirement_removes_it(requirement: str) -> None:
    event = signal()
    SPOILED[requirement](event)
    assert failures(select(SEARCH, event)) == [[requirement]]


def test_a_third_photon_removes_every_choice_of_two() -> None:
    event = signal()
    SPOILED["no third photon"](event)
    assert failures(select(SEARCH, event)) == [["no third photon"]] * 3


def test_a_third_cluster_of_less_than_a_photon_is_no_photon() -> None:
    event = signal()
    hit_in("LKr", **photon(x=0.0, y=400.0, energy=450.0))(event)
    assert failures(select(SEARCH, event)) == [[]]


def test_what_is_out_of_time_removes_nothing() -> None:
    event = signal()
    for detector, time in (("CHOD", 10.0), ("MUV3", 8.0), ("LAV", 6.0), ("ANTI0", 6.0)):
        hit_in(detector, time=time, **({"energy": 100.0} if detector == "LAV" else {}))(event)
    hit_in("Track", **(FAR_TRACK | {"time": 6.2}))(event)
    hit_in("LKr", **photon(x=0.0, y=400.0, time=10.0))(event)
    assert failures(select(SEARCH, event)) == [[]]


def test_one_photon_is_no_row() -> None:
    event = signal()
    event.elements["LKr"].pop()
    assert len(select(SEARCH, event).visible.rows) == 0
