from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from na62dump.configuration import load_text, read_toml
from na62dump.errors import ConfigurationError
from na62dump.geometry import Geometry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tables(repository: Path) -> dict[str, Any]:
    return copy.deepcopy(read_toml(repository / "config" / "experiment" / "geometry.toml"))


def test_the_shipped_geometry_is_good(tables: dict[str, Any]) -> None:
    assert load_text(tables, Geometry, where="g.toml").anti0.r_min == 0.0


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("muv3", "tiles_per_side", -12),
        ("muv3", "inner_cells", 0),
        ("muv3", "inner_tiles_per_side", 0),
        ("muv3", "tile_side", "0 mm"),
        ("muv3", "half_side", "-1320 mm"),
        ("chod", "brick_width", "-134 mm"),
        ("chod", "brick_height", "0 mm"),
        ("chod", "skipped_bricks", -1),
        ("chod", "r_min", "-1 mm"),
        ("chod", "r_max", "0 mm"),
        ("lkr", "apothem", "-1130 mm"),
    ],
)
def test_sizes_and_numbers_are_positive(tables: dict[str, Any], table: str, key: str, value: object) -> None:
    tables[table][key] = value
    with pytest.raises(ConfigurationError, match=rf"g\.toml: key '{table}\.{key}' = .*should be greater than"):
        load_text(tables, Geometry, where="g.toml")


@pytest.mark.parametrize(
    ("table", "key"),
    [("straw", "r_max"), ("straw", "hole_half_width"), ("lav", "r_inner"), ("lav", "r_outer")],
)
def test_sizes_of_every_chamber_and_station_are_positive(tables: dict[str, Any], table: str, key: str) -> None:
    tables[table][2][key] = "-1 mm"
    with pytest.raises(ConfigurationError, match=rf"g\.toml: key '{table}\.2\.{key}' = .*should be greater than 0"):
        load_text(tables, Geometry, where="g.toml")


def test_rows_of_bricks_have_bricks(tables: dict[str, Any]) -> None:
    tables["chod"]["rows"][0][0] = 0
    with pytest.raises(ConfigurationError, match=r"key 'chod\.rows\.0\.0' = 0: Input should be greater than 0"):
        load_text(tables, Geometry, where="g.toml")
