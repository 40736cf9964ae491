"""Each requirement of the ee search removes what it should, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from tests.making import Event, hit
from tests.selections.test_common import EVENTS, PAIRS, TRACKS, failures, made, select

if TYPE_CHECKING:
    from collections.abc import Callable

SEARCH = searches.load("ee")


def a_tile(event: Event) -> None:
    event.elements["MUV3"] = [hit(event.elements["Track"][0], "MUV3")]


def shower(part: float) -> Callable[[Event], None]:
    return lambda event: event.elements["LKr"][0].update(energy=part * 30e3)


SPOILED = {"no MUV3 tile": a_tile, "E/p": shower(0.9)}


def test_a_signal_event_passes_and_every_requirement_is_spoiled_below() -> None:
    selection = select(SEARCH, made("", "e", "e"))
    assert failures(selection) == [[]]
    assert set(selection.names) == {*PAIRS, *TRACKS, *EVENTS, *SPOILED}


@pytest.mark.parametrize("requirement", sorted({*PAIRS, *TRACKS, *EVENTS, *SPOILED}))
def test_one_requirement_removes_it(requirement: str) -> None:
    event = made(requirement, "e", "e")
    if requirement in SPOILED:
        SPOILED[requirement](event)
    assert failures(select(SEARCH, event)) == [[requirement]]


@pytest.mark.parametrize(("part", "passes"), [(0.94, False), (0.96, True), (1.04, True), (1.06, False)])
def test_the_energy_must_be_that_of_an_electron(part: float, passes: bool) -> None:  # noqa: FBT001 - a column of the table
    event = made("", "e", "e")
    shower(part)(event)
    assert (failures(select(SEARCH, event)) == [[]]) == passes


def test_muons_and_pions_are_no_electrons() -> None:
    assert failures(select(SEARCH, made("", "mu", "mu"))) == [["no MUV3 tile", "E/p"]]
    assert failures(select(SEARCH, made("", "pi", "e"))) == [["E/p"]]
