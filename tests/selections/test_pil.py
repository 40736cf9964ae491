"""Searches for two tracks of different kinds: each requirement alone, and which of two tracks is taken for what."""

from __future__ import annotations

import pytest

from na62dump import analysis as searches
from na62dump.configuration import load_text
from tests.making import Event, hit
from tests.selections.test_common import EVENTS, PAIRS, TRACKS, failures, made, select

FAMILY = {
    "pie": ("pi", "e"),
    "pimu": ("pi", "mu"),
    "emunu": ("e", "mu"),
    "eenu": ("e", "e"),
    "mumunu": ("mu", "mu"),
}
IDENTITIES = {"first track identified": 0, "second track identified": 1}
REQUIREMENTS = sorted({*PAIRS, *TRACKS, *EVENTS, *IDENTITIES})


def two_tiles_or_one(event: Event, number: int) -> None:
    """One tile of MUV3 more on a track: too many for a muon, and for anything else."""
    event.elements.setdefault("MUV3", []).append(hit(event.elements["Track"][number], "MUV3"))


@pytest.mark.parametrize("name", FAMILY)
def test_a_signal_event_passes_in_one_row_and_every_requirement_is_spoiled_below(name: str) -> None:
    search = searches.load(name)
    selection = select(search, made("", *FAMILY[name]))
    assert failures(selection)[0] == []
    assert selection.passed().sum() == 1
    assert len(selection.visible.rows) == (2 if search.file.final_state.conjugate else 1)
    assert set(selection.names) == set(REQUIREMENTS)


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_one_requirement_removes_it(name: str, requirement: str) -> None:
    event = made(requirement, *FAMILY[name])
    if requirement in IDENTITIES:
        two_tiles_or_one(event, IDENTITIES[requirement])
    assert failures(select(searches.load(name), event))[0] == [requirement]


@pytest.mark.parametrize("name", ["pie", "pimu", "emunu"])
@pytest.mark.parametrize("swapped", [False, True])
def test_one_of_the_two_assignments_passes_and_it_is_the_right_one(name: str, swapped: bool) -> None:  # noqa: FBT001 - a column of the table
    # the first track that is made is the positive one
    first, second = FAMILY[name]
    selection = select(searches.load(name), made("", *((second, first) if swapped else (first, second))))
    rows, passed = selection.visible.rows, selection.passed()
    assert len(rows) == 2
    assert passed.sum() == 1
    chosen = rows.where(passed)
    assert bool(chosen.swapped[0]) == swapped
    assert (chosen.first.charge[0], chosen.second.charge[0]) == ((-1, 1) if swapped else (1, -1))
    assert (chosen.second.n_muv3[0] == 1) == (second == "mu")
    # the row that fails, fails because of what its tracks look like
    assert failures(selection)[1] == list(IDENTITIES)


def test_two_pions_may_be_no_pair_of_a_pion_and_a_lepton() -> None:
    for name in ("pie", "pimu"):
        assert failures(select(searches.load(name), made("", "pi", "pi"))) == [["second track identified"]] * 2


def test_a_pion_that_leaves_no_more_than_a_muon_is_a_pion() -> None:
    event = made("", "pi", "mu")
    event.elements["LKr"] = []
    assert failures(select(searches.load("pimu"), event))[0] == []
    two_tiles_or_one(event, 0)
    # two muons: either row has a first track that is none
    assert failures(select(searches.load("pimu"), event)) == [["first track identified"]] * 2


def test_the_lower_edge_of_a_window_belongs_to_it_and_the_upper_does_not() -> None:
    search = searches.load("eenu")
    for energy, expected in ((0.5, []), (0.75, ["first track identified"])):
        event = made("", "e", "e")
        event.elements["LKr"][0]["energy"] = energy * 32e3
        event.elements["Track"][0]["p"] = 32e3  # so that E/p is a number without rounding
        tables = {**search.file.cuts, "first": {"muv3_tiles": 0, "e_over_p_min": 0.5, "e_over_p_max": 0.75}}
        cuts = load_text(tables, search.selection.cuts, where="this test")
        assert failures(select(search, event, cuts)) == [expected]
