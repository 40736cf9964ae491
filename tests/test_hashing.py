from __future__ import annotations

import numpy as np

from na62dump.hashing import uniform


def names(n: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.stack([np.arange(n) // 7, np.arange(n) % 7], axis=1)


def test_numbers_are_flat_and_independent_of_their_neighbours() -> None:
    drawn = uniform(62, names(200_000))
    counts = np.histogram(drawn, bins=100, range=(0, 1))[0]
    assert ((counts - 2000) ** 2 / 2000).sum() < 150  # chi-squared of 99 degrees of freedom
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.01


def test_a_number_depends_on_its_name_and_seed_alone() -> None:
    drawn = uniform(62, names(1000))
    order = np.random.default_rng(1).permutation(1000)
    assert np.array_equal(uniform(62, names(1000)[order]), drawn[order])
    assert not np.any(uniform(63, names(1000)) == drawn)
    assert uniform(62, names(8)[:, ::-1].copy())[1] != drawn[1]
