from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.configuration import load, load_text
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.regions import OUTSIDE, UNDEFINED, Box, Plane, Planes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EDGE = st.floats(-100, 100)
COORDINATE = st.one_of(st.floats(-150, 150), st.just(float("nan")), st.just(float("inf")), st.integers(-100, 100))


@st.composite
def shapes(draw: st.DrawFn, number: int) -> dict[str, object]:
    common = {"name": f"R{number}", "hidden": draw(st.booleans()), "opens_after": []}
    if draw(st.booleans()):
        x, y = (sorted(draw(st.tuples(EDGE, EDGE).filter(lambda pair: pair[0] != pair[1]))) for _ in range(2))
        return common | {"shape": "box", "x": mm(x), "y": mm(y)}
    axes = draw(st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)))
    return common | {"shape": "ellipse", "centre": mm(draw(st.tuples(EDGE, EDGE))), "semi_axes": mm(axes)}


def mm(values: Iterable[float]) -> list[str]:
    return [f"{value!r} mm" for value in values]


@st.composite
def planes(draw: st.DrawFn) -> Plane:
    regions = [draw(shapes(number)) for number in range(draw(st.integers(1, 5)))]
    regions[-1]["hidden"] = True
    return load_text({"columns": ["cda_tax", "z_tax"], "region": regions}, Plane, where="test")


def inside(region: dict[str, Any], x: float, y: float) -> bool:
    """Plainest definition, on what the configuration says."""
    if region["shape"] == "box":
        return bool(region["x"][0] <= x <= region["x"][1] and region["y"][0] <= y <= region["y"][1])
    (cx, cy), (a, b) = region["centre"], region["semi_axes"]
    return bool(((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 <= 1)


@given(planes(), st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=20))
def test_every_point_is_in_exactly_one_region_the_first_that_holds_it(
    plane: Plane, points: list[tuple[float, float]]
) -> None:
    x, y = np.array(points, dtype=np.float64).T
    found = plane.classify(x, y)
    assert len(found) == len(points)
    for (px, py), number in zip(points, found, strict=True):
        holding = [region.name for region in plane.region if inside(region.model_dump(), px, py)]
        expected = UNDEFINED if np.isnan(px) or np.isnan(py) else [*holding, OUTSIDE][0]
        assert plane.names[number] == expected


@pytest.fixture(scope="session")
def mumu(repository: Path) -> Plane:
    return load(repository / "config" / "regions.toml", Planes)["mumu"]


def test_published_boundaries(mumu: Plane) -> None:
    x = np.array([0, 19.9, 20.1, 149, 151, 0, 0, 0, 0, 239, 356, 576, 578])
    y = np.array([23, 23, 23, 23, 23, 5.9, 40.1, -4.1, 50.1, 23, 23, 23, 23]) * 1e3
    names = [mumu.names[i] for i in mumu.classify(x, y)]
    assert names == [
        "SR", "SR", "CR", "CR", "CR1", "CR", "CR", "CR1", "CR1", "CR1", "CR2", "CR3", OUTSIDE,
    ]  # fmt: skip
    assert mumu.hidden == {"SR", "CR"}


def test_areas_give_the_published_expectations(mumu: Plane) -> None:
    # flat density 2.3e-5 per mm m; expectations 0.016, 0.17, 0.29, 0.58, 1.70
    areas: list[float] = []
    for region in mumu.region:
        assert isinstance(region, Box)
        areas.append(region.x[1] * (region.y[1] - region.y[0]) / 1e3 - sum(areas))
    expected = np.array([0.016, 0.17, 0.29, 0.58, 1.70])
    np.testing.assert_allclose(2.3e-5 * np.array(areas), expected, rtol=0.03)
    assert areas[1] / areas[0] == pytest.approx(10.9, abs=0.05)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"columns": ["cda_tex", "z_tax"]}, "did you mean 'cda_tax'"),
        ({"region": [{"name": "outside"}]}, "must differ"),
        ({"region": [{"name": "A"}, {"name": "A"}]}, "must differ"),
        ({"region": [{"name": "A", "opens_after": ["B"]}]}, "opens_after names no region 'B'"),
        (
            {"region": [{"name": "A", "opens_after": ["B"]}, {"name": "B", "hidden": False}]},
            "opens_after names 'B', which is not hidden",
        ),
        ({"region": [{"x": ["0 mm", "20"]}]}, "'20' is no length"),
        ({"region": [{"shape": "blob"}]}, "blob"),
        ({"region": [{"x": ["20 mm", "0 mm"]}]}, "must be below the high edge"),
        ({"region": [{"x": ["20 mm", "20 mm"]}]}, "must be below the high edge"),
        ({"region": [{"y": [6, 40]}]}, "6 is no length: write a number, a space and a unit"),
        ({"region": [{"y": ["6 ns", "40 ns"]}]}, "has the unit 'ns', which is no length"),
        ({"region": []}, "no region has hidden = true: data would not be blinded"),
        ({"region": [{"hidden": False}]}, "no region has hidden = true: data would not be blinded"),
    ],
)
def test_inconsistent_regions_are_refused(change: dict[str, Any], told: str) -> None:
    base = {"name": "R", "hidden": True, "opens_after": [], "shape": "box", "x": ["0 mm", "1 mm"], "y": ["0 m", "1 m"]}
    tables = {"columns": ["cda_tax", "z_tax"]} | change
    tables["region"] = [base | region for region in change.get("region", [{}])]
    with pytest.raises(ConfigurationError, match=told):
        load_text(tables, Plane, where="regions.toml")


@pytest.mark.parametrize("size", ["0 mm", "-3 mm", "inf mm"])
def test_an_ellipse_has_a_size(size: str) -> None:
    ellipse = {"name": "R", "hidden": True, "opens_after": [], "shape": "ellipse", "centre": ["0 mm", "0 m"]}
    tables = {"columns": ["cda_tax", "z_tax"], "region": [ellipse | {"semi_axes": ["1 mm", size]}]}
    with pytest.raises(ConfigurationError, match="semi_axes"):
        load_text(tables, Plane, where="regions.toml")


def test_regions_come_back_from_json(mumu: Plane) -> None:
    assert Plane.model_validate_json(mumu.model_dump_json()) == mumu


def test_an_unknown_table_is_answered_with_the_nearest(repository: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'mumu'"):
        load(repository / "config" / "regions.toml", Planes)["mumuu"]
