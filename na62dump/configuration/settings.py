"""Base of every configuration model, and the quantities that such a model is made of."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from na62dump import units
from na62dump.errors import ConfigurationError, UnknownNameError, nearest

_SHOWN = 100
"""Characters of a name in a message."""


class Settings(BaseModel):
    """A frozen table of a TOML file: no unknown keys, no missing ones, no silent conversion, no plain number that is not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A TOML array, frozen."""


def check_file_name(text: str) -> str:
    """Refuse a name that leads to another file than the one of that name: into a folder, or to any TOML file.

    Parameters
    ----------
    text : str
        A name that stands in some file.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ConfigurationError
        If it has a folder, an ending ``.toml`` or a control character.
    """
    if PurePath(text).name != text or text == ".." or "\\" in text or text.endswith(".toml") or not text.isprintable():
        msg = f"{text[:_SHOWN]!r} is no plain name: it leads to another place; give a name without folder and ending"
        raise ConfigurationError(msg)
    return text


FileName = Annotated[str, AfterValidator(check_file_name)]
"""A text that becomes the name of a file: it leads into no other folder."""


def one_line(text: str) -> str:
    """Refuse what would be more than the one line that it is written into, or not all seen.

    Parameters
    ----------
    text : str
        What goes into a script or a submit file.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ConfigurationError
        If it has a line break, or another character that is not printed.
    """
    hidden = sorted({f"U+{ord(sign):04X}" for sign in text if not sign.isprintable()})
    if hidden:
        msg = f"{text[:_SHOWN]!r} has line breaks or other control characters ({', '.join(hidden)}); write one line of plain text"
        raise ConfigurationError(msg)
    return text


Line = Annotated[str, AfterValidator(one_line)]
"""One line of text, all of it seen."""


def _quantity(dimension: str) -> BeforeValidator:
    return BeforeValidator(lambda text: units.parse(text, dimension))


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
LengthPerMomentum = Annotated[_Float, _quantity("length per momentum")]
"""A length over a momentum, mm/(MeV/c)."""
Area = Annotated[_Float, _quantity("area")]
"""A cross section, mm^2."""
InverseEnergy = Annotated[_Float, _quantity("inverse energy")]
"""One over an energy, 1/MeV."""
InverseEnergySquared = Annotated[_Float, _quantity("inverse energy squared")]
"""One over the square of an energy, 1/MeV^2."""
EnergySquared = Annotated[_Float, _quantity("energy squared")]
"""The square of an energy, MeV^2."""
Density = Annotated[_Float, _quantity("density")]
"""A density, g/mm^3."""
StoppingPower = Annotated[_Float, _quantity("stopping power")]
"""An energy lost per column density, MeV mm^2/g."""
Memory = Annotated[_Float, _quantity("memory")]
"""Memory of a computer, MB."""


def number(settings: Settings, key: str) -> Any:  # noqa: ANN401 - whatever the model has there
    """A value, or a group of values, in settings within settings.

    Parameters
    ----------
    settings : Settings
        Such as the numbers of a search.
    key : str
        Names with dots, such as ``"tracks.dt_pair_max"``.

    Returns
    -------
    object
        In base units.

    Raises
    ------
    UnknownNameError
        If there is no such key.
    """
    found: Any = settings
    for part in key.split("."):
        known = type(found).model_fields if isinstance(found, Settings) else {}
        if part not in known:
            msg = f"there is no number '{key}': no '{part}'; {nearest(part, known)}"
            raise UnknownNameError(msg)
        found = getattr(found, part)
    return found
