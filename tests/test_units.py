from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import units
from na62dump.errors import ConfigurationError

EVERY_UNIT = [(dimension, unit) for dimension, known in units.DIMENSIONS.items() for unit in known]


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("20 mm", "length", 20.0),
        ("-4 m", "length", -4000.0),
        ("1.5e2 um", "length", 0.15),
        (" 5  ns ", "time", 5.0),
        ("4.8 s", "time", 4.8e9),
        (".5 GeV", "energy", 500.0),
        ("270 MeV/c", "momentum", 270.0),
        ("3 mrad", "angle", 0.003),
        ("1 MHz", "rate", 0.001),
        ("2 mm GeV/c", "length times momentum", 2000.0),
        ("inf mm", "length", math.inf),
        ("-inf mm", "length", -math.inf),
    ],
)
def test_text_with_a_unit_becomes_a_number_in_base_units(text: str, dimension: str, value: float) -> None:
    assert units.parse(text, dimension) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", [20, 20.0, None, True, "", "20", "20mm", "mm 20", "20 mm mm", "twenty mm", "nan mm"])
def test_what_is_no_length_is_refused_with_the_units_allowed(text: object) -> None:
    with pytest.raises(ConfigurationError, match=r"um, mm, cm, m, km"):
        units.parse(text, "length")


def test_a_unit_of_another_dimension_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"'20 ns' has the unit 'ns', which is no length; allowed: um, mm"):
        units.parse("20 ns", "length")


def test_units_are_case_sensitive() -> None:
    with pytest.raises(ConfigurationError, match=r"unit 'MM', which is no length"):
        units.parse("20 MM", "length")


@pytest.mark.parametrize(("dimension", "unit"), EVERY_UNIT)
@given(number=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e200, max_value=1e200))
def test_every_unit_scales_any_number(dimension: str, unit: str, number: float) -> None:
    expected = number * units.DIMENSIONS[dimension][unit]
    assert units.parse(f"{number!r} {unit}", dimension) == expected
    assert units.parse_any(f"{number!r} {unit}") == expected


def test_a_unit_belongs_to_one_dimension() -> None:
    names = [unit for _, unit in EVERY_UNIT]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("given_value", "value"), [(3, 3.0), (0.25, 0.25), ("2 GeV", 2000.0)])
def test_any_quantity_may_also_be_a_pure_number(given_value: object, value: float) -> None:
    assert units.parse_any(given_value) == value


@pytest.mark.parametrize("text", [True, None, "3", "3 parsec", [3]])
def test_what_is_no_quantity_of_any_kind_is_refused(text: object) -> None:
    with pytest.raises(ConfigurationError, match=r"is not a quantity: write a number, a space and a unit \(um, mm"):
        units.parse_any(text)
