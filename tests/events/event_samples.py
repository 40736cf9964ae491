"""Events for tests, and what it means that two are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np
import uproot
from hypothesis import strategies as st

from na62dump.datasets import Burst
from na62dump.events import COLUMNS, TREE, Events, Writer, collections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BURST = Burst(run=8001, burst=3, pot=4.5e12, duration_ns=4.8e9, good=True)


def sample(n: int, *, seed: int = 0, mean: float = 1.5, names: Sequence[str] = tuple(COLUMNS)) -> Events:
    random = np.random.default_rng(seed)
    offsets = {
        name: np.concatenate([[0], np.cumsum(random.poisson(mean, n))]).astype(np.int64)
        for name in collections(names)
        if name
    }
    columns = {}
    for name in names:
        entry = COLUMNS[name]
        size = int(offsets[entry.collection][-1]) if entry.collection else n
        columns[name] = values(random, entry.dtype, size)
    return Events(n, columns, offsets)


def values(random: np.random.Generator, dtype: str, size: int) -> NDArray[Any]:
    if dtype == "float32":
        return random.normal(scale=1000, size=size).astype(np.float32)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, size=size, dtype=dtype, endpoint=True)


def any_events() -> st.SearchStrategy[Events]:
    return st.builds(
        lambda n, seed, mean: sample(n, seed=seed, mean=mean),
        st.integers(0, 12),
        st.integers(0, 2**16),
        st.sampled_from([0.0, 0.3, 3.0]),
    )


def write(path: Path, events: Events, **options: Any) -> Path:  # noqa: ANN401 - options of Writer
    with Writer(path, columns=list(events.columns), provenance={"simulated": True}, **options) as writer:
        writer.extend(events)
        writer.write_bursts([BURST])
    return path


def write_raw(path: Path, branches: Mapping[str, Any], *, tree: str = TREE) -> Path:
    """TTree of exactly these branches, each jagged one with its own counter."""
    with uproot.recreate(path) as file:
        types = {name: array.type if isinstance(array, ak.Array) else array.dtype for name, array in branches.items()}
        file.mktree(tree, types).extend(dict(branches))
    return path


def lists(events: Events, name: str, change: Callable[[NDArray[Any]], NDArray[Any]] = np.asarray) -> ak.Array:
    index = ak.index.Index64(events.offsets[COLUMNS[name].collection])
    return ak.Array(ak.contents.ListOffsetArray(index, ak.contents.NumpyArray(change(events[name]))))


def assert_same(ours: Events, theirs: Events) -> None:
    assert ours.n == theirs.n
    assert set(ours.columns) == set(theirs.columns)
    assert set(ours.offsets) == set(theirs.offsets)
    for name, flat in ours.columns.items():
        assert flat.dtype == np.dtype(COLUMNS[name].dtype) == theirs[name].dtype
        assert flat.flags.c_contiguous
        np.testing.assert_array_equal(flat, theirs[name], err_msg=name)
    for name, edges in ours.offsets.items():
        assert edges.dtype == np.int64
        np.testing.assert_array_equal(edges, theirs.offsets[name], err_msg=name)
