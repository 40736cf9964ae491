from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import archives
from na62dump.errors import InputFileError
from na62dump.inference.exclusion.exclusions import best, contour_files, exclusion, to_json
from na62dump.inference.exclusion.limits import KIND, Limits, band_name
from na62dump.inference.exclusion.scan import limits
from na62dump.inference.settings import settings
from tests.inference.scan_samples import counted, numbers, signal

if TYPE_CHECKING:
    from pathlib import Path


def made(*, hidden: bool = False) -> Limits:
    countings = [
        replace(counted(observed=None if hidden else 1), systematic={"halo": 0.001 * np.ones(30)}),
        replace(counted("ee", observed=0, event=7), missing=("ee upstream",)),
    ]
    return limits(signal({"mumu": numbers(), "ee": 2 * numbers()}), countings, settings=settings(), data="Data")


@pytest.mark.parametrize("hidden", [False, True])
def test_a_file_keeps_everything(tmp_path: Path, *, hidden: bool) -> None:
    whole = made(hidden=hidden)
    path = tmp_path / "limits.zip"
    path.write_bytes(whole.dumps({"a": 1}))
    back = Limits.load(path)
    assert archives.kind_of(path) == KIND
    assert back.dumps({"a": 1}) == whole.dumps({"a": 1}) == made(hidden=hidden).dumps({"a": 1})
    for one, other in zip(whole.scans, back.scans, strict=True):
        for field in fields(one.counting):
            np.testing.assert_equal(getattr(other.counting, field.name), getattr(one.counting, field.name))
        np.testing.assert_equal(other.observed, one.observed)
        np.testing.assert_equal(other.p_values, one.p_values)
    assert back.widths == whole.widths
    assert (back.scans[-1].observed is None) == hidden


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(archives.pack("yields", {}, arrays={}, provenance={}))
    with pytest.raises(InputFileError, match="give a file that 'na62dump limit' wrote"):
        Limits.load(path)


def test_a_file_whose_arrays_do_not_fit_is_refused(tmp_path: Path) -> None:
    whole = made()
    path = tmp_path / "x.zip"
    path.write_bytes(replace(whole, masses=whole.masses[:-1]).dumps({}))
    with pytest.raises(InputFileError, match="is damaged"):
        Limits.load(path)


def test_every_curve_has_its_file() -> None:
    whole = made()
    files = contour_files(whole)
    curves = ("observed", "expected", "minus2", "minus1", "plus1", "plus2")
    folders = ("contours", "contours/mumu", "contours/ee")
    assert set(files) == {"contour.csv", *(f"{folder}/{curve}.csv" for folder in folders for curve in curves)}
    assert files["contour.csv"] == files["contours/observed.csv"] != files["contours/expected.csv"]
    rows = list(csv.reader(io.StringIO(files["contours/mumu/observed.csv"])))
    assert rows[0] == ["mass_mev", "coupling_low", "coupling_high"]
    assert len(rows) - 1 == len(exclusion(whole, whole.scans[0], curve="observed").intervals)


def test_searches_that_are_not_combined_have_no_common_contour() -> None:
    whole = made()
    apart = replace(whole, scans=whole.scans[:2])
    assert (whole.main, apart.main) == (whole.scans[-1], None)
    assert {name.rpartition("/")[0] for name in contour_files(apart)} == {"contours/mumu", "contours/ee"}
    assert to_json(apart)["contour"] is None


def test_nothing_that_is_hidden_is_written() -> None:
    whole = made(hidden=True)
    files = contour_files(whole)
    assert files["contour.csv"] == files["contours/expected.csv"]
    assert {name for name in files if "observed" in name} == {"contours/ee/observed.csv"}
    told = to_json(whole)
    assert told["contour"] == "expected"
    assert not {"counts", "p_values"} & set(told["scans"][0])
    assert "observed" not in told["scans"][-1]["excluded"]


def test_the_object_is_json_and_says_what_it_is() -> None:
    told = json.loads(json.dumps(to_json(made()), allow_nan=False))
    assert told["contour"] == "observed"
    assert told["scans"][0]["windows"][0] == [[None, None]]
    assert told["scans"][0]["counts"] == [1] * 30
    assert told["scans"][-1]["excluded"]["observed"]["extents"]["open"] == ["lowest mass"]
    assert told["scans"][-1]["name"] == "mumu + ee"
    assert told["scans"][0]["p_values"] == pytest.approx([0.0159] * 30, rel=0.01)
    assert [one["missing"] for one in told["scans"]] == [[], ["ee upstream"], ["ee upstream"]]


def test_the_best_point_is_where_most_signal_is_over_its_limit() -> None:
    whole = made()
    scan = whole.scans[0]
    assert scan.observed is not None
    for row, at in enumerate(best(whole, scan, curve="observed")):
        assert at.events / at.limit == np.max(scan.events[row] / scan.observed[row])
        column = whole.couplings.tolist().index(at.coupling)
        assert at.events == scan.events[row, column]


@pytest.mark.parametrize(("width", "name"), [(-2.0, "minus2"), (1.0, "plus1"), (1.5, "plus1.5")])
def test_bands_have_names(width: float, name: str) -> None:
    assert band_name(width) == name


@pytest.mark.parametrize(
    ("included", "words"),
    [
        (("protons", "statistical"), "includes 20% on protons and simulated decays; theory uncertainty not included"),
        (("theory",), "theory uncertainty included"),
        ((), "theory uncertainty not included"),
    ],
)
def test_limits_say_what_they_include(included: tuple[str, ...], words: str) -> None:
    assert replace(made(), included=included).uncertainties == words
