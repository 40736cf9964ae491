"""Fewest events for a discovery, beside the printed ones."""

from __future__ import annotations

from na62dump.studies.reproduction.hadronic import hadronic


def test_thirteen_of_fourteen_entries_are_reproduced() -> None:
    lines = hadronic().lines
    assert len(lines) == 14
    (other,) = [line for line in lines if line.verdict != "agrees"]
    assert (other.what, other.published, other.ours) == ("pipig: fewest events in SR + CR", 5, 4)
