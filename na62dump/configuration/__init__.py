"""The shape of the TOML files: frozen models, strict keys, units written out."""

from na62dump.configuration.loading import load, load_text, read_toml
from na62dump.configuration.locate import find, names, roots, shipped
from na62dump.configuration.settings import (
    Angle,
    Area,
    Density,
    Energy,
    EnergySquared,
    InverseEnergy,
    InverseEnergySquared,
    Length,
    LengthMomentum,
    LengthPerMomentum,
    Many,
    Momentum,
    Rate,
    Settings,
    StoppingPower,
    Time,
)

__all__ = [
    "Angle",
    "Area",
    "Density",
    "Energy",
    "EnergySquared",
    "InverseEnergy",
    "InverseEnergySquared",
    "Length",
    "LengthMomentum",
    "LengthPerMomentum",
    "Many",
    "Momentum",
    "Rate",
    "Settings",
    "StoppingPower",
    "Time",
    "find",
    "load",
    "load_text",
    "names",
    "read_toml",
    "roots",
    "shipped",
]
