from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from na62dump import tables
from na62dump.inference.exclusion.scan import limits, scan
from na62dump.inference.settings import settings
from tests.inference.scan_samples import MASSES, counted, numbers, signal


def test_each_curve_of_each_search_has_its_reach() -> None:
    made = limits(
        signal({"mumu": numbers(), "ee": numbers()}), [counted(), counted("ee", observed=None)], settings=settings()
    )
    table = tables.limits(made)
    rows = table.to_json()["rows"]
    assert [row["search"] for row in rows] == ["mumu"] * 6 + ["ee"] * 5 + ["mumu + ee"] * 5
    first = rows[0]
    assert first["limit"] == "observed"
    assert first["from mass [MeV]"] == MASSES[0]
    assert first["from epsilon"] < 1e-6 < first["to epsilon"]
    assert first["goes on beyond"] == "lowest mass"
    assert made.scans[0].observed is not None
    assert first["points"] == np.sum(made.scans[0].events > made.scans[0].observed)
    for words in ("90% CL", "1.4e+17 protons", "20% on protons", "theory uncertainty not included"):
        assert words in table.title


def test_each_mass_has_its_limits() -> None:
    made = limits(signal(), [counted(observed=1)], settings=settings())
    rows = tables.limits_by_mass(made, most=None).to_json()["rows"]
    assert [row["mass [MeV]"] for row in rows] == MASSES.tolist()
    assert len(tables.limits_by_mass(made).rows) == 8
    assert rows[0]["counts"] == 1
    assert rows[0]["sigma (local)"] == pytest.approx(2.41, abs=0.01)
    assert rows[0]["expected limit"] < rows[0]["observed limit"]
    assert len(rows[0]["excluded epsilon"]) == 1
    assert (rows[-1]["excluded epsilon"], rows[-1]["best epsilon"]) == (None, None)


def test_hidden_counts_are_not_told() -> None:
    made = limits(signal(), [counted(observed=None)], settings=settings(), projected=1e16)
    assert {(row[4], row[5], row[8]) for row in tables.limits_by_mass(made).rows} == {(None, None, None)}
    assert "projected from 1e+16 to 1.4e+17" in tables.limits(made).title


def test_a_background_of_which_nothing_is_known_is_named() -> None:
    made = limits(signal(), [replace(counted(), missing=("mumu upstream", "mumu prompt"))], settings=settings())
    for table in (tables.limits(made), tables.limits_by_mass(made)):
        assert table.title.endswith("not included; no estimate of: mumu upstream, mumu prompt")
    assert (
        "no estimate" not in tables.limits(replace(made, scans=(scan(signal(), counted(), settings=settings()),))).title
    )


def test_nothing_excluded_is_a_row_too() -> None:
    made = limits(signal({"mumu": 1e-9 * numbers()}), [counted()], settings=settings())
    row = tables.limits(made).to_json()["rows"][0]
    assert (row["regions"], row["points"], row["from mass [MeV]"]) == (0, 0, None)


@pytest.mark.parametrize("method", ["bayesian", "feldman-cousins"])
def test_the_method_is_named(method: str) -> None:
    chosen = settings().model_copy(update={"method": method})
    one = limits(signal(error=0.0), [counted()], settings=chosen)
    assert method in tables.limits(one).title
