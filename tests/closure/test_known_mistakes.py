"""Mistakes of public codes (documented in docs/signal): those of the whole chain."""

from __future__ import annotations

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump.studies.closure import simulated


@pytest.mark.parametrize("name", ["mumu", "ee", "pipi"])
def test_no_event_with_only_one_track_in_acceptance_is_accepted(name: str) -> None:
    """By truth: the two daughters of a decay, in a straight line to the first chamber."""
    search = searches.load(name)
    chamber = search.geometry.straw[0]
    lonely = accepted = 0
    for events, selection in simulated(search, search.file.samples[0], changes={"events": 20_000}):
        ahead = chamber.z - events["truth_z"].astype(np.float64)
        inside = np.zeros((len(events), 2), dtype=np.bool_)
        for track in range(2):
            px, py, pz = (events[f"Truth_p{side}"].reshape(-1, 2)[:, track].astype(np.float64) for side in "xyz")
            radius = np.hypot(events["truth_x"] + px / pz * ahead, events["truth_y"] + py / pz * ahead)
            inside[:, track] = (radius < 1000.0) & (ahead > 0)
        one = np.flatnonzero(inside.sum(axis=1) == 1)
        lonely += len(one)
        chosen = np.unique(selection.visible.rows.index[selection.passed()])
        accepted += len(chosen)
        assert not np.intersect1d(one, chosen).size
    assert lonely > 200
    assert accepted > 200
