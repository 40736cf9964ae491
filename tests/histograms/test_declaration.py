from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import units
from na62dump.configuration import load, load_text
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.histograms import Axis, Declarations, Histogram

SHIPPED = Path(__file__).parents[2] / "config" / "histograms.toml"
MASS: dict[str, Any] = {
    "variable": "mass",
    "unit": "MeV",
    "bins": 10,
    "low": "0 MeV",
    "high": "1 GeV",
    "label": "$m$",
}
RATIO: dict[str, Any] = {"variable": "plus.e_over_p", "unit": "", "low": 0, "high": 1.2}


def declared(axis: dict[str, Any] | None = None, histogram: dict[str, Any] | None = None) -> Declarations:
    tables = {
        "axes": {"mass": MASS | (axis or {})},
        "histograms": {"m": {"axes": ["mass"], "stage": "selected"} | (histogram or {})},
    }
    return load_text(tables, Declarations, where="h.toml")


def test_shipped_file_is_good() -> None:
    declarations = load(SHIPPED, Declarations)
    assert len(declarations.histograms) >= 11
    used = {axis for histogram in declarations.histograms.values() for axis in histogram.axes}
    assert used == set(declarations.axes)


def test_edges_are_in_the_unit_of_the_axis() -> None:
    axis = declared().axes["mass"]
    assert (axis.low, axis.high, axis.factor, axis.title) == (0.0, 1000.0, 1.0, "$m$ [MeV]")
    axis = declared({"unit": "GeV", "low": "300 MeV"}).axes["mass"]
    assert (axis.low, axis.high, axis.factor, axis.title) == (0.3, 1.0, 1000.0, "$m$ [GeV]")


def test_pure_numbers_have_no_unit() -> None:
    axis = declared(RATIO).axes["mass"]
    assert (axis.low, axis.high, axis.factor, axis.title) == (0.0, 1.2, 1.0, "$m$")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "MeVV"}, r"h\.toml: key 'axes\.mass\.unit': unknown unit 'MeVV'; did you mean 'MeV'\?"),
        ({"low": 0}, r"key 'axes\.mass\.low': 0 is no energy: write a number, a space and a unit"),
        ({"low": "0 mm"}, r"key 'axes\.mass\.low': '0 mm' has the unit 'mm', which is no energy"),
        ({"high": "0 MeV"}, r"key 'axes\.mass': low = 0\.0 must be below high = 0\.0 \(MeV\)"),
        ({"bins": 0}, r"key 'axes\.mass\.bins' = 0: .*greater than or equal to 1"),
        (RATIO | {"low": "0 MeV"}, r"key 'axes\.mass\.low' = '0 MeV': Input should be a valid number"),
        ({"varible": "x"}, r"unknown key 'axes\.mass\.varible'"),
        ({"variable": "mas"}, r"key 'axes\.mass\.variable': a candidate has no quantity 'mas'; did you mean 'mass'\?"),
        (
            {"variable": "legs.mass"},
            r"key 'axes\.mass\.variable': a candidate has no quantity .*'legs\.NAME' stands for",
        ),
        ({"variable": "e_over_p"}, r"key 'axes\.mass\.variable': a candidate has no quantity 'e_over_p'"),
        (
            {"unit": "ns", "low": "0 ns", "high": "1 ns"},
            r"key 'axes\.mass\.unit': 'ns' is no unit of 'mass'; it must be one of eV, keV, MeV, GeV, TeV",
        ),
        ({"unit": "", "low": 0.0, "high": 1.0}, r"'' is no unit of 'mass'; it must be one of eV"),
        ({"variable": "legs.p"}, r"'MeV' is no unit of 'legs\.p'; it must be one of eV/c"),
        ({"variable": "n_lav"}, r"'MeV' is no unit of 'n_lav'; it must be empty: it is a pure number"),
        ({"high": "inf MeV"}, r"key 'axes\.mass\.high' = inf: Input should be a finite number"),
        (RATIO | {"high": float("nan")}, r"key 'axes\.mass\.high' = nan: Input should be a finite number"),
    ],
)
def test_wrong_axis_is_refused_with_file_key_and_fix(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        declared(change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axes": ["mas"]}, r"key 'histograms': histogram 'm' has the unknown axis 'mas'; did you mean 'mass'\?"),
        ({"axes": []}, r"key 'histograms\.m\.axes': \[\] must be one axis or two different ones"),
        ({"axes": ["mass", "mass"]}, "must be one axis or two different ones"),
        ({"axes": ["mass", "a", "b"]}, "must be one axis or two different ones"),
        (
            {"stage": "sellected"},
            r"key 'histograms\.m\.stage': 'sellected' is no stage; write 'visible', 'selected' or",
        ),
        ({"stage": "all but "}, "'all but ' is no stage"),
    ],
)
def test_wrong_histogram_is_refused_with_file_key_and_fix(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        declared(histogram=change)


@pytest.mark.parametrize("name", ["sample", "weight", "dataset", "variation", "region"])
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"the name '{name}' is taken"):
        load_text({"axes": {name: MASS}, "histograms": {}}, Declarations, where="h.toml")


def test_wrong_axis_does_not_also_blame_the_histogram() -> None:
    with pytest.raises(ConfigurationError, match="bins") as caught:
        declared({"bins": 0})
    assert "\n" not in str(caught.value)


def test_stage_names_the_requirement_left_out() -> None:
    assert Histogram(axes=("mass",), stage="all but E/p").without == "E/p"
    assert Histogram(axes=("mass",), stage="visible").without is None
    declarations = declared(histogram={"stage": "all but E/p"})
    declarations.check_stages(["one vertex", "E/p"])
    with pytest.raises(
        ConfigurationError, match=r"histogram 'm': stage 'all but E/p' names no requirement .*'E / p'\?"
    ):
        declarations.check_stages(["one vertex", "E / p"])


def test_some_histograms_come_with_their_axes_in_the_order_of_the_file() -> None:
    shipped = load(SHIPPED, Declarations)
    some = shipped.only(["p", "plane"])
    assert list(some.histograms) == ["plane", "p"]
    assert list(some.axes) == ["z_tax", "cda_tax", "p"]
    assert some.axes_of("p") == shipped.axes_of("p")
    assert shipped.only(list(shipped.histograms)) == shipped
    with pytest.raises(UnknownNameError, match=r"no histogram 'plain' is declared; did you mean 'plane'\?"):
        shipped.only(["p", "plain"])


@pytest.mark.parametrize(
    ("change", "group"),
    [
        (RATIO | {"variable": "legs.e_over_p"}, "legs"),
        ({"variable": "photons.energy"}, "photons"),
        (RATIO, ""),
        ({"variable": "photon2.energy"}, ""),
    ],
)
def test_what_is_filled_together(change: dict[str, Any], group: str) -> None:
    assert declared(change).axes["mass"].group == group


QUANTITIES = {"length": "cda", "time": "dt", "energy": "mass", "momentum": "plus.p", "angle": "opening_angle"}
ALL_UNITS = sorted((unit, variable) for name, variable in QUANTITIES.items() for unit in units.DIMENSIONS[name])


@given(low=st.floats(-1e6, 1e6), width=st.floats(1, 1e6), of=st.sampled_from([("", "charge"), *ALL_UNITS]))
def test_stored_axes_come_back_the_same(low: float, width: float, of: tuple[str, str]) -> None:
    unit, variable = of
    edges = {"low": f"{low!r} {unit}", "high": f"{low + width!r} {unit}"} if unit else {"low": low, "high": low + width}
    axis = Axis.model_validate(MASS | {"variable": variable, "unit": unit} | edges)
    assert (axis.low, axis.high) == (low, low + width)
    assert Axis.model_validate(axis.model_dump(mode="json")) == axis
