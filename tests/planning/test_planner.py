from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import ConfigurationError
from na62dump.planning import load_samples
from na62dump.planning.planner import _edges

if TYPE_CHECKING:
    from pathlib import Path


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


def test_two_samples_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("A", "B"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.toml").write_text('kind = "data"\nlabel = "x"\nfiles = ["*.root"]\n')
    names = [str(tmp_path / folder / "s.toml") for folder in ("A", "B")]
    with pytest.raises(ConfigurationError, match=r"two samples are called 's': .*A/s.toml and .*B/s.toml; rename"):
        load_samples(names, near=tmp_path)
    assert list(load_samples(names[:1], near=tmp_path)) == ["s"]
