from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from na62dump.planning.planner import _edges


@given(st.lists(st.integers(1, 300), max_size=12), st.integers(1, 400))
def test_units_cover_every_event_once_and_respect_clusters(sizes: list[int], limit: int) -> None:
    clusters = [0]
    for size in sizes:
        clusters.append(clusters[-1] + size)
    edges = list(_edges(tuple(clusters), limit))
    assert edges[0] == 0
    assert edges[-1] == clusters[-1]
    for start, stop in pairwise(edges):
        assert 0 < stop - start <= limit
        if stop not in clusters:
            # a cut within a cluster only where no boundary is within reach
            assert not any(start < edge <= start + limit for edge in clusters)
