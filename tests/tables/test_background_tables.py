from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from na62dump import tables
from na62dump.background.closures import closure
from tests.plotting.background_samples import NAMES, VETOES, backgrounds, checks, estimates

if TYPE_CHECKING:
    from na62dump.tables import Table


def rows_of(table: Table, **asked: str) -> list[dict[str, Any]]:
    """Rows as a program reads them, of which some columns are chosen."""
    rows: list[dict[str, Any]] = json.loads(json.dumps(table.to_json()))["rows"]
    return [row for row in rows if all(row[name.replace("_", " ")] == value for name, value in asked.items())]


def test_estimates_are_by_region_and_mechanism_with_all_digits() -> None:
    table = tables.backgrounds(backgrounds())
    assert [row[:2] for row in table.rows] == [(region, e.mechanism) for region in NAMES for e in estimates()]
    assert "hidden in data: SR, CR" in table.title
    combinatorial = estimates()[0]
    (row,) = rows_of(table, region="SR", mechanism="combinatorial")
    assert row["expected"] == combinatorial.expected[0]
    assert row["statistical"] == combinatorial.statistical[0]
    assert np.hypot(row["statistical"], row["systematic"]) == pytest.approx(combinatorial.uncertainty[0])
    assert row["upper limit (90% CL)"] is None
    (limited,) = rows_of(table, region="SR", mechanism="neutrino")
    assert limited["upper limit (90% CL)"] == 0.007
    told = {(row["region"], row["mechanism"]) for row in rows_of(table) if row["scaled to its data"] == "yes"}
    assert told == {("outside", "neutrino")}


def test_systematic_uncertainties_are_by_source() -> None:
    found = rows_of(tables.systematics(backgrounds()), mechanism="prompt", source="prompt normalisation")
    assert [row["region"] for row in found] == list(NAMES)
    assert [row["relative"] for row in found] == pytest.approx([1.0] * len(NAMES))
    assert rows_of(tables.systematics(backgrounds()), mechanism="neutrino", region="SR")[0]["relative"] is None


def test_inputs_stay_lists_for_programs_and_are_short_for_people() -> None:
    table = tables.inputs(backgrounds())
    assert table.rows[0] == ("combinatorial", "method", "by hand")
    assert rows_of(table, mechanism="combinatorial", input="rows")[0]["value"] == list(range(12))
    assert rows_of(table, mechanism="prompt", input="vetoes.LAV")[0]["value"] == [0.02, 0.01]
    assert rows_of(table, mechanism="neutrino", input="side_inverted")[0]["value"] == []
    assert "$0$, $1$, $2$, $3$, $4$, $5$, $6$, $7$, ... (12 in all)" in tables.latex(table)


def test_checks_have_their_ratio_for_each_region_and_together() -> None:
    table = tables.checks(backgrounds())
    bands = rows_of(table, check="time side bands")
    assert [row["region"] for row in bands] == ["CR1", "VR", "outside", "all of these"]
    whole = closure(checks()[:3])
    assert whole is not None
    assert (bands[-1]["observed / expected"], bands[-1]["error"]) == (whole.ratio, whole.error)
    assert bands[1]["observed / expected"] == 21 / 19
    assert rows_of(table, check="ABCD", region="CR1")[0]["observed / expected"] is None
    assert len(rows_of(table, check="same charge")) == 1


def test_fits_and_suppression() -> None:
    before, after = rows_of(tables.veto_fits(backgrounds()))
    assert (before["rows"], before["prompt"], before["error"]) == (210, 152.0, 9.2)
    assert after["upper limit of prompt (90% CL)"] == 4.4
    anti0, lav = rows_of(tables.suppression(backgrounds()))
    assert (lav["share left"], lav["upper limit (90% CL)"], lav["why not measured"]) == (0.003, 0.03, None)
    assert (anti0["share left"], anti0["why not measured"]) == (None, VETOES["suppression"]["ANTI0 veto"]["reason"])
    assert (before["vetoes"], after["vetoes"]) == ("without", "with")
    assert tables.veto_fits(backgrounds()).title.startswith("Pairs within 16 ns by the time difference")
    assert tables.veto_fits(backgrounds()).title.endswith("vetoes: LAV veto")


def test_without_fits_rows_are_counted() -> None:
    (before, after) = rows_of(tables.veto_fits(backgrounds(vetoes={})))
    assert (before["rows"], before["prompt"], after["accidental"]) == (210, None, None)
    assert tables.suppression(backgrounds(vetoes={**VETOES, "suppression": {}})).rows == ()


def test_all_of_them_leave_out_what_is_empty() -> None:
    titles = [table.title.split(";")[0] for table in tables.of_backgrounds(backgrounds())]
    assert len(titles) == 9
    assert titles[0] == "Expected and observed counts"
    assert titles[-1] == "Remarks"
    empty = backgrounds(estimates=(), inverted=(), joint={}, checks=(), vetoes={}, times={}, remarks=())
    assert [len(table.rows) for table in tables.of_backgrounds(empty)] == [0, 0]


def test_every_table_is_latex() -> None:
    for table in tables.of_backgrounds(backgrounds()):
        lines = tables.latex(table).splitlines()
        assert {line.count(" & ") for line in lines if line.endswith("\\\\")} == {len(table.columns) - 1}
