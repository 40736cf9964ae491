"""Verdicts on a published number and ours."""

from __future__ import annotations

import pytest

from na62dump.errors import ConfigurationError
from na62dump.studies.reproduction.comparison import numbers, words


@pytest.mark.parametrize(
    ("ours", "tolerance", "verdict"),
    [(1.05, 0.1, "agrees"), (0.9, 0.05, "differs"), (float("nan"), 0.1, "differs"), (1.0, None, "not comparable")],
)
def test_numbers_agree_within_the_tolerance(ours: float, tolerance: float | None, verdict: str) -> None:
    line = numbers("x", published=1.0, ours=ours, tolerance=tolerance)
    assert line.verdict == verdict
    assert line.difference == pytest.approx(ours - 1.0, nan_ok=True)
    assert line.kind == "predicted"


def test_a_negative_tolerance_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="tolerance -1 of 'x': it must be 0 or above"):
        numbers("x", published=1.0, ours=1.0, tolerance=-1.0)


@pytest.mark.parametrize(
    ("published", "ours", "verdict"),
    [("a", "a", "agrees"), (3, 4, "differs"), (None, 1.0, "not comparable"), (1.0, None, "not comparable")],
)
def test_words_agree_if_they_are_the_same(
    published: str | float | None, ours: str | float | None, verdict: str
) -> None:
    line = words("x", published=published, ours=ours, kind="input")
    assert (line.verdict, line.difference, line.kind) == (verdict, None, "input")
