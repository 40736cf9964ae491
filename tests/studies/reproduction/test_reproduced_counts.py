"""Comparisons that need published numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump.studies.reproduction.counts import disagreements, electrons, expectations, side_bands
from na62dump.studies.reproduction.event import Window, event

if TYPE_CHECKING:
    from na62dump.studies.reproduction.comparison import Line, Section


def by_name(section: Section) -> dict[str, Line]:
    found = {line.what: line for line in section.lines}
    assert len(found) == len(section.lines)
    return found


def test_all_p_values_but_one_are_reproduced() -> None:
    lines = by_name(side_bands())
    assert len(lines) == 13
    assert {what for what, line in lines.items() if line.verdict != "agrees"} == {"CR3: p_L"}
    assert {what for what, line in lines.items() if line.kind == "fitted"} == {
        *("outside CR: p_N", "CR1+2+3: p_L"),
        *(f"{region}: {p}" for region in ("CR1", "CR3") for p in ("p_N", "p_L")),
    }
    assert lines["CR1: p_N"].published == 0.25


def test_the_signal_region_is_predicted_by_the_density_of_the_control_region() -> None:
    lines = by_name(expectations())
    assert lines["SR: expected"].ours == pytest.approx(0.17 * 680 / 7420)
    assert (lines["SR: expected"].kind, lines["SR: expected"].verdict) == ("predicted", "agrees")
    assert {lines[f"CR{number}: expected"].kind for number in (1, 2, 3)} == {"fitted"}
    assert {lines[f"CR{number}: expected"].verdict for number in (1, 2, 3)} == {"agrees"}
    assert lines["outside CR: expected"].verdict == "not comparable"


def test_the_misprint_of_the_electrons_is_seen() -> None:
    lines = by_name(electrons())
    assert lines["SR: probability of no event"].ours == pytest.approx(0.9906, abs=1e-4)
    assert {what for what, line in lines.items() if line.verdict == "differs"} == {
        "CR: upper error at 90%",
        "SR: upper error at 90%",
    }


def test_the_event_is_as_significant_as_published() -> None:
    lines = by_name(event())
    assert {line.verdict for line in lines.values() if line.tolerance is not None} == {"agrees"}
    assert lines["opening angle, mrad"].ours == pytest.approx(5.38, abs=0.005)
    assert lines["distance of the tracks in the first chamber, cm"].ours == pytest.approx(13.83, abs=0.01)
    assert "local significance, two-sided, standard deviations" not in lines


def test_near_its_mass_the_event_is_more_significant() -> None:
    lines = by_name(event(Window(0.001, 0.0002, 1)))
    assert lines["local significance, two-sided, standard deviations"].ours == pytest.approx(3.29, abs=0.01)


def test_every_disagreement_says_what_is_used() -> None:
    notes = disagreements().notes
    assert len(notes) == 9
    assert all("printed" in note and "Used: " in note for note in notes)


def test_numbers_in_notes_are_those_of_the_published_files() -> None:
    bands, plane, pairs, seen = (" ".join(made().notes) for made in (side_bands, expectations, electrons, event))
    assert "0.40 without, 0.41 printed" in bands
    assert "1.4e+17 protons" in plane
    assert "SR has 0.97 times that of CR, whose area is 14.2 times its own" in pairs
    assert "1 event at 0.016 expected makes the published 2.4 only so" in seen
