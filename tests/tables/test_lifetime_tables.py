"""Table of limits on a product of branching ratios."""

from __future__ import annotations

from na62dump import tables
from tests.inference.lifetime_samples import LIFETIMES, limits, scan


def test_each_search_and_mass_has_its_best_lifetime() -> None:
    table = tables.limits_lifetimes(limits(scan("mumu"), scan("ee")))
    assert [row[:2] for row in table.rows] == [
        (name, mass) for name in ("mumu", "ee") for mass in (220.0, 500.0, 1500.0)
    ]
    best, observed, expected = table.rows[0][2:5]
    assert isinstance(best, float)
    assert isinstance(observed, float)
    assert isinstance(expected, float)
    assert LIFETIMES[0] < best < LIFETIMES[-1]
    assert observed > expected
    assert table.rows[2][2:] == (None,) * (len(table.columns) - 2)
    assert "90% CL (cls)" in table.title
