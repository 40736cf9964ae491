"""Base of every configuration model, and the quantities that such a model is made of."""

from __future__ import annotations

import math
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from na62dump import units
from na62dump.errors import ConfigurationError


class Settings(BaseModel):
    """A frozen table of a TOML file: no unknown keys, no missing ones, no silent conversion, no plain number that is not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A TOML array, frozen."""


def _quantity(dimension: str) -> BeforeValidator:
    return BeforeValidator(lambda text: units.parse(text, dimension))


def _any(text: object) -> float:
    value = units.parse_any(text)
    if math.isnan(value):
        msg = f"{text!r} is not a quantity: write a number"
        raise ConfigurationError(msg)
    return value


_Float = Annotated[float, Field(allow_inf_nan=True)]  # a text with a unit may say "inf"; it cannot say NaN

Length = Annotated[_Float, _quantity("length")]
"""A length, mm."""
Time = Annotated[_Float, _quantity("time")]
"""A time, ns."""
Energy = Annotated[_Float, _quantity("energy")]
"""An energy, MeV."""
Momentum = Annotated[_Float, _quantity("momentum")]
"""A momentum, MeV/c."""
Angle = Annotated[_Float, _quantity("angle")]
"""An angle or a slope, rad."""
Rate = Annotated[_Float, _quantity("rate")]
"""A rate, 1/ns."""
LengthMomentum = Annotated[_Float, _quantity("length times momentum")]
"""A length that falls as one over the momentum, mm MeV/c."""
Value = Annotated[_Float, BeforeValidator(_any)]
"""A quantity of any dimension in its base unit, or a pure number."""
