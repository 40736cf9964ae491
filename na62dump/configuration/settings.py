"""Base of every configuration model, and the quantities that such a model is made of."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from na62dump import units


class Settings(BaseModel):
    """A frozen table of a TOML file: no unknown keys, no missing ones, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=True)


T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A TOML array, frozen."""


def _quantity(dimension: str) -> BeforeValidator:
    return BeforeValidator(lambda text: units.parse(text, dimension))


Length = Annotated[float, _quantity("length")]
"""A length, mm."""
Time = Annotated[float, _quantity("time")]
"""A time, ns."""
Energy = Annotated[float, _quantity("energy")]
"""An energy, MeV."""
Momentum = Annotated[float, _quantity("momentum")]
"""A momentum, MeV/c."""
Angle = Annotated[float, _quantity("angle")]
"""An angle or a slope, rad."""
Rate = Annotated[float, _quantity("rate")]
"""A rate, 1/ns."""
LengthMomentum = Annotated[float, _quantity("length times momentum")]
"""A length that falls as one over the momentum, mm MeV/c."""
Value = Annotated[float, BeforeValidator(units.parse_any)]
"""A quantity of any dimension in its base unit, or a pure number."""
