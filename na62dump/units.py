"""The house's units: MeV = MeV/c = mm = ns = rad = 1; text such as ``"20 mm"`` becomes a number here."""

from __future__ import annotations

import re

from na62dump.errors import ConfigurationError

LENGTH = {"um": 1e-3, "mm": 1.0, "cm": 10.0, "m": 1e3, "km": 1e6}
TIME = {"ps": 1e-3, "ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9}
ENERGY = {"eV": 1e-6, "keV": 1e-3, "MeV": 1.0, "GeV": 1e3, "TeV": 1e6}
MOMENTUM = {f"{unit}/c": factor for unit, factor in ENERGY.items()}
ANGLE = {"urad": 1e-6, "mrad": 1e-3, "rad": 1.0}
RATE = {"Hz": 1e-9, "kHz": 1e-6, "MHz": 1e-3, "GHz": 1.0}
LENGTH_MOMENTUM = {"mm GeV/c": 1e3, "mm MeV/c": 1.0}
LENGTH_PER_MOMENTUM = {"m/(GeV/c)": 1.0, "mm/(MeV/c)": 1.0}
AREA = {"nb": 1e-31, "ub": 1e-28, "mb": 1e-25, "b": 1e-22, "mm^2": 1.0}
INVERSE_ENERGY = {"1/TeV": 1e-6, "1/GeV": 1e-3, "1/MeV": 1.0}
INVERSE_ENERGY_SQUARED = {"1/GeV^2": 1e-6, "1/MeV^2": 1.0}
ENERGY_SQUARED = {"GeV^2": 1e6, "MeV^2": 1.0}
DENSITY = {"g/cm^3": 1e-3, "g/mm^3": 1.0}
STOPPING_POWER = {"MeV cm^2/g": 1e2, "MeV mm^2/g": 1.0}
MEMORY = {"MB": 1.0, "GB": 1e3, "TB": 1e6}

DIMENSIONS: dict[str, dict[str, float]] = {
    "length": LENGTH,
    "time": TIME,
    "energy": ENERGY,
    "momentum": MOMENTUM,
    "angle": ANGLE,
    "rate": RATE,
    "length times momentum": LENGTH_MOMENTUM,
    "length per momentum": LENGTH_PER_MOMENTUM,
    "area": AREA,
    "inverse energy": INVERSE_ENERGY,
    "inverse energy squared": INVERSE_ENERGY_SQUARED,
    "energy squared": ENERGY_SQUARED,
    "density": DENSITY,
    "stopping power": STOPPING_POWER,
    "memory": MEMORY,
}

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf)\s+(\S.*?)\s*")


def parse(text: object, dimension: str) -> float:
    """Number in base units that a text with a unit stands for.

    Parameters
    ----------
    text : object
        Text such as ``"20 mm"`` or ``"-4 m"``; anything else is refused.
    dimension : str
        A key of `DIMENSIONS`.

    Returns
    -------
    float
        The value in mm, ns, MeV, MeV/c, rad or 1/ns.

    Raises
    ------
    ConfigurationError
        If the text is no number with a unit of that dimension.
    """
    units = DIMENSIONS[dimension]
    allowed = ", ".join(units)
    match = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        msg = f"{text!r} is no {dimension}: write a number, a space and a unit ({allowed})"
        raise ConfigurationError(msg)
    if match[2] not in units:
        msg = f"{text!r} has the unit '{match[2]}', which is no {dimension}; allowed: {allowed}"
        raise ConfigurationError(msg)
    return float(match[1]) * units[match[2]]


def seconds(time: float) -> float:
    """A time (ns) in s, for clocks, batch systems and libraries."""
    return time / TIME["s"]


def parse_any(text: object) -> float:
    """Number in base units that a text with a unit of any dimension stands for.

    Parameters
    ----------
    text : object
        Text such as ``"20 mm"`` or ``"5 GeV"``; a plain number stands for itself.

    Returns
    -------
    float
        The value in mm, ns, MeV, MeV/c, rad or 1/ns; or the pure number.

    Raises
    ------
    ConfigurationError
        If the text is no number with a known unit.
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    match = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    for dimension, known in DIMENSIONS.items():
        if match is not None and match[2] in known:
            return parse(text, dimension)
    allowed = ", ".join(unit for known in DIMENSIONS.values() for unit in known)
    msg = f"{text!r} is not a quantity: write a number, a space and a unit ({allowed})"
    raise ConfigurationError(msg)
