from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from na62dump.configuration import load, load_text
from na62dump.errors import ConfigurationError
from na62dump.events import Renames

if TYPE_CHECKING:
    from pathlib import Path


def renames(columns: dict[str, Any]) -> Renames:
    return load_text({"columns": columns}, Renames, where="columns.toml")


def test_shipped_file_renames_nothing(repository: Path) -> None:
    shipped = load(repository / "config" / "experiment" / "columns.toml", Renames)
    assert shipped == Renames()
    assert shipped.sources == {}


@pytest.mark.parametrize(
    ("column", "unit", "factor"),
    [
        ("Track_p", "GeV/c", 1000.0),
        ("Track_p", "MeV/c", 1.0),
        ("LKr_x", "cm", 10.0),
        ("LKr_energy", "GeV", 1000.0),
        ("Track_dxdz", "mrad", 1e-3),
        ("trigger_time", "25 ns", 25.0),
        ("burst_time", "25 ns", 1.0),
        ("burst_time", "ns", 0.04),
        ("burst_time", "s", 4e7),
    ],
)
def test_unit_becomes_a_factor(column: str, unit: str, factor: float) -> None:
    source = renames({"theirs": {"column": column, "unit": unit}}).sources[column]
    assert source.key == "theirs"
    assert source.factor == pytest.approx(factor, rel=1e-15)


def test_factor_is_taken_as_it_is() -> None:
    assert renames({"theirs": {"column": "Track_p", "factor": 2}}).sources["Track_p"].factor == 2


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"a": {"column": "Track_pp"}},
            "columns.toml: key 'columns.a': unknown column 'Track_pp'; did you mean 'Track_p'",
        ),
        ({"a": {"column": "run"}, "b": {"column": "run"}}, "'a' and 'b' are both called 'run'; one column has one"),
        ({"a": {"column": "Track_p", "unit": "mm"}}, "'1.0 mm' has the unit 'mm', which is no momentum; allowed: eV/c"),
        ({"a": {"column": "run", "unit": "mm"}}, "unit = 'mm': the column is a pure number; take the unit away"),
        ({"a": {"column": "Track_p", "unit": "GeV/c", "factor": 1.0}}, "are both given; write one of them"),
        ({"a": {"column": "Track_p", "factor": 0.0}}, "factor = 0.0 must be finite and not zero"),
        (
            {"a": {"column": "Track_p", "factor": float("nan")}},
            "key 'columns.a.factor' = nan: Input should be a finite number",
        ),
        ({"a": {"column": "Track_p", "units": "mm"}}, "unknown key 'columns.a.units'"),
        ({"a": {}}, "key 'columns.a.column' is missing"),
    ],
)
def test_mistakes_are_named(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        renames(columns)
