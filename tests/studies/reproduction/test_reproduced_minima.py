"""Fewest events for a discovery, beside the printed ones."""

from __future__ import annotations

from na62dump.studies.reproduction.hadronic import hadronic


def test_thirteen_of_fourteen_entries_are_reproduced() -> None:
    lines = hadronic().lines
    assert len(lines) == 14
    (other,) = [line for line in lines if line.verdict != "agrees"]
    assert (other.what, other.published, other.ours) == ("pipig: fewest events in SR + CR", 5, 4)


def test_the_convention_was_fitted_and_the_others_are_told() -> None:
    section = hadronic()
    assert {line.kind for line in section.lines} == {"fitted"}
    told = " ".join(section.notes)
    for convention in (
        "two-sided, known background 13",
        "two-sided, Gaussian background 12",
        "one-sided, known background 12",
        "one-sided, Gaussian background 10",
    ):
        assert convention in told
